// The live screen: price, time left, one button. Two steps to a bid: the button opens a question with
// the price in it, and only its "yes" sends. A price that moves makes the question void.

import { inWords } from "./amount-words.js";
import * as bids from "./bids.js";
import { button, countdown, isSame, offered } from "./button.js";
import { mono } from "./clock.js";
import { el, say } from "./dom.js";
import { get, write } from "./store.js";

const ASK_EVERY_MS = 2_000;
/** Seconds from which the clock warns that a bid may come too late. */
const LATE_S = 10;

/** Why this person can't bid. */
function notEligible({ own, view }) {
  if (!own) return "observer";
  if (own.application.status === "admitted") return "deposit_due";
  if (own.application.status !== "eligible") return "not_admitted";
  return view.auction.participants.length === 0 ? "numbers_pending" : "not_admitted";
}

/** @param {any} state */
export function livePart(state) {
  const { words, session, device, id } = state;
  const parts = screen(words);
  const live = { latest: null, outbidSeen: 0, opened: null, failure: "" };

  const situation = () => ({
    auction: state.view.auction,
    own: state.own?.bidder_no ?? null,
    notEligible: state.own?.bidder_no ? null : notEligible(state),
    clock: state.now(),
    silence: state.heard === null ? null : mono() - state.heard,
    pending: ["sending", "unknown"].includes(live.latest?.state) ? { state: live.latest.state, bid: live.latest.bid.bid } : null,
    outbidSeen: live.outbidSeen,
    refusal: live.latest?.state === "refused" ? { reason: live.latest.reason, at: live.latest.at } : null,
  });

  async function recall() {
    live.latest = (await bids.of(id)).at(-1) ?? null;
    live.outbidSeen = (await get("kept", `outbid/${id}`)) ?? 0;
    draw();
  }
  const told = (placed) => {
    live.latest = placed;
    live.failure = "";
    draw();
  };

  parts.act.addEventListener("click", async () => {
    const shown = button(situation());
    if (shown.code === "outbid") {
      live.outbidSeen = state.view.auction.round.number;
      await write([["kept", `outbid/${id}`, live.outbidSeen]]);
      return draw();
    }
    const offer = offered(shown);
    if (!offer) return;
    live.opened = offer;
    parts.sheet.returnValue = "";
    drawSheet(offer);
    parts.sheet.showModal();
    parts.yes.focus();
  });
  parts.look.addEventListener("click", () => {
    live.opened = offered(button(situation()));
    if (live.opened) drawSheet(live.opened);
    else parts.sheet.close();
  });
  parts.no.addEventListener("click", () => parts.sheet.close());
  parts.sheet.addEventListener("close", () => {
    live.opened = null;
    parts.act.focus();
  });
  parts.yes.addEventListener("click", async () => {
    const [shown, offer, now] = [offered(button(situation())), live.opened, state.now()];
    // The question was about another price: nothing is sent.
    if (!now || !isSame(shown, offer)) return drawSheet(offer);
    parts.yes.disabled = true;
    parts.sheet.close();
    try {
      // Another tab may be sending one just now.
      const [last] = (await bids.of(id)).slice(-1);
      if (["sending", "unknown"].includes(last?.state)) return told(last);
      told(await bids.place(session, device, id, offer, now.time, told));
    } catch (error) {
      console.error(error);
      if (!(error instanceof bids.NotSent)) return recall();
      live.failure = `${words.text("web_bid_not_sent")}. ${words.text("web_storage_full")}`;
      draw();
    }
    return undefined;
  });

  const asking = setInterval(async () => {
    if (live.latest?.state !== "unknown" || live.asking) return;
    live.asking = true;
    try {
      told(await bids.inquire(session, live.latest));
    } catch (error) {
      // It is asked again; what became of the bid stays unknown until then.
      console.error(error);
    } finally {
      live.asking = false;
    }
  }, ASK_EVERY_MS);

  function drawSheet(offer) {
    const current = offered(button(situation()));
    const valid = isSame(current, offer);
    say(parts.amount, words.som(offer.amount));
    say(parts.spelled, inWords(offer.amount, words.tag));
    say(parts.step, `${words.text("step")}: ${words.som(state.view.auction.terms.minimal_step)}`);
    parts.moved.hidden = valid;
    parts.look.hidden = valid || !current;
    parts.yes.disabled = !valid;
  }

  function draw() {
    if (!state.view) return;
    const shown = button(situation());
    const { auction } = state.view;
    say(parts.price, words.som(auction.round?.price ?? auction.birth.offer.value));
    say(parts.leader, lead(words, auction, state.own?.bidder_no));
    say(parts.raises, `${words.text("raises", { count: auction.round?.number ?? 0 })} · ${words.text("participants", { count: auction.participants.length })}`);
    say(parts.number, state.own?.bidder_no ? words.text("your_number", { number: state.own.bidder_no }) : "");
    parts.act.dataset.state = shown.code;
    say(parts.act, face(words, shown));
    parts.act.disabled = !offered(shown) && shown.code !== "outbid";
    say(parts.alert, live.failure || alertOf(words, shown, live.latest));
    parts.alert.dataset.state = live.latest?.state ?? "";
    parts.element.dataset.link = state.link;
    if (parts.sheet.open && live.opened) drawSheet(live.opened);
    tick();
  }

  function tick() {
    if (!state.view) return;
    const { auction } = state.view;
    const now = state.now();
    const { text, at } = countdown(auction);
    const runs = text === "time_left" && now && at !== null;
    say(parts.clockName, words.text(text));
    say(parts.clock, now && at !== null ? words.left(at - now.time) : "—");
    parts.clock.classList.toggle("last", Boolean(runs) && at - now.time < LATE_S * 1_000_000);
    say(parts.sheetLeft, runs ? `${words.text("time_left")}: ${words.left(at - now.time)}` : "");
    say(parts.server, now ? words.text("server_time", { time: words.at(now.time).slice(-8), seconds: (now.uncertainty / 1_000_000).toFixed(1) }) : "");
    // Silence passes without a frame, so the button is looked at here as well.
    const shown = button(situation());
    if (shown.code !== parts.act.dataset.state) draw();
  }
  recall();
  const end = () => clearInterval(asking);
  return { element: parts.element, draw, tick, end };
}

