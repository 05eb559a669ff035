// One auction for somebody who takes part: what it is, and the one next step. The part below the
// heading changes with the auction and the application; the heading stays.

import { follow } from "../live-link.js";
import { applyPart } from "./apply.js";
import { ask, authorization } from "./api.js";
import { ServerClock, mono } from "./clock.js";
import { busy, el, say } from "./dom.js";
import { depositPart } from "./deposit.js";
import { fold } from "./fold.js";
import { lossQuestion } from "./home.js";
import { signIn } from "./identity.js";
import { livePart } from "./live-part.js";
import { resultPart } from "./result.js";
import { get, write } from "./store.js";
import { application, isWaiting, isWithdrawing, withdrawalRefusal } from "./outbox.js";
import { OVER as SESSION_OVER, keepTrying, sync } from "./sync.js";

const CLOCK_EVERY_MS = 30_000;
const SAMPLES = 3;
const OVER = ["qualification", "awarded", "complete", "unsuccessful", "cancelled"];

/** The part for a situation, by its name. @param {any} view @param {any} own */
export function partFor(view, own) {
  const { status } = view.auction;
  if (OVER.includes(status)) return "result";
  const at = own?.application.status;
  if (at === "eligible") return "live";
  if (at && !["withdrawn", "needs_reconfirm"].includes(at)) return "deposit";
  return ["rectification", "tendering"].includes(status) ? "apply" : "live";
}

const PARTS = { apply: applyPart, deposit: depositPart, live: livePart, result: resultPart };

/** @param {any} context @param {string} id */
export async function auctionPage(context, id) {
  const { words, place } = context;
  const state = {
    ...context, id, view: null, own: null, waiting: false, withdrawing: false, refusal: /** @type {any} */ (null), clock: new ServerClock(),
    ended: false, outcome: "done", link: "connecting", heard: /** @type {number | null} */ (null), asOf: /** @type {number | null} */ (null),
    /** The server's time, or null. */
    now: () => state.clock.now(mono()),
    /** Sends, gets and draws again. */
    again: async () => {
      const outcome = await sync();
      state.outcome = outcome;
      state.ended = SESSION_OVER.includes(outcome);
      await load(state);
      draw();
      await trying(outcome);
    },
  };
  const trying = keepTrying(() => state.again());
  const heading = el("div");
  const below = el("div");
  const told = el("p", { class: "notice warn", role: "status", hidden: true });
  const enter = el("button", { type: "button", hidden: true, "data-sign-in": true }, words.text("sign_in"));
  enter.addEventListener("click", () => busy(enter, async () => {
    await signIn(lossQuestion(words));
    location.reload();
  }, (error) => say(told, words.failure(error))));
  place.replaceChildren(heading, told, enter, below);
  await recall(state);
  let part = null;
  const draw = () => {
    const isFull = state.outcome === "storage_full";
    told.hidden = state.asOf === null && !state.ended && !isFull && Boolean(state.view);
    enter.hidden = !state.ended;
    if (state.outcome === "device_revoked") {
      // Nothing of the person is kept, and nothing of it is shown.
      part?.end?.();
      part = null;
      below.replaceChildren();
      say(told, words.code("code", "device_revoked"));
      return;
    }
    if (state.ended) say(told, words.text("session_ended"));
    else if (isFull) say(told, words.text("web_storage_full"));
    else if (state.asOf !== null) say(told, words.text("as_of", { time: words.at(state.asOf) }));
    else say(told, words.text("offline"));
    if (!state.view) return;
    title(state, heading);
    const kind = partFor(state.view, state.own);
    // Amended terms are another form to sign.
    const name = kind === "apply" ? `${kind} ${state.view.auction.version}` : kind;
    if (part?.name !== name) {
      part?.end?.();
      state.amended = kind === "apply" && Boolean(part?.name.startsWith(kind));
      part = { name, ...PARTS[kind](state) };
      below.replaceChildren(part.element);
    }
    part.draw();
  };
  if (state.view) draw();
  await refresh(state);
  draw();
  state.again();
  setClock(state).then(draw);
  setInterval(() => setClock(state), CLOCK_EVERY_MS);
  listen(state, draw);
  setInterval(() => part?.tick?.(), 250);
}

/** What this browser knows without a connection. */
async function recall(state) {
  const kept = await get("rows", `view/${state.id}`);
  state.view = kept ?? null;
  state.asOf = kept ? kept.server_time : null;
  await load(state);
}

async function load(state) {
  state.own = (await application(state.id)) ?? null;
  state.waiting = await isWaiting(state.id);
  const applied = state.own?.application.id;
  state.withdrawing = applied ? await isWithdrawing(applied) : false;
  state.refusal = applied ? await withdrawalRefusal(applied) : null;
}

/** Asks for the whole view, which is also kept for a time without a connection. */
async function refresh(state) {
  try {
    const view = await ask("GET", `/v1/auctions/${state.id}`);
    if (!state.view || view.seq >= state.view.seq) state.view = view;
    state.clock.setSpeed(view.auction.birth.rules.clock_speed);
    state.asOf = null;
    await write([["rows", `view/${state.id}`, view]]);
  } catch {
    // The page says from when its data are; the stream asks again.
  }
}

async function setClock(state) {
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    try {
      const sent = mono();
      const server = await ask("GET", "/v1/time", { timeout: 5_000 });
      state.clock.exchanged(sent, server, mono());
    } catch {
      return;
    }
  }
}

function listen(state, draw) {
  const heard = async (frame) => {
    state.heard = mono();
    if (frame === "poke" || frame.poke !== undefined) {
      await state.again();
    } else if (frame.heartbeat) {
      if (state.clock.received(frame.heartbeat.server_time, mono())) setClock(state);
      if (frame.heartbeat.seqs[state.id] > (state.view?.seq ?? 0)) await refresh(state);
      else if (state.view) state.asOf = null;
    } else if (frame.snapshot) {
      if (frame.snapshot.seq > (state.view?.seq ?? 0)) state.view = frame.snapshot;
    } else if (frame.record && state.view) {
      const { view, stale } = fold(state.view, frame.record);
      state.view = view;
      if (stale) await refresh(state);
    }
    draw();
  };
  const position = () => state.view?.seq ?? 0;
  const told = (link) => {
    // Connected again: what has waited goes out now.
    if (link === "live" && state.link === "lost") state.again();
    state.link = link;
    if (link !== "live") state.heard = null;
    draw();
  };
  addEventListener("online", () => state.again());
  const as = { name: `toruk-bidder-${state.session.device}`, headers: authorization };
  follow(state.id, position, heard, told, as);
}

function title({ view, words, id }, heading) {
  if (heading.childElementCount > 0) {
    say(heading.querySelector("[data-status]"), words.code("status", view.auction.status));
    return;
  }
  heading.replaceChildren(
    el("a", { class: "back", href: "/b/" }, `← ${words.text("screen_mine")}`),
    el("header", { class: "title" },
      el("p", { class: "overline" }, view.number, " · ", el("span", { "data-status": true }, words.code("status", view.auction.status))),
      el("h1", {}, words.of(view.lot.title)),
      el("p", {}, el("a", { href: `/${words.tag}/auctions/${id}` }, words.text("web_lot")))));
}
