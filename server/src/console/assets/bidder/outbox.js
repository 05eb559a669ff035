// What waits to be sent: parts of drafts, signed applications and withdrawals. There is no place here
// that could hold a bid. All of it is written by one tab at a time, for the person who is signed in.

import * as drafts from "./draft.js";
import { all, forget, get, keys, write } from "./store.js";
import { draftId } from "./wire.js";

/** How long one writes at most: a tab that its browser has put to sleep keeps the others out no longer. */
const WRITING_MS = 20_000;

/** @typedef {{ op_no: number, person: string, operation: any, sent?: boolean }} Waiting */

/** @param {string} auction @returns {Promise<{ state: any, refusal?: any }>} */
export const draft = async (auction) => (await get("drafts", auction)) ?? { auction, state: {} };

/** Another person, or another device, is signed in here by now. */
export class Replaced extends Error {}

/** One writer of the queue in all tabs. @param {() => Promise<any>} act */
export const alone = (act) => ("locks" in navigator
  ? navigator.locks.request("toruk-outbox", { signal: AbortSignal.timeout(WRITING_MS) }, act)
  : act());

/** As `alone`, for this session: what another tab has signed in meanwhile gets nothing of it. @param {any} session @param {() => Promise<any>} act */
export const aloneFor = (session, act) => alone(async () => {
  const now = await get("kept", "session");
  if (now?.person !== session.person || now.device !== session.device) throw new Replaced("session_replaced");
  return act();
});

/** The draft after everything that is being written. @param {any} session @param {string} auction */
export const settledDraft = (session, auction) => aloneFor(session, () => draft(auction));

export async function edited(session, auction, change) {
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

export async function enqueued(session, operation) {
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
      const rest = drafts.without(own.state, edit.part);
      const part = rewritten(edit.part, rest, session.actor);
      changed.set(auction, { ...own, state: drafts.merge(rest, part) });
      kept.push({ ...op, operation: { edit_draft: { ...edit, part } } });
    }
  }
  const own = [...changed].map(([auction, state]) => ["drafts", auction, state]);
  const gone = waiting.map(({ op_no }) => ["ops", op_no, undefined]);
  return [...gone, ...renumbered(kept, 1).filter(([, , value]) => value !== undefined), ...own];
}

/** Forgets the person, once whatever is being written is written. */
export const signedOut = () => alone(() => forget());

/** How many acts and files wait to be sent. */
export async function waitingCount() {
  const files = await Promise.all((await keys("files")).map(fileFate));
  // One that the server refuses waits for nothing.
  return (await all("ops")).length + files.filter(({ stored, refused }) => !stored && !refused).length;
}

/** What the server has said of a file: that it has it, or why it does not take it. @param {string} sha256 @returns {Promise<{ stored?: boolean, refused?: string }>} */
export const fileFate = async (sha256) => (await get("kept", `file/${sha256}`)) ?? {};

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
  // What the server has lost is announced again.
  for (const hash of verdict.refused?.files_missing?.sha256 ?? []) writes.push(["kept", `file/${hash}`, undefined]);
  const own = await draft(auction);
  if (verdict.merged) writes.push(["drafts", auction, { ...own, state: drafts.merge(own.state, verdict.merged.draft) }]);
  if (verdict.refused) writes.push(["drafts", auction, { ...own, refusal: verdict.refused }]);
  return writes;
}

/** Takes applications back whose files the server refuses: their form says why, and they are signed again. @param {any} session */
export const takeBack = (session) => aloneFor(session, async () => {
  for (const op of await all("ops")) {
    const signed = op.operation.submit_application?.package;
    if (!signed || op.sent) continue;
    const fates = await Promise.all(signed.files.map(({ sha256 }) => fileFate(sha256)));
    const refused = fates.find((fate) => fate.refused)?.refused;
    if (!refused) continue;
    const own = await draft(signed.auction);
    await write([["ops", op.op_no, undefined], ["drafts", signed.auction, { ...own, refusal: refused }]]);
  }
});

/**
 * Takes in what the server has decided. Numbers that it has for something else, or that leave a gap
 * after its own, are changed for those that it expects; nothing that waits is lost. Returns whether
 * they were.
 */
export async function answered(reply, sent) {
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

/** A device that its owner has revoked keeps nothing of theirs, its key neither. @param {any} session */
export const erased = (session) => aloneFor(session, async () => {
  const names = (await keys("kept")).filter((key) => key.startsWith("device/"));
  const own = await Promise.all(names.map(async (name) => ((await get("kept", name)).id === session.device ? name : null)));
  await forget(own.filter((name) => name !== null).map((name) => ["kept", name, undefined]));
});

/** The person's application for an auction, as the server last told. @param {string} auction */
export const application = (auction) => get("rows", `application/${auction}`);
