// The live monitor. Time comes from the server's heartbeats and is carried on by a monotonic
// clock, so a wrong clock in the browser has no effect. Bids are drawn from their records; for
// anything rarer the server is asked for the board again.

import { moment, span, tyiyn } from "./figures.js";
import { follow } from "./live-link.js";

const LAGGING_MS = 2_500;
const ROWS_MAX = 200;
/** Watchers ask within this time of a change, each at a moment of its own. */
const FETCH_GAP_MS = 500;
const FETCH_SPREAD_MS = 1_500;
/** A dead connection must not hold one of the browser's few places for ever. */
const ANSWER_MS = 5_000;
const WARNINGS = [[60, "minute"], [10, "seconds"]];

const one = (name, within = document) => within.querySelector(`[data-${name}]`);
const stream = one("auction");
const place = one("place");
const words = (key, value = "") => {
  const found = one("words").content.querySelector(`[data-key="${key}"]`);
  return (found ? found.textContent : key).replace("{}", value);
};

const state = { seq: 0, deadline: null, running: false, paused: false, held: null, heard: 0, every: 0, asked: false, link: "connecting" };
let server = null; // { time µs, at: performance.now() }

function hear(time) {
  state.heard = performance.now();
  const guess = serverNow();
  // A late message must not set the clock back.
  if (guess === null || time > guess) server = { time, at: state.heard };
}

function serverNow() {
  return server && server.time + (performance.now() - server.at) * 1_000;
}

function adopt() {
  const { seq, deadline, serverTime, running } = one("board").dataset;
  state.seq = Math.max(state.seq, Number(seq));
  state.deadline = deadline ? Number(deadline) : null;
  state.running = running !== undefined;
  state.left = null;
  if (server === null) hear(Number(serverTime));
}

async function refresh() {
  if (state.asked) return;
  state.asked = true;
  await new Promise((resolve) => setTimeout(resolve, FETCH_GAP_MS + Math.random() * FETCH_SPREAD_MS));
  state.asked = false;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(stream.dataset.fragment, { headers: { Accept: "text/html" }, signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const board = page.querySelector("[data-board]");
    // Older than what we have drawn: the next record or heartbeat asks again.
    if (!board || Number(board.dataset.seq) < state.seq) return;
    if (state.paused) state.held = board;
    else show(board);
  } catch {
    // The lagging banner says it; the next heartbeat asks again.
  }
}

function show(board) {
  const before = one("bids").rows.length;
  place.replaceChildren(document.adoptNode(board));
  adopt();
  if (one("bids").rows.length > before) announce(one("bids").rows[0]);
  tell(board.querySelector(".state").textContent.trim());
}

function tell(text) {
  if (text) one("news").textContent = text.replace(/\s+/g, " ");
}

function announce(row) {
  tell([...row.cells].slice(2).map((cell) => cell.textContent.trim()).join(", "));
}

function addRow(seq, at, bidder, amount, text, tone) {
  const row = document.createElement("tr");
  const cell = (kind, content, name = "") => {
    const made = document.createElement(kind);
    made.className = name;
    made.append(content);
    row.append(made);
    return made;
  };
  const tag = document.createElement("span");
  tag.className = `tag ${tone}`;
  tag.textContent = text;
  const time = document.createElement("time");
  time.textContent = moment(at);
  cell("td", String(seq), "number");
  cell("td", time);
  cell("th", words("participant", bidder)).scope = "row";
  cell("td", amount, "number");
  cell("td", tag);
  const bids = one("bids");
  bids.prepend(row);
  while (bids.rows.length > ROWS_MAX) bids.lastElementChild.remove();
  one("none")?.remove();
  row.classList.add("new");
  announce(row);
}

function record({ seq, event }) {
  if (seq <= state.seq) return;
  const { bid_placed: placed, bid_refused: refused } = event;
  // A gap, a pause or an event other than a bid: the server draws.
  if (state.paused || seq !== state.seq + 1 || !(placed || refused)) return refresh();
  state.seq = seq;
  if (refused) {
    const reason = typeof refused.reason === "string" ? refused.reason : Object.keys(refused.reason)[0];
    return addRow(seq, refused.received_at, refused.bidder, "—", words(reason), "bad");
  }
  const price = words("som", tyiyn(placed.amount));
  one("price").textContent = price;
  one("leader").textContent = words("participant", placed.bidder);
  one("raises").textContent = String(Number(one("raises").textContent) + 1);
  one("ends").textContent = words("ends", moment(placed.deadline));
  state.deadline = placed.deadline;
  state.left = null;
  addRow(seq, placed.received_at, placed.bidder, price, words("accepted"), "good");
}

function frame(data) {
  if (data.heartbeat) {
    hear(data.heartbeat.server_time);
    state.every = data.heartbeat.next_ms;
    if (data.heartbeat.seqs[stream.dataset.auction] > state.seq) refresh();
  } else if (data.snapshot) {
    state.heard = performance.now();
    if (data.snapshot.seq > state.seq) refresh();
  } else if (data.record) {
    state.heard = performance.now();
    record(data.record);
  }
}

function link(name) {
  const banner = one("link");
  if (banner.dataset.link === name) return;
  banner.dataset.link = name;
  one("link-text").textContent = words(name);
}

function tick() {
  const now = serverNow();
  const silent = state.heard > 0 && performance.now() - state.heard > Math.max(LAGGING_MS, state.every * 2.5);
  const lagging = silent || state.link === "lost" || state.link === "full" || (state.lagged && state.link !== "live");
  state.lagged = lagging;
  one("lagging").hidden = !lagging;
  place.classList.toggle("old", lagging);
  if (lagging) {
    const name = state.link === "full" ? "full" : "lost";
    const text = words(name === "full" ? "too-many" : "lagging");
    if (one("lagging").textContent !== text) one("lagging").textContent = text;
    link(name);
  } else if (state.paused) link("paused");
  else if (state.link === "live" && state.heard > 0) link("live");
  else link("connecting");
  if (now === null) return;
  one("server-clock").textContent = moment(now).slice(-8);
  if (state.deadline === null) return;
  const left = Math.max(0, Math.floor((state.deadline - now) / 1_000_000));
  one("clock").textContent = span(left, (count) => words("days", String(count)));
  one("clock").classList.toggle("last", state.running && left < 60);
  for (const [seconds, key] of WARNINGS) {
    if (state.running && state.left > seconds && left <= seconds) tell(words(key));
  }
  state.left = left;
}

function pause() {
  state.paused = !state.paused;
  const button = one("pause");
  button.textContent = words(state.paused ? "resume" : "pause");
  button.setAttribute("aria-pressed", String(state.paused));
  if (state.paused) return;
  if (state.held) show(state.held);
  state.held = null;
  refresh();
}

adopt();
// `hear` was given the page's time, which may be old by now; nothing was heard yet.
state.heard = 0;
follow(stream.dataset.auction, () => state.seq, frame, (name) => {
  state.link = name;
  tick();
});
one("pause").hidden = false;
one("pause").addEventListener("click", pause);
setInterval(tick, 250);
