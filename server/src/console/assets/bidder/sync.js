// What waits to be sent, and what the server has of the person. Only parts of drafts and signed
// applications wait here: there is no place that could hold a bid.

import { NoAnswer, Refused, ask, isToken, request } from "./api.js";
import { fileName } from "./answers.js";
import * as drafts from "./draft.js";
import { all, forget, get, keys, write } from "./store.js";
import { base64Of, draftId, hexOf, sha256, utf8 } from "./wire.js";

const OPS_AT_ONCE = 100;
const PART_BYTES = 256 * 1024;

/** @typedef {{ op_no: number, person: string, operation: any, sent?: boolean }} Waiting */

/** @param {string} auction @returns {Promise<{ state: any, refusal?: any }>} */
export const draft = async (auction) => (await get("drafts", auction)) ?? { auction, state: {} };

/** Another person, or another device, is signed in here by now. */
export class Replaced extends Error {}

/** One writer of the queue in all tabs. @param {() => Promise<any>} act */
const alone = (act) => ("locks" in navigator ? navigator.locks.request("toruk-outbox", act) : act());

/** As `alone`, for this session: what another tab has signed in meanwhile gets nothing of it. @param {any} session @param {() => Promise<any>} act */
const aloneFor = (session, act) => alone(async () => {
  const now = await get("kept", "session");
  if (now?.person !== session.person || now.device !== session.device) throw new Replaced("session_replaced");
  return act();
});

/** The draft after everything that is being written. @param {any} session @param {string} auction */
export const settledDraft = (session, auction) => aloneFor(session, () => draft(auction));

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