function lead(words, auction, own) {
  const leader = auction.round?.leader;
  if (!leader) return words.text("no_leader");
  return leader === own ? words.text("lead_alert") : words.text("leader", { number: leader });
}

/** The button's own words: what it does, or why it does nothing. */
function face(words, shown) {
  const offer = offered(shown);
  const text = words.code("button", shown.code);
  if (offer) return words.text("button_up_to", { button: text, amount: words.som(offer.amount) });
  if (shown.code === "closed") return words.code("closed", shown.closed);
  if (shown.code === "outbid") return `${text}. ${words.text("ok")}`;
  return text;
}

function alertOf(words, shown, latest) {
  if (!latest) return "";
  const receipt = latest.verified ? `. ${words.text("receipt")} ✓` : latest.unchecked ? `. ${words.text("web_receipt_unchecked")}` : "";
  const amount = latest.state === "accepted" ? `: ${words.som(latest.bid.amount)}` : "";
  const reason = latest.reason ? `: ${words.code("code", latest.reason)}` : "";
  const key = { accepted: "bid_accepted", refused: "bid_refused", unknown: "bid_unknown", not_received: "bid_not_received", not_decided: "bid_not_received", forged: "code_forged", sending: "button_sending" }[latest.state];
  return `${words.text(key)}${amount}${reason}${receipt}`;
}

function screen(words) {
  const made = {
    price: el("p", { class: "big money", "data-price": true }),
    leader: el("p", { class: "leader", "data-leader": true }),
    clockName: el("h2"),
    clock: el("p", { class: "big figure", role: "timer", "data-clock": true }),
    server: el("p", { class: "muted" }),
    raises: el("p", { class: "muted" }),
    number: el("p", { class: "muted", "data-number": true }),
    alert: el("p", { class: "notice", role: "status", "data-alert": true }),
    act: el("button", { type: "button", class: "act", "data-act": true }),
    amount: el("p", { class: "big money", "data-amount": true }),
    spelled: el("p"),
    step: el("p", { class: "muted" }),
    sheetLeft: el("p", { class: "muted", role: "timer" }),
    moved: el("p", { class: "notice warn", role: "alert", hidden: true, "data-moved": true }, words.text("confirm_moved")),
    look: el("button", { type: "button", class: "outline", hidden: true, "data-look": true }, words.text("look_again")),
    yes: el("button", { type: "button", "data-yes": true }, words.text("yes")),
    no: el("button", { type: "button", class: "outline", "data-no": true }, words.text("no")),
  };
  made.sheet = el("dialog", { "aria-labelledby": "sheet-title" }, el("article", {},
    el("h2", { id: "sheet-title" }, words.text("confirm_title")), made.amount, made.spelled, made.step, made.sheetLeft,
    el("p", {}, words.text("confirm_binding")), made.moved, el("p", {}, el("strong", {}, words.text("confirm_ask"))),
    el("p", { class: "actions" }, made.yes, made.no, made.look)));
  made.element = el("section", { class: "card live" },
    el("div", { class: "monitor" },
      el("section", {}, el("h2", {}, words.text("price")), made.price, made.leader),
      el("section", {}, made.clockName, made.clock, made.server)),
    made.raises, made.number, made.alert, made.act, el("p", { class: "muted" }, words.text("restarts")), made.sheet);
  return made;
}
