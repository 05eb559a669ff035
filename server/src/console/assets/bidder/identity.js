// Who is signed in here, and the key of this browser that signs bids. The key's private half cannot
// be read by anybody, this script included; one key belongs to one account for good.

import { Refused, ask, useToken } from "./api.js";
import * as passkey from "./passkey.js";
import { unsubscribe } from "./push.js";
import { get, write } from "./store.js";
import { signedIn, signedOut, waitingCount } from "./outbox.js";
import { base64Of, signedBytes, utf8 } from "./wire.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** @typedef {{ id: string, key: CryptoKeyPair, public_key: string }} Device */

/** @type {any} The session that this page was loaded with. */
let shown = null;

/** Tells the other tabs who is signed in. Another person there loads this one again; the same one on the
 * same device has a new token, and what stands in a form stays. */
const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("toruk-bidder-session") : null;
others?.addEventListener("message", async () => {
  const now = await get("kept", "session");
  if (now?.person === shown?.person && now?.device === shown?.device) useToken(now?.token ?? null);
  else location.reload();
});

/** @returns {Promise<Device>} */
async function newDevice() {
  const key = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const raw = await crypto.subtle.exportKey("raw", key.publicKey);
  return { id: crypto.randomUUID(), key, public_key: base64Of(new Uint8Array(raw)) };
}

/** The device's signature over a payload, base64. @param {Device} device @param {string} type @param {any} fields */
export async function sign(device, type, fields) {
  const { bytes } = await signedBytes({ type, fields });
  const usage = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(usage, device.key.privateKey, utf8(bytes));
  return base64Of(new Uint8Array(signature));
}

/**
 * Ends a ceremony. `sure` is asked before what waits here of another person is lost.
 * @param {string} ceremony @param {any} credential @param {Device | undefined} known @param {string} path @param {Sure} sure
 */
async function finish(ceremony, credential, known, path, sure) {
  const device = known ?? (await newDevice());
  const { id, public_key } = device;
  const proof = await sign(device, "toruk/device/v1", { ceremony, device: id, public_key });
  const offered = { id, platform: "web", public_key };
  const session = await ask("POST", path, { body: { ceremony, credential, device: offered, proof } });
  const before = await get("kept", "session");
  const lost = before && before.person !== session.person ? await waitingCount() : 0;
  if (lost > 0 && !(await sure(lost))) {
    // The device is the account's already: it must not use up another one the next time.
    await write([["kept", `device/${credential.id}`, device]]);
    const headers = { Authorization: `Bearer ${session.token}` };
    await ask("DELETE", "/v1/sessions/current", { headers }).catch(() => null);
    throw new DOMException("kept", "NotAllowedError");
  }
  // What is shown of the former person, and what would still come, ends first.
  if (before && before.person !== session.person) await unsubscribe().catch(() => null);
  await signedIn(session, !known, [
    ["kept", "session", session],
    // By the passkey that opens the account, so that a second account here gets its own.
    ["kept", `device/${credential.id}`, device],
    ["kept", "device", device],
  ]);
  useToken(session.token);
  others?.postMessage("changed");
  return session;
}

/** @typedef {(count: number) => Promise<boolean>} Sure */

/** Makes an account with a passkey. @param {string} name @param {string} language @param {Sure} sure */
export async function register(name, language, sure) {
  const { ceremony, options } = await ask("POST", "/v1/registrations", { body: { name, language } });
  const credential = await passkey.create(options, "registration");
  return finish(ceremony, credential, undefined, "/v1/registrations/finish", sure);
}

/** Signs in with a passkey that the person chooses. A device that was revoked is replaced by a new one, once. @param {Sure} sure */
export async function signIn(sure) {
  const attempt = async () => {
    const { ceremony, options } = await ask("POST", "/v1/sessions", { body: { credential_id: null } });
    const credential = await passkey.get(options, "sign-in");
    const known = await get("kept", `device/${credential.id}`);
    try {
      return await finish(ceremony, credential, known, "/v1/sessions/finish", sure);
    } catch (error) {
      if (!known || !(error instanceof Refused) || error.code !== "device_revoked") throw error;
      await write([["kept", `device/${credential.id}`, undefined]]);
      return null;
    }
  };
  return (await attempt()) ?? attempt();
}

/** The session that this browser has; null if nobody is signed in. @returns {Promise<any>} */
export async function session() {
  const known = await get("kept", "session");
  useToken(known?.token ?? null);
  shown = known ?? null;
  return shown;
}

/** @returns {Promise<Device>} */
export const device = () => get("kept", "device");

/** Ends the session, and forgets what belongs to the person. */
export async function signOut() {
  await unsubscribe().catch(() => null);
  await ask("DELETE", "/v1/sessions/current").catch(() => null);
  await signedOut();
  useToken(null);
  others?.postMessage("changed");
}
