// Sends what waits, and gets what the server has of the person: one run at a time in all tabs.

import { NoAnswer, Refused, ask, isToken, request } from "./api.js";
import { fileName } from "./answers.js";
import * as drafts from "./draft.js";
import { Replaced, aloneFor, answered, draft, edited, enqueued, erased, fileFate, takeBack, waitingCount } from "./outbox.js";
import { unsubscribe } from "./push.js";
import { all, get, keys, write } from "./store.js";
import { base64Of, hexOf, sha256, utf8 } from "./wire.js";

const OPS_AT_ONCE = 100;
const PART_BYTES = 256 * 1024;
/** How long another tab sends at most before this one does. */
const SENDING_MS = 120_000;
/** Until what waits is tried again; each failure doubles it. */
const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** Refusals of a file that say nothing of the file: by their status, or by their code. */
const PASSING = [401, 408, 409, 429];
const PASSING_CODE = "limit_reached";

/** How a run ends after which this browser's session is over. */
export const OVER = ["signed_out", "device_revoked"];

/** The next number of this device. One that was known before has to ask the server first: where its
 * numbers and its counts in the drafts stand, was forgotten with the person. @param {any} session */
async function numbered(session) {
  if ((await get("kept", "next_op_no")) === undefined) await pull(session);
}

/** Changes a draft and queues the part in one write. @param {any} session @param {string} auction @param {(state: any) => any} change Makes the part. */
export async function edit(session, auction, change) {
  await numbered(session);
  return aloneFor(session, () => edited(session, auction, change));
}

/** Queues a signed application, or its withdrawal. @param {any} session @param {any} operation */
export async function enqueue(session, operation) {
  await numbered(session);
  return aloneFor(session, () => enqueued(session, operation));
}

/**
 * Asks `again` once more after a while, as long as something waits.
 * @param {() => any} again
 * @returns {(outcome: string) => Promise<void>} To be told how it ended.
 */
export function keepTrying(again) {
  let [timer, failures] = [0, 0];
  return async (outcome) => {
    clearTimeout(timer);
    if (OVER.includes(outcome)) return;
    const waits = (await waitingCount()) > 0;
    failures = waits ? failures + 1 : 0;
    if (waits) timer = setTimeout(again, Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS));
  };
}

/**
 * Sends files that the server does not have; one that it refuses keeps the reason. One that it can't take
 * just now holds up no other. Returns that refusal, or null. @param {any} session
 */
async function upload(session) {
  /** @type {Refused | null} */
  let passing = null;
  for (const sha256 of await keys("files")) {
    const { stored, refused } = await fileFate(sha256);
    if (stored || refused) continue;
    // Beside the content: a full disk takes a few bytes, and not all of it again.
    const keep = (fate) => aloneFor(session, () => write([["kept", `file/${sha256}`, fate]]));
    try {
      await send(await get("files", sha256));
      await keep({ stored: true });
    } catch (error) {
      if (!(error instanceof Refused) || OVER.includes(error.code)) throw error;
      const isPassing = error.status >= 500 || PASSING.includes(error.status) || error.code === PASSING_CODE;
      if (isPassing) passing ??= error;
      else await keep({ refused: error.code });
    }
  }
  return passing;
}

