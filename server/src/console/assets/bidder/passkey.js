// Passkeys: the server's options as the browser takes them, its answers as JSON, and what a
// challenge is for.

import { base64Of, bytesOf, signedBytes } from "./wire.js";

/** @param {string} text base64url */
const bytes = (text) => bytesOf(text.replace(/-/g, "+").replace(/_/g, "/"));
/** @param {ArrayBuffer} buffer */
const text = (buffer) => base64Of(new Uint8Array(buffer)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

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

/** That a challenge is for this purpose: signing in must sign nothing else. @param {any} options @param {string} purpose */
function checked({ publicKey }, purpose) {
  const challenge = bytes(publicKey.challenge);
  const prefix = new TextEncoder().encode(`toruk/${purpose}/v1\n`);
  const begins = prefix.every((byte, at) => challenge[at] === byte);
  if (!begins || challenge.length <= 32) throw new Error("another purpose");
  return { ...publicKey, challenge };
}

/** @param {any} options @param {string} purpose */
export async function create(options, purpose) {
  const publicKey = checked(options, purpose);
  publicKey.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  publicKey.excludeCredentials = named(publicKey.excludeCredentials);
  return encoded(await navigator.credentials.create({ publicKey }));
}

/** @param {any} options @param {string} purpose */
export async function get(options, purpose) {
  const publicKey = checked(options, purpose);
  publicKey.allowCredentials = named(publicKey.allowCredentials);
  return encoded(await navigator.credentials.get({ publicKey }));
}

/**
 * Signs what the person has read: the challenge is the hash of its canonical bytes. Needs no
 * connection.
 * @param {any} session @param {string} type @param {any} fields @returns {Promise<any>} A `Confirmation`.
 */
export async function confirm(session, type, fields) {
  const { challenge } = await signedBytes({ type, fields });
  const allowed = session.credential_id ? [{ type: "public-key", id: bytes(session.credential_id) }] : [];
  const publicKey = {
    challenge: bytes(challenge),
    rpId: session.rp_id,
    allowCredentials: allowed,
    userVerification: "required",
    timeout: 60_000,
  };
  return { passkey: { credential: encoded(await navigator.credentials.get({ publicKey })) } };
}
