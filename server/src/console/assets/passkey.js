// A passkey's ceremony: asks the server for a challenge, lets the device answer it, hands the
// answer back. Every failure is told in words that the page brought with it.

const bytes = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
};

const text = (buffer) => {
  let binary = "";
  for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

/** The server's JSON options as the browser takes them. */
function decoded({ publicKey, mediation: _ignored }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
  options.excludeCredentials = named(options.excludeCredentials);
  options.allowCredentials = named(options.allowCredentials);
  return { publicKey: options };
}

/** The browser's answer as JSON. */
function encoded(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) answer[part] = text(response[part]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: answer,
    extensions: credential.getClientExtensionResults(),
  };
}

class Told extends Error {}

async function post(url, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.status === 204) return null;
  const content = await answer.json();
  if (!answer.ok) throw new Told(content.message);
  return content;
}

/** The token of a one-time link: it is in the fragment, which browsers never send. */
const hasToken = (form) => "roleOf" in form.dataset || "code" in form.dataset;
const invited = (form) => (hasToken(form) ? { invitation: location.hash.slice(1) } : {});

/** Shows the role of the invitation, or that it can't be used. */
async function showRole(form) {
  const { role } = await post(form.dataset.roleOf, invited(form));
  document.querySelector("[data-role]").textContent = role;
}

/** Keeps the token when the language changes, and reads another link's in the same tab. */
function keepInvitation() {
  for (const languages of document.querySelectorAll("form.languages")) {
    languages.action += location.hash;
  }
  addEventListener("hashchange", () => location.reload());
}

async function ceremony(form) {
  const typed = Object.fromEntries(new FormData(form));
  const { ceremony, options } = await post(form.dataset.start, { ...invited(form), ...typed });
  const wanted = decoded(options);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create(wanted)
    : await navigator.credentials.get(wanted);
  const answer = { ...invited(form), ceremony, credential: encoded(credential) };
  const made = await post(form.dataset.finish, answer);
  if (made?.url) return location.assign(made.url);
  const place = form.querySelector("[data-made]");
  if (!place) return location.assign(form.dataset.next ?? "/console");
  // Shown once, here: it must be in no address that a server sees.
  place.querySelector("input").value = made.link;
  place.querySelector("[data-until]").textContent = made.until;
  place.hidden = false;
}

function words(form, key) {
  return form.querySelector("template[data-words]").content
    .querySelector(`[data-key="${key}"]`).textContent;
}

function reason(form, error) {
  if (error instanceof Told) return error.message;
  if (error.name === "InvalidStateError") return words(form, "exists");
  if (error instanceof DOMException) return words(form, "refused");
  return words(form, "network");
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const [button, status] = [form.querySelector("button"), form.querySelector("[data-status]")];
  const failure = form.querySelector("[data-failure]");
  const fail = (message) => {
    failure.textContent = message;
    failure.hidden = false;
  };
  if (hasToken(form)) keepInvitation();
  if (form.dataset.roleOf) {
    showRole(form).catch((error) => fail(reason(form, error)));
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.hidden = true;
    if (!window.PublicKeyCredential) return fail(words(form, "unsupported"));
    button.disabled = true;
    status.textContent = words(form, "waiting");
    try {
      await ceremony(form);
    } catch (error) {
      fail(reason(form, error));
    }
    button.disabled = false;
    status.textContent = "";
  });
}
