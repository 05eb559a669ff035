// The end: who won, and the winner's confirmation by passkey before its deadline.

import { ask } from "./api.js";
import { busy, el, say } from "./dom.js";
import { confirm } from "./passkey.js";

/** @param {any} state */
export function resultPart(state) {
  const { words, session, id } = state;
  const said = el("p", { class: "lead", role: "status", "data-result": true });
  const price = el("p", { class: "big money" });
  const until = el("p", { class: "notice warn", hidden: true });
  const parts = el("ul", { "aria-label": words.text("instalments"), hidden: true, "data-instalments": true });
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const sign = el("button", { type: "button", hidden: true, "data-confirm": true }, words.text("sign_result"));
  const failed = (error) => {
    failure.hidden = false;
    say(failure, words.failure(error));
  };
  sign.addEventListener("click", () => busy(sign, async () => {
    failure.hidden = true;
    const { protocol } = await ask("GET", `/v1/auctions/${id}/protocol`);
    const confirmation = await confirm(session, "toruk/protocol/v1", protocol);
    await ask("POST", `/v1/auctions/${id}/award`, { body: { confirm: { confirmation } } });
    await state.again();
  }, failed));
  const refuse = el("button", { type: "button", class: "outline", hidden: true, "data-refuse": true }, words.text("refuse_result"));
  const yes = el("button", { type: "button" }, words.text("yes"));
  const no = el("button", { type: "button", class: "outline", onclick: () => sure.close() }, words.text("no"));
  const sure = el("dialog", { "aria-labelledby": "refuse-title" }, el("article", {},
    el("h2", { id: "refuse-title" }, words.text("refuse_result")), el("p", {}, words.text("refuse_result_sure")), el("p", { class: "actions" }, yes, no)));
  refuse.addEventListener("click", () => sure.showModal());
  yes.addEventListener("click", () => busy(yes, async () => {
    sure.close();
    await ask("POST", `/v1/auctions/${id}/award`, { body: { refuse: {} } });
    await state.again();
  }, failed));
  const element = el("section", { class: "card" }, el("h2", {}, words.text("screen_result")), said, price, parts, until, failure,
    sure, el("p", { class: "actions" }, sign, refuse, el("a", { href: `/${words.tag}/auctions/${id}/check` }, words.text("web_check"))));

  function draw() {
    const { auction } = state.view;
    const award = auction.awards.at(-1);
    const own = state.own?.bidder_no ?? null;
    const won = own !== null && award?.bidder === own;
    const pending = won && award.status === "pending" && auction.status === "qualification";
    if (auction.status === "cancelled") say(said, words.text("closed_cancelled"));
    else if (auction.status === "unsuccessful") say(said, words.code("failure", auction.failure));
    else if (won && award.status.unsuccessful) say(said, words.text(award.status.unsuccessful.reason === "refused" ? "result_refused" : "failure_winner_default"));
    else if (won) say(said, words.text(!pending ? "result_signed" : auction.round ? "closed_won" : "result_sole"));
    else say(said, own === null ? words.text("winner", { number: award?.bidder ?? "—" }) : words.text("closed_lost"));
    price.hidden = !award;
    say(price, award ? words.som(award.price) : "");
    const instalments = won ? state.view.instalments ?? [] : [];
    parts.hidden = instalments.length === 0;
    parts.replaceChildren(...instalments.map((part) => el("li", {}, inWords(words, part))));
    until.hidden = !pending;
    if (pending) say(until, words.text("confirm_by", { time: words.at(award.confirm_by) }));
    sign.hidden = !pending;
    refuse.hidden = !pending;
  }
  return { element, draw };
}

/** A part of the price: when, how much, and what the guarantee has paid of it. */
function inWords(words, { number, amount, counted, months, due }) {
  const key = due ? "instalment_dated" : months === 0 ? "instalment_first" : "instalment_later";
  // The day ends at `due`; its date is before it.
  const time = due ? words.at(due - 1).slice(0, "31.12.2026".length) : "";
  const line = words.text(key, { number, amount: words.som(amount), count: months, time });
  return counted > 0 ? `${line}. ${words.text("instalment_counted", { amount: words.som(counted) })}` : line;
}
