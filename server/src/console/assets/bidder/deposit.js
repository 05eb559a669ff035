// The guarantee payment: a code for a wallet or a bank's branch with its countdown, or the bank's own
// page. That it is paid is said by the server alone.

import { ask, request } from "./api.js";
import { busy, el, say } from "./dom.js";
import { rejection } from "./outbox.js";
import { enqueue } from "./sync.js";

const LIVE = ["created", "code_issued", "redirected", "pending"];
/** The ways to pay, by the name of their text. */
const CHANNELS = { wallet_code: "pay_wallet", branch_code: "pay_branch", card: "pay_card" };
const ENDED = ["withdrawn", "disqualified", "not_admitted"];

/** @param {any} state */
export function depositPart(state) {
  const { words } = state;
  const made = screen(words);
  const failed = (error) => {
    made.failure.hidden = false;
    say(made.failure, words.failure(error));
  };
  for (const [channel, pay] of Object.entries(made.ways)) {
    pay.addEventListener("click", () => busy(pay, async () => {
      made.failure.hidden = true;
      const body = { id: crypto.randomUUID(), channel };
      await ask("POST", `/v1/applications/${state.own.application.id}/payments`, { body, timeout: 30_000 });
      await state.again();
    }, failed));
  }
  made.slip.addEventListener("click", () => busy(made.slip, async () => {
    made.failure.hidden = true;
    const { application } = state.own;
    const path = `/v1/applications/${application.id}/payments/${current().id}/slip.pdf?language=${words.tag}`;
    const url = URL.createObjectURL(await (await request("GET", path, { timeout: 30_000 })).blob());
    Object.assign(document.createElement("a"), { href: url, download: "slip.pdf" }).click();
  }, failed));
  made.withdraw.addEventListener("click", () => {
    made.failure.hidden = true;
    made.sure.showModal();
  });
  made.no.addEventListener("click", () => made.sure.close());
  made.yes.addEventListener("click", () => busy(made.yes, async () => {
    made.sure.close();
    made.failure.hidden = true;
    await enqueue(state.session, { withdraw_application: { application: state.own.application.id } });
    await state.again();
  }, failed));

  /** The attempt that can still be paid, as far as anybody here knows what time it is. */
  const current = () => {
    const now = state.now()?.time;
    return (state.own?.intents ?? []).findLast((intent) => LIVE.includes(intent.status) && (now === undefined || intent.expires_at > now));
  };
  function draw() {
    const { application, deposit } = state.own;
    say(made.standing, words.code("application", application.status));
    made.reason.hidden = !application.reason;
    say(made.reason, application.reason ?? "");
    made.paying.hidden = application.status !== "admitted";
    made.withdraw.hidden = state.withdrawing || ENDED.includes(application.status);
    // Queued is not withdrawn, and what the server refused is told as well.
    const refused = state.refusal && !ENDED.includes(application.status);
    made.withdrawing.hidden = !state.withdrawing && !refused;
    if (state.withdrawing) say(made.withdrawing, words.text("web_not_withdrawn_yet"));
    else if (refused) say(made.withdrawing, `${words.text("web_not_withdrawn")}: ${words.code("code", rejection(state.refusal))}`);
    say(made.amount, words.som(deposit?.amount ?? state.view.auction.terms.guarantee));
    tick();
  }
  function tick() {
    const intent = current();
    const now = state.now()?.time;
    Object.values(made.ways).forEach((pay) => (pay.hidden = Boolean(intent) || now === undefined));
    say(made.code, intent?.code ?? "");
    made.slip.hidden = intent?.channel !== "branch_code" || !intent.code;
    made.site.hidden = !intent?.redirect_url?.startsWith("https://");
    if (!made.site.hidden) made.site.href = intent.redirect_url;
    made.short.hidden = !intent?.cut_short;
    const dead = now !== undefined && !intent && (state.own?.intents ?? []).length > 0 && state.own.application.status === "admitted";
    if (now === undefined) say(made.left, intent?.code ? words.text("web_code_until", { time: words.at(intent.expires_at) }) : words.text("web_no_time"));
    else if (intent?.code) say(made.left, words.text("code_valid_for", { left: words.left(intent.expires_at - now) }));
    else say(made.left, dead ? words.text("code_dead") : intent ? words.code("intent", intent.status) : "");
  }
  return { element: made.element, draw, tick };
}

function screen(words) {
  const made = {
    standing: el("p", { class: "lead", role: "status", "data-application": true }),
    reason: el("p", { class: "notice bad", hidden: true }),
    amount: el("dd", { class: "money" }),
    code: el("output", { class: "big figure", "data-code": true }),
    left: el("p", { class: "muted", role: "timer" }),
    short: el("p", { class: "notice warn", hidden: true }, words.text("cut_short")),
    failure: el("p", { class: "notice bad", role: "alert", hidden: true }),
    withdrawing: el("p", { class: "notice warn", role: "status", hidden: true, "data-withdrawing": true }),
    slip: el("button", { type: "button", class: "outline", hidden: true }, words.text("slip")),
    site: el("a", { role: "button", hidden: true, rel: "noreferrer" }, words.text("payment_site")),
    withdraw: el("button", { type: "button", class: "outline", "data-withdraw": true }, words.text("withdraw")),
    yes: el("button", { type: "button" }, words.text("yes")),
    no: el("button", { type: "button", class: "outline" }, words.text("no")),
  };
  made.ways = Object.fromEntries(Object.entries(CHANNELS).map(([channel, key]) =>
    [channel, el("button", { type: "button", class: channel === "wallet_code" ? null : "outline", "data-pay": channel }, words.text(key))]));
  made.sure = el("dialog", { "aria-labelledby": "withdraw-title" }, el("article", {},
    el("h2", { id: "withdraw-title" }, words.text("withdraw_sure")), el("p", { class: "actions" }, made.yes, made.no)));
  made.paying = el("div", {},
    el("dl", { class: "amounts" }, el("div", {}, el("dt", {}, words.text("guarantee")), made.amount)),
    el("p", { class: "muted" }, words.text("server_says_paid")), made.code, made.left, made.short,
    el("p", { class: "actions" }, ...Object.values(made.ways), made.slip, made.site));
  made.element = el("section", { class: "card" }, el("h2", {}, words.text("screen_deposit")), made.standing, made.reason,
    made.paying, made.failure, made.withdrawing, el("p", { class: "actions" }, made.withdraw), made.sure);
  return made;
}
