// Chains an auction's public log in the reader's own browser, and compares its end with the page.
// Only what the server has sent is believed: a change of any record changes the head.

const PAGE = 1_000;
/** Pages at most: more records than any auction has. */
const PAGES_MAX = 200;

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Keys by code point, which is not the order that `sort` has by itself. */
function inOrder(one, other) {
  const [left, right] = [[...one], [...other]].map((word) => word.map((each) => each.codePointAt(0)));
  const at = left.findIndex((point, place) => point !== right[place]);
  if (at < 0) return left.length - right.length;
  return (left[at] ?? -1) - (right[at] ?? -1);
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort(inOrder);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

async function link(head, record) {
  const said = utf8(canonical(record));
  const whole = new Uint8Array(1 + head.length + said.length);
  whole.set(head, 1);
  whole.set(said, 1 + head.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/** The head of the first `records` of an auction's log; null if the server has fewer. */
async function headOf(auction, records) {
  let head = new Uint8Array(32);
  let seen = 0;
  for (let page = 0; page < PAGES_MAX && seen < records; page += 1) {
    const answer = await fetch(`/v1/auctions/${auction}/log?after=${seen}&limit=${PAGE}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const log = await answer.json();
    if (log.length === 0) return null;
    for (const record of log.slice(0, records - seen)) {
      if (record.seq !== seen + 1) return null;
      head = await link(head, record);
      seen += 1;
    }
  }
  return seen === records ? hex(head) : null;
}

const place = document.querySelector("[data-check]");
const words = (key) => place.querySelector("template").content.querySelector(`[data-key="${key}"]`).textContent;
const [run, said] = [place.querySelector("[data-run]"), place.querySelector("[data-said]")];

function tell(key, tone) {
  said.textContent = words(key);
  said.dataset.tone = tone;
}

run.addEventListener("click", async () => {
  run.disabled = true;
  tell("working", "");
  const [records, head] = ["records", "head"].map((name) => document.querySelector(`[data-${name}]`).textContent.trim());
  try {
    const found = await headOf(place.dataset.check, Number(records));
    if (found === head) tell("holds", "good");
    else tell("differs", "bad");
  } catch {
    tell("failed", "bad");
  }
  run.disabled = false;
});
place.hidden = !globalThis.crypto?.subtle;
