// Opens web pushes as a browser does (RFC 8291), with node's own cryptography: for each line of JSON with
// the browser's keys and a sealed content, a line with the content, or null.

import { createDecipheriv, createECDH, createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const bytes = (text) => Buffer.from(text, "base64url");
const hmac = (key, ...parts) => parts.reduce((hash, part) => hash.update(part), createHmac("sha256", key)).digest();
const derived = (salt, secret, info, length) => hmac(hmac(salt, secret), info, Buffer.of(1)).subarray(0, length);

function opened({ private_key, auth, body }) {
  const sealed = bytes(body);
  const [salt, length] = [sealed.subarray(0, 16), sealed[20]];
  const [theirs, content] = [sealed.subarray(21, 21 + length), sealed.subarray(21 + length)];
  const own = createECDH("prime256v1");
  own.setPrivateKey(bytes(private_key));
  const shared = own.computeSecret(theirs);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), own.getPublicKey(), theirs]);
  const secret = derived(bytes(auth), shared, info, 32);
  const key = derived(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derived(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
  const cipher = createDecipheriv("aes-128-gcm", key, nonce);
  cipher.setAuthTag(content.subarray(-16));
  const plain = Buffer.concat([cipher.update(content.subarray(0, -16)), cipher.final()]);
  const end = plain.lastIndexOf(2);
  return plain.subarray(end + 1).every((byte) => byte === 0) ? plain.subarray(0, end).toString() : null;
}

for await (const line of createInterface({ input: process.stdin })) {
  let said = null;
  try {
    said = opened(JSON.parse(line));
  } catch {
    // Not for this browser.
  }
  console.log(JSON.stringify(said));
}
