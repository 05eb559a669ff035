// What is signed, hashed and verified, as `sync/README.md` has it. The vectors of
// `tests/conformance` are answered by this module too, under node.

const { subtle } = globalThis.crypto;

export const utf8 = (text) => new TextEncoder().encode(text);
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
export const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));
export const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const same = (one, other) => hexOf(one) === hexOf(other);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function hashed(algorithm, ...parts) {
  return new Uint8Array(await subtle.digest(algorithm, joined(...parts)));
}

export const sha256 = (...parts) => hashed("SHA-256", ...parts);

/** Keys sorted by code point, which is not the order of UTF-16 that `sort` has by itself. */
function inOrder(one, other) {
  const [left, right] = [[...one], [...other]].map((word) => word.map((each) => each.codePointAt(0)));
  const at = left.findIndex((point, place) => point !== right[place]);
  if (at < 0) return left.length - right.length;
  return (left[at] ?? -1) - (right[at] ?? -1);
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort(inOrder);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

export async function signedBytes({ type, fields }) {
  const bytes = `${type}\n${canonical(fields)}`;
  const digest = await sha256(utf8(bytes));
  const challenge = base64Of(digest).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return { bytes, sha256: hexOf(digest), challenge };
}

/** Whether a signature holds; a key or signature that is none does not. */
async function holds(key, usage, verification, signature, bytes) {
  try {
    const imported = await subtle.importKey("raw", key, usage, false, ["verify"]);
    return await subtle.verify(verification, imported, signature, bytes);
  } catch {
    return false;
  }
}

/** The public key of RFC 8032's first example. */
const KNOWN_KEY = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
/** @type {Promise<boolean> | null} */
let known = null;

/** Whether this browser has the signatures of receipts (Ed25519), which older ones lack. @returns {Promise<boolean>} */
export function canCheckReceipts() {
  known ??= subtle.importKey("raw", KNOWN_KEY, "Ed25519", false, ["verify"]).then(() => true, () => false);
  return known;
}

async function ecdsa({ public_key, bytes, signature }) {
  const [usage, verification] = [
    { name: "ECDSA", namedCurve: "P-256" },
    { name: "ECDSA", hash: "SHA-256" },
  ];
  const [key, signed] = [bytesOf(public_key), bytesOf(signature)];
  if (key.length !== 65 || signed.length !== 64) return { valid: false };
  return { valid: await holds(key, usage, verification, signed, utf8(bytes)) };
}

async function parsedKey(text) {
  const [name, , ...typed] = text.split("+");
  const key = bytesOf(typed.join("+"));
  const id = (await sha256(utf8(name), utf8("\n"), key)).slice(0, 4);
  return { name, id, key: key.slice(1), origin: name.slice(0, name.lastIndexOf("/receipt/")) };
}

export async function receiptKey({ key }) {
  const { name, id, origin } = await parsedKey(key);
  return { name, origin, id: hexOf(id) };
}

/** The root that a leaf's path leads to in an RFC 6962 tree; none if it does not fit. */
async function climbed(leaf, at, size, path) {
  if (at >= size) return null;
  const left = [...path];
  let reached = leaf;
  for (let [index, last] = [at, size - 1]; last > 0; index >>= 1, last >>= 1) {
    if (index % 2 === 0 && index >= last) continue;
    const beside = left.shift();
    if (beside === undefined) return null;
    const pair = index % 2 === 1 ? [beside, reached] : [reached, beside];
    reached = await sha256(Uint8Array.of(1), ...pair);
  }
  return left.length === 0 ? reached : null;
}

const PROOF = "\nc2sp.org/tlog-proof@v1\n";

export async function isSound(text, operator) {
  const at = text.indexOf(PROOF);
  if (at < 0) return false;
  const [said, proof] = [text.slice(0, at), text.slice(at + PROOF.length)];
  const [place, ...rest] = proof.split("\n\n");
  const note = rest.join("\n\n");
  const [indexLine, ...path] = place.split("\n");
  const end = note.lastIndexOf("\n\n");
  const [signed, signatures] = [note.slice(0, end), note.slice(end + 2)];
  const [first, size, root, ...more] = signed.split("\n");
  const { name, id, key, origin } = await parsedKey(operator);
  const kinds = [`${origin}/receipt/v1`, `${origin}/application-receipt/v1`];
  if (first !== `${origin}/receipt-batch/v1` || !kinds.includes(said.split("\n")[0])) return false;
  if (more.length > 0 || !/^index \d+$/.test(indexLine) || !/^\d+$/.test(size)) return false;
  const leaf = await sha256(Uint8Array.of(0), utf8(said));
  const index = Number(indexLine.slice("index ".length));
  const reached = await climbed(leaf, index, Number(size), path.map(bytesOf));
  if (reached === null || !same(reached, bytesOf(root))) return false;
  for (const line of signatures.split("\n").filter((each) => each !== "")) {
    const [, signer, typed] = line.split(" ");
    const signature = bytesOf(typed);
    if (signer !== name || !same(signature.slice(0, 4), id)) continue;
    return holds(key, "Ed25519", "Ed25519", signature.slice(4), utf8(`${signed}\n`));
  }
  return false;
}

async function receipt({ text, key }) {
  try {
    return { valid: await isSound(text, key) };
  } catch {
    return { valid: false };
  }
}

export function receiptText({ receipt: { body, index, path, note }, origin }) {
  let decision = body.decision;
  if (decision !== "accepted") {
    let reason = decision.refused;
    if (typeof reason === "object") {
      const [[name, detail]] = Object.entries(reason);
      reason = `${name} ${detail.required}`;
    }
    decision = `refused ${reason}`;
  }
  const line = (name, field = name) => `${name} ${body[field] ?? "none"}`;
  const lines = [
    `${origin}/receipt/v1`,
    ...["auction", "bid", "bidder", "amount"].map((name) => line(name)),
    decision,
    line("received", "received_at"),
    line("decided", "decided_at"),
    ...["seq", "head", "round", "price", "deadline"].map((name) => line(name)),
    ...["", "c2sp.org/tlog-proof@v1", `index ${index}`, ...path, "", note],
  ];
  return { text: lines.join("\n") };
}

async function digest({ rows }) {
  let sum = 0n;
  for (const row of rows) {
    const start = (await sha256(utf8(row.join("\n")))).slice(0, 8);
    sum ^= BigInt(`0x${hexOf(start)}`);
  }
  return { rows: rows.length, sum_text: sum.toString() };
}

async function log({ records }) {
  let head = new Uint8Array(32);
  for (const record of records) {
    head = await sha256(Uint8Array.of(0), head, utf8(canonical(record)));
  }
  return { head: hexOf(head) };
}

export async function opHash({ operation }) {
  return { hash: hexOf(await sha256(utf8(canonical(operation)))) };
}

export const uuidBytes = (text) => unhex(text.replaceAll("-", ""));
const OID_NAMESPACE = "6ba7b812-9dad-11d1-80b4-00c04fd430c8";

export async function draftId({ person, auction }) {
  const name = [utf8("toruk draft v1"), uuidBytes(person), uuidBytes(auction)];
  const id = (await hashed("SHA-1", uuidBytes(OID_NAMESPACE), ...name)).slice(0, 16);
  id[6] = (id[6] & 0x0f) | 0x50;
  id[8] = (id[8] & 0x3f) | 0x80;
  const hex = hexOf(id);
  const ends = [8, 12, 16, 20, 32];
  return { id: ends.map((end, part) => hex.slice(ends[part - 1] ?? 0, end)).join("-") };
}

async function commitment({ salt, application }) {
  return { commitment: hexOf(await sha256(unhex(salt), uuidBytes(application))) };
}

const ANSWERS = {
  signed_bytes: signedBytes,
  ecdsa,
  receipt,
  receipt_text: receiptText,
  receipt_key: receiptKey,
  log,
  op_hash: opHash,
  draft_id: draftId,
  digest,
  commitment,
};

/** The answer to one vector, or null for a kind that is not known here. */
export async function answer(kind, input) {
  return Object.hasOwn(ANSWERS, kind) ? await ANSWERS[kind](input) : null;
}