/** Announces a file and sends the bytes that are missing. @param {any} file */
async function send(file) {
  const headers = { "Tus-Resumable": "1.0.0" };
  const said = (text) => base64Of(utf8(text));
  const metadata = `sha256 ${said(file.sha256)},mime ${said(file.mime)}`;
  const announced = await request("POST", "/v1/blobs", {
    headers: { ...headers, "Upload-Length": String(file.content.size), "Upload-Metadata": metadata },
  });
  let offset = Number(announced.headers.get("Upload-Offset") ?? 0);
  while (announced.status === 201 && offset < file.content.size) {
    const part = file.content.slice(offset, offset + PART_BYTES);
    const kept = await request("PATCH", `/v1/blobs/${file.sha256}`, {
      raw: part,
      timeout: 60_000,
      headers: { ...headers, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
    });
    offset = Number(kept.headers.get("Upload-Offset"));
  }
}

/** Keeps a file for a slot of a draft. @param {any} session @param {string} auction @param {string} slot @param {File} picked */
export async function attach(session, auction, slot, picked) {
  const content = new Blob([await picked.arrayBuffer()], { type: picked.type });
  const hash = hexOf(await sha256(new Uint8Array(await content.arrayBuffer())));
  const file = { slot, sha256: hash, size_bytes: content.size, mime: picked.type, name: fileName(picked.name, picked.type) };
  await aloneFor(session, async () => {
    const known = await get("files", hash);
    // Picked again it is announced again: it may have been refused, or lost by the server since.
    await write([["files", hash, known ?? { sha256: hash, mime: picked.type, content }], ["kept", `file/${hash}`, undefined]]);
  });
  return edit(session, auction, (state) => drafts.attach(state, slot, file, session.actor));
}

/** Sends what waits, in order; without applications only what comes before the first. @param {any} session @param {boolean} applications */
async function push(session, applications) {
  for (;;) {
    const waiting = await aloneFor(session, async () => {
      const queued = await all("ops");
      const first = queued.findIndex(({ operation }) => operation.submit_application);
      const next = queued.slice(0, applications || first < 0 ? OPS_AT_ONCE : Math.min(first, OPS_AT_ONCE));
      // From here on their content stays, whatever becomes of the answer.
      await write(next.map((op) => ["ops", op.op_no, { ...op, sent: true }]));
      return next;
    });
    if (waiting.length === 0) return;
    const ops = waiting.map(({ op_no, person, operation }) => ({ op_no, person, operation }));
    const reply = await ask("POST", "/v1/sync/push", { body: { ops } });
    const isMoved = await aloneFor(session, () => answered(reply, waiting));
    if (!isMoved && reply.outcomes.length === 0) return;
  }
}

/** Kinds of rows of a person, by which a reset finds them; receipts are kept once they were seen. */
const OWN_KINDS = ["application", "draft", "outcome", "followed"];

/** The rows of a scope that this browser has. @param {string} scope @param {string[]} known */
function rowsOf(scope, known) {
  if (scope === "catalogue") return known.filter((key) => key.startsWith("card/"));
  if (scope === "person") return known.filter((key) => OWN_KINDS.includes(key.split("/")[0]));
  return known.filter((key) => key === `auction/${scope.slice("auction:".length)}`);
}

/** Gets what has changed since the last time, and shows all of it at once. @param {any} session */
async function pull(session) {
  let cookie = await get("kept", "cookie");
  let expected = 1;
  const rows = [];
  /** @type {Set<string>} */
  const gone = new Set();
  for (;;) {
    const reply = await ask("POST", "/v1/sync/pull", { body: cookie ? { cookie } : {} });
    for (const scope of [...(reply.removed ?? []), ...Object.keys(reply.reset ?? {})]) gone.add(scope);
    rows.push(...reply.rows);
    cookie = reply.cookie;
    expected = reply.next_op_no;
    if (!reply.more) break;
  }
  await aloneFor(session, async () => {
    const known = await keys("rows");
    /** @type {[string, any, any][]} */
    const writes = [["kept", "cookie", cookie]];
    if ((await get("kept", "next_op_no")) === undefined) writes.push(["kept", "next_op_no", expected]);
    for (const scope of gone) rowsOf(scope, known).forEach((key) => writes.push(["rows", key, undefined]));
    for (const row of rows) {
      writes.push(["rows", `${row.k}/${row.id}`, row.v]);
      if (row.k !== "draft" || !row.v) continue;
      const own = await draft(row.id);
      writes.push(["drafts", row.id, { ...own, state: drafts.merge(own.state, row.v.state) }]);
    }
    await write(writes);
  });
}

/** Sends what waits. The server takes files of a draft that it knows, and an application whose files it has. @param {any} session */
async function sendAll(session) {
  await push(session, false);
  const passing = await upload(session);
  await takeBack(session);
  if (passing !== null) throw passing;
  await push(session, true);
}

/** One run: sends, then gets; what the server can't take just now keeps nobody from hearing what is new. @param {any} session */
async function exchange(session) {
  const busy = await sendAll(session).then(() => null, (error) => error);
  if (busy === null || (busy instanceof Refused && !OVER.includes(busy.code))) await pull(session);
  if (busy !== null) throw busy;
}

async function once() {
  const session = await get("kept", "session");
  // This page's requests are still those of the person who was signed in when it was loaded.
  if (!session || !isToken(session.token)) return "signed_out";
  try {
    await exchange(session);
    return "done";
  } catch (error) {
    if (error instanceof NoAnswer) return "offline";
    if (error instanceof Refused && error.code === "device_revoked") {
      await unsubscribe().catch(() => null);
      // By now another session may be here, of which nobody has revoked anything.
      return erased(session).then(() => "device_revoked", () => "signed_out");
    }
    if (error instanceof Refused) return error.code;
    if (error instanceof Replaced) return "signed_out";
    if (error?.name === "QuotaExceededError") return "storage_full";
    // Another tab writes and does not end, or the browser's database fails: it is tried again.
    console.error(error);
    return "busy";
  }
}

/** @type {Promise<string> | null} */
let running = null;
/** @type {Promise<string> | null} The run after the present one. */
let next = null;

function start() {
  next = null;
  running = inTurn(once).finally(() => (running = null));
  return running;
}

/** One run at a time in all tabs. What two of them send at once is one act all the same: it has a number. @param {() => Promise<string>} act @returns {Promise<string>} */
async function inTurn(act) {
  if (!("locks" in navigator)) return act();
  let begun = false;
  const run = () => {
    begun = true;
    return act();
  };
  try {
    return await navigator.locks.request("toruk-sync", { signal: AbortSignal.timeout(SENDING_MS) }, run);
  } catch (error) {
    // Taken over by another tab, which goes on.
    if (begun && error?.name === "AbortError") return "offline";
    if (begun) throw error;
    return navigator.locks.request("toruk-sync", { steal: true }, act).catch((stolen) => {
      if (stolen?.name === "AbortError") return "offline";
      throw stolen;
    });
  }
}

/**
 * Sends and gets, one run at a time in all tabs. Returns "done", "offline" or a problem's code. Who asks
 * during a run gets the next one: the present one may have looked already.
 */
export function sync() {
  if (running === null) return start();
  next ??= running.then(start, start);
  return next;
}
