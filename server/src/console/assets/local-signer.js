// Asks a program on this computer to sign what a form is about, and sends the form with the
// signature as its file. The program is at the one address that the server is configured with; what
// it is sent and has to answer is in SIGNER.md.

const VERSION = 1;
const WITHIN_MS = 120_000;
const SIGNATURE_CHARS_MAX = 128 * 1024;

class Refused extends Error {
  constructor(key) {
    super(key);
    this.key = key;
  }
}

const base64 = (bytes) => {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Exactly the bytes to sign, as the server has them. */
async function content(form) {
  const answer = await fetch(form.dataset.content);
  if (!answer.ok) throw new Refused("network");
  return new Uint8Array(await answer.arrayBuffer());
}

/** The program's signature over `bytes`, in base64. */
async function signature(form, bytes) {
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const asked = { version: VERSION, purpose: form.dataset.purpose, content: base64(bytes), sha256 };
  let answer;
  try {
    answer = await fetch(form.dataset.localSigner, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch (_error) {
    throw new Refused("unavailable");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.error === "cancelled" ? "cancelled" : "failed");
  const made = said.signature;
  const isText = typeof made === "string" && made.length > 0 && made.length <= SIGNATURE_CHARS_MAX;
  if (!isText) throw new Refused("failed");
  return made;
}

async function sign(form) {
  const made = await signature(form, await content(form));
  const files = new DataTransfer();
  files.items.add(new File([made], "signature.p7s"));
  form.querySelector("input[type=file]").files = files.files;
  form.submit();
}

for (const form of document.querySelectorAll("form[data-local-signer]")) {
  const button = form.querySelector("[data-sign-locally]");
  const [status, failure] = ["status", "failure"].map((key) => form.querySelector(`[data-${key}]`));
  const words = (key) => form.querySelector("template[data-words]").content
    .querySelector(`[data-key="${key}"]`).textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    failure.hidden = true;
    button.disabled = true;
    status.textContent = words("waiting");
    try {
      await sign(form);
    } catch (error) {
      failure.textContent = words(error instanceof Refused ? error.key : "network");
      failure.hidden = false;
      button.disabled = false;
      status.textContent = "";
    }
  });
}