async function edited(session, auction, change) {
  const own = await draft(auction);
  const part = change(own.state);
  const state = drafts.merge(own.state, part);
  const last = (await all("ops")).at(-1);
  const before = last?.operation.edit_draft;
  const op_no = await get("kept", "next_op_no");
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

/** Queues a signed application, or its withdrawal. @param {any} session @param {any} operation */
export async function enqueue(session, operation) {
  await numbered(session);
  return aloneFor(session, () => enqueued(session, operation));
}

async function enqueued(session, operation) {
  const op_no = await get("kept", "next_op_no");
  const auction = operation.submit_application?.package.auction;
  const withdrawn = operation.withdraw_application?.application;
  // One question is asked once.
  if (withdrawn && (await isWithdrawing(withdrawn))) return;
  const own = auction ? await draft(auction) : null;
  /** @type {[string, any, any][]} */
  const writes = [["ops", op_no, { op_no, person: session.person, operation }], ["kept", "next_op_no", op_no + 1]];
  if (own) writes.push(["drafts", auction, { ...own, refusal: undefined }]);
  if (withdrawn) writes.push(["kept", `refused/${withdrawn}`, undefined]);
  await write(writes);
}

/** Whether a withdrawal of this application waits to be sent. @param {string} application */
export async function isWithdrawing(application) {
  return (await all("ops")).some(({ operation }) => operation.withdraw_application?.application === application);
}

/** Why the server has not withdrawn this application; undefined if it was not asked. @param {string} application */
export const withdrawalRefusal = (application) => get("kept", `refused/${application}`);

/** The name of a rejection, which may hold another. @param {any} refusal @returns {string} */
export function rejection(refusal) {
  if (typeof refusal === "string") return refusal;
  const [[name, inner]] = Object.entries(refusal);
  return ["application", "draft"].includes(name) ? rejection(inner) : name;
}

/** What waits, under other numbers: those that the server expects of this device. @param {any[]} waiting @param {number} from @returns {[string, any, any][]} */
function renumbered(waiting, from) {
  return [
    ...waiting.map(({ op_no }) => ["ops", op_no, undefined]),
    ...waiting.map((op, at) => ["ops", from + at, { ...op, op_no: from + at, sent: false }]),
    ["kept", "next_op_no", from + waiting.length],
  ];
}

/** A part of a draft as another device writes it: under its own number, after what it has seen. */
function rewritten(part, state, actor) {
  const parts = Object.entries(part.fields ?? {}).map(([field, siblings]) => drafts.set(state, field, drafts.shown(siblings)?.value ?? null, actor));
  const files = (part.files?.members ?? []).map(([file]) => file);
  return files.reduce((done, file) => drafts.merge(done, drafts.attach(drafts.merge(state, done), file.slot, file, actor)), parts.reduce(drafts.merge, {}));
}

/**
 * Takes in who has signed in, all or nothing. What waited of the same person stays: on a new device
 * under its own numbers, and without what the former one had signed, which is signed again.
 * @param {any} session @param {boolean} isNew The device is new to the server. @param {[string, any, any][]} writes
 */
export const signedIn = (session, isNew, writes) => alone(async () => {
  const before = await get("kept", "session");
  if (before?.person !== session.person) {
    await forget([...writes, ["kept", "next_op_no", isNew ? 1 : undefined]]);
  } else if (before.device === session.device) {
    await write(writes);
  } else {
    await write([...writes, ...(await moved(session)), ["kept", "cookie", undefined]]);
  }
});

/** @param {any} session @returns {Promise<[string, any, any][]>} */
async function moved(session) {
  const waiting = await all("ops");
  /** @type {Map<string, any>} */
  const changed = new Map();
  const kept = [];
  for (const op of waiting) {
    const { edit_draft: edit, submit_application: submitted } = op.operation;
    const auction = edit?.auction ?? submitted?.package.auction;
    const own = auction && (changed.get(auction) ?? (await draft(auction)));
    if (submitted) changed.set(auction, { ...own, refusal: "op_conflict" });
    else if (!edit) kept.push(op);
    else {
      const known = (await get("rows", `draft/${auction}`))?.state ?? {};
      const part = rewritten(edit.part, drafts.merge(known, changed.get(auction)?.sent ?? {}), session.actor);
      const sent = drafts.merge(changed.get(auction)?.sent ?? {}, part);
      changed.set(auction, { ...own, state: drafts.merge(known, sent), sent });
      kept.push({ ...op, operation: { edit_draft: { ...edit, part } } });
    }
  }
  const own = [...changed].map(([auction, { sent, ...state }]) => ["drafts", auction, state]);
  const gone = waiting.map(({ op_no }) => ["ops", op_no, undefined]);
  return [...gone, ...renumbered(kept, 1).filter(([, , value]) => value !== undefined), ...own];
}

/** Forgets the person, once whatever is being written is written. */
export const signedOut = () => alone(() => forget());

/** How many acts wait to be sent. */
export const waitingCount = async () => (await all("ops")).length;

/** Whether an application waits to be sent. @param {string} auction */
export async function isWaiting(auction) {
  return (await all("ops")).some(({ operation }) => operation.submit_application?.package.auction === auction);
}

/** @param {any} outcome @param {Waiting} op @returns {Promise<[string, any, any][]>} */
async function settled({ verdict }, op) {
  const { edit_draft: edited, submit_application: submitted, withdraw_application: withdrawn } = op.operation;
  const auction = edited?.auction ?? submitted?.package.auction;
  /** @type {[string, any, any][]} */
  const writes = [["ops", op.op_no, undefined]];
  if (withdrawn && verdict.refused) writes.push(["kept", `refused/${withdrawn.application}`, verdict.refused]);
  if (!auction) return writes;
  const own = await draft(auction);
  if (verdict.merged) writes.push(["drafts", auction, { ...own, state: drafts.merge(own.state, verdict.merged.draft) }]);
  if (verdict.refused) writes.push(["drafts", auction, { ...own, refusal: verdict.refused }]);
  return writes;
}

/** Sends files that the server does not have; one that it refuses keeps the reason. @param {any} session */
async function upload(session) {
  for (const file of await all("files")) {
    if (file.stored) continue;
    const keep = (told) => aloneFor(session, () => write([["files", file.sha256, { ...file, ...told }]]));
    try {
      await send(file);
      await keep({ stored: true, refused: undefined });
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      await keep({ refused: error.code });
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
  await aloneFor(session, () => write([["files", hash, { sha256: hash, mime: picked.type, content, stored: false }]]));
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

/**
 * Takes in what the server has decided. Numbers that it has for something else, or that leave a gap
 * after its own, are changed for those that it expects; nothing that waits is lost. Returns whether
 * they were.
 */
async function answered(reply, sent) {
  const isTaken = ({ verdict }) => verdict.refused === "op_conflict";
  for (const outcome of reply.outcomes.filter((one) => !isTaken(one))) {
    const op = sent.find(({ op_no }) => op_no === outcome.op_no);
    if (op) await write(await settled(outcome, op));
  }
  const left = await all("ops");
  const isGap = reply.outcomes.length === 0 && left.length > 0 && left[0].op_no > reply.next_op_no;
  if (!isGap && !reply.outcomes.some(isTaken)) return false;
  await write(renumbered(left, reply.next_op_no));
  return true;
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

async function once() {
  try {
    const session = await get("kept", "session");
    // This page's requests are still those of the person who was signed in when it was loaded.
    if (!session || !isToken(session.token)) return "signed_out";
    // The server takes files of a draft that it knows, and an application whose files it has.
    await push(session, false);
    await upload(session);
    await push(session, true);
    await pull(session);
    return "done";
  } catch (error) {
    if (error instanceof NoAnswer) return "offline";
    if (error instanceof Refused) return error.code;
    if (error instanceof Replaced) return "signed_out";
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
