// What waits to be sent, and what the server has of the person. Only parts of drafts and signed
// applications wait here: there is no place that could hold a bid.

import { NoAnswer, Refused, ask, request } from "./api.js";
import { fileName } from "./answers.js";
import * as drafts from "./draft.js";
import { all, get, write } from "./store.js";
import { base64Of, draftId, hexOf, sha256, utf8 } from "./wire.js";

const OPS_AT_ONCE = 100;
const PART_BYTES = 256 * 1024;

/** @typedef {{ op_no: number, person: string, operation: any, sent?: boolean }} Waiting */

/** @param {string} auction @returns {Promise<{ state: any, refusal?: any }>} */
export const draft = async (auction) => (await get("drafts", auction)) ?? { auction, state: {} };

async function nextOpNo() {
  return (await get("kept", "next_op_no")) ?? 1;
}

/** One writer of the queue in all tabs. @param {() => Promise<any>} act */
const alone = (act) => ("locks" in navigator ? navigator.locks.request("toruk-outbox", act) : act());

/** Changes a draft and queues the part in one write. @param {any} session @param {string} auction @param {(state: any) => any} change Makes the part. */
export const edit = (session, auction, change) => alone(() => edited(session, auction, change));

async function edited(session, auction, change) {
  const part = change((await draft(auction)).state);
  const own = await draft(auction);
  const state = drafts.merge(own.state, part);
  const last = (await all("ops")).at(-1);
  const before = last?.operation.edit_draft;
  const op_no = await nextOpNo();
  /** @type {[string, any, any][]} */
  const writes = [["drafts", auction, { ...own, state }]];
  if (before?.auction === auction && !last.sent) {
    // Parts may become one while they wait; what was sent once keeps its content.
    const operation = { edit_draft: { ...before, part: drafts.merge(before.part, part) } };
    writes.push(["ops", last.op_no, { ...last, operation }]);
  } else {
    const { id } = await draftId({ person: session.person, auction });
    const operation = { edit_draft: { draft: id, auction, part } };
    writes.push(["ops", op_no, { op_no, person: session.person, operation }], ["kept", "next_op_no", op_no + 1]);
  }
  await write(writes);
  return state;
}

/** Queues a signed application. @param {any} session @param {any} operation */
export const enqueue = (session, operation) => alone(() => enqueued(session, operation));

async function enqueued(session, operation) {
  const op_no = await nextOpNo();
  const auction = operation.submit_application?.package.auction;
  const own = auction ? await draft(auction) : null;
  /** @type {[string, any, any][]} */
  const writes = [["ops", op_no, { op_no, person: session.person, operation }], ["kept", "next_op_no", op_no + 1]];
  if (own) writes.push(["drafts", auction, { ...own, refusal: undefined }]);
  await write(writes);
}

/** Whether an application waits to be sent. @param {string} auction */
export async function isWaiting(auction) {
  return (await all("ops")).some(({ operation }) => operation.submit_application?.package.auction === auction);
}

/** @param {any} outcome @param {Waiting} op @returns {Promise<[string, any, any][]>} */
async function settled({ verdict }, op) {
  const { edit_draft: edited, submit_application: submitted } = op.operation;
  const auction = edited?.auction ?? submitted?.package.auction;
  /** @type {[string, any, any][]} */
  const writes = [["ops", op.op_no, undefined]];
  if (!auction) return writes;
  const own = await draft(auction);
  if (verdict.merged) writes.push(["drafts", auction, { ...own, state: drafts.merge(own.state, verdict.merged.draft) }]);
  if (verdict.refused) writes.push(["drafts", auction, { ...own, refusal: verdict.refused }]);
  return writes;
}

/** Sends files that the server does not have; one that it refuses keeps the reason. */
async function upload() {
  for (const file of await all("files")) {
    if (file.stored) continue;
    try {
      await send(file);
      await write([["files", file.sha256, { ...file, stored: true, refused: undefined }]]);
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      await write([["files", file.sha256, { ...file, refused: error.code }]]);
    }
  }
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
  await write([["files", hash, { sha256: hash, mime: picked.type, content, stored: false }]]);
  return edit(session, auction, (state) => drafts.attach(state, slot, file, session.actor));
}

/** Sends what waits, in order; without applications only what comes before the first. @param {boolean} applications */
async function push(applications) {
  for (;;) {
    const waiting = await alone(async () => {
      const queued = await all("ops");
      const first = queued.findIndex(({ operation }) => operation.submit_application);
      const next = queued.slice(0, applications || first < 0 ? OPS_AT_ONCE : Math.min(first, OPS_AT_ONCE));
      // From here on their content stays, whatever becomes of the answer.
      if (next.length > 0) await write(next.map((op) => ["ops", op.op_no, { ...op, sent: true }]));
      return next;
    });
    if (waiting.length === 0) return;
    const ops = waiting.map(({ op_no, person, operation }) => ({ op_no, person, operation }));
    const reply = await ask("POST", "/v1/sync/push", { body: { ops } });
    for (const outcome of reply.outcomes) {
      const op = waiting.find(({ op_no }) => op_no === outcome.op_no);
      if (op) await alone(async () => write(await settled(outcome, op)));
    }
    if (reply.outcomes.length === 0) return;
  }
}

/** Gets what has changed since the last time, and shows all of it at once. */
async function pull() {
  let cookie = await get("kept", "cookie");
  const rows = [];
  for (;;) {
    const reply = await ask("POST", "/v1/sync/pull", { body: cookie ? { cookie } : {} });
    rows.push(...reply.rows);
    cookie = reply.cookie;
    if (!reply.more) break;
  }
  await alone(async () => {
    /** @type {[string, any, any][]} */
    const writes = [["kept", "cookie", cookie]];
    for (const row of rows) {
      writes.push(["rows", `${row.k}/${row.id}`, row.v]);
      if (row.k !== "draft" || !row.v) continue;
      const own = await draft(row.id);
      writes.push(["drafts", row.id, { ...own, state: drafts.merge(own.state, row.v.state) }]);
    }
    await write(writes);
  });
}

async function once() {
  try {
    // The server takes files of a draft that it knows, and an application whose files it has.
    await push(false);
    await upload();
    await push(true);
    await pull();
    return "done";
  } catch (error) {
    if (error instanceof NoAnswer) return "offline";
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** @type {Promise<string> | null} */
let running = null;
/** @type {Promise<string> | null} The run after the present one. */
let next = null;

function start() {
  next = null;
  const run = "locks" in navigator ? navigator.locks.request("toruk-sync", once) : once();
  running = run.finally(() => (running = null));
  return running;
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

/** The person's application for an auction, as the server last told. @param {string} auction */
export const application = (auction) => get("rows", `application/${auction}`);
