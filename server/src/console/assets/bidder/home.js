// The first page: the door, and then one's own auctions with what waits.

import { busy, el, say } from "./dom.js";
import { register, signIn, signOut } from "./identity.js";
import { pushCard, unsubscribe } from "./push.js";
import { all, get } from "./store.js";
import { signedOut, waitingCount } from "./outbox.js";
import { OVER, keepTrying, sync } from "./sync.js";

/** The door: a new account, or one that exists. Behind a session that has ended it is the same person's: nobody else is asked in over what is kept. @param {any} context @param {{ ended?: boolean }} [how] */
export async function welcomePage({ words, place }, { ended = false } = {}) {
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const failed = (error) => {
    failure.hidden = false;
    say(failure, words.failure(error));
  };
  const name = el("input", { id: "name", autocomplete: "name", required: true, maxlength: 200 });
  const create = el("button", { type: "submit" }, words.text("register"));
  const enter = el("button", { type: "button", class: "outline", "data-sign-in": true }, words.text("sign_in"));
  const form = el("form", { class: "card fields" },
    el("div", { class: "field" }, el("label", { for: "name" }, words.text("your_name")), name), create);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(create, async () => {
      await register(name.value.trim(), words.tag, lossQuestion(words));
      location.reload();
    }, failed);
  });
  enter.addEventListener("click", () => busy(enter, async () => {
    await signIn(lossQuestion(words));
    location.reload();
  }, failed));
  if (ended) {
    const erase = el("button", { type: "button", class: "quiet", "data-erase": true }, words.text("web_erase"));
    erase.addEventListener("click", () => busy(erase, async () => {
      const count = await waitingCount();
      if (count > 0 && !(await lossQuestion(words)(count))) return;
      await unsubscribe().catch(() => null);
      await signedOut();
      location.assign("/b/");
    }, failed));
    place.replaceChildren(failure, el("p", { class: "actions" }, enter, erase));
    return;
  }
  place.replaceChildren(
    el("header", { class: "title" }, el("h1", {}, words.text("web_welcome")), el("p", { class: "lead" }, words.text("web_welcome_text"))),
    failure, form, el("p", { class: "actions" }, enter));
}

/** One's own auctions, and what waits to be sent. @param {any} context */
export async function homePage({ words, session, place }) {
  const list = el("ul", { class: "tasks" });
  const waiting = el("p", { role: "status", class: "muted", "data-waiting": true });
  const leave = el("button", { type: "button", class: "quiet", "data-sign-out": true }, words.text("sign_out"));
  const going = () => busy(leave, async () => {
    await signOut();
    location.assign("/b/");
  }, (error) => say(waiting, words.failure(error)));
  leave.addEventListener("click", async () => {
    const count = await waitingCount();
    if (count === 0 || (await lossQuestion(words)(count))) going();
  });
  const draw = async () => {
    const rows = await all("rows");
    const own = rows.filter((row) => row?.application);
    const drafts = (await all("drafts")).filter(({ auction }) => !own.some((row) => row.application.auction === auction));
    const entry = async (auction, told) => {
      const view = await get("rows", `view/${auction}`);
      const title = view ? words.of(view.lot.title) : auction;
      return el("li", {}, el("a", { href: `/b/?auction=${auction}` },
        el("span", { class: "what" }, el("strong", {}, title), el("small", {}, told)), el("span", { class: "go", "aria-hidden": "true" }, "→")));
    };
    const items = await Promise.all([
      ...own.map((row) => entry(row.application.auction, words.code("application", row.application.status))),
      ...drafts.map(({ auction }) => entry(auction, words.text("web_draft"))),
    ]);
    list.replaceChildren(...items);
    if (items.length === 0) list.replaceChildren(el("li", { class: "empty" }, words.text("no_auctions")));
    const count = await waitingCount();
    waiting.dataset.waiting = String(count);
    say(waiting, count === 0 ? words.text("nothing_waits") : words.text("sync_waiting", { count }));
  };
  place.replaceChildren(
    el("header", { class: "title" }, el("h1", {}, words.text("screen_mine")), el("p", { class: "lead" }, words.text("signed_in_as", { name: session.name }))),
    list, waiting, el("p", { class: "actions" }, el("a", { role: "button", href: `/${words.tag}` }, words.text("screen_catalogue")), leave));
  await draw();
  const told = el("p", { class: "notice bad", role: "alert", hidden: true });
  place.prepend(told);
  const again = async () => {
    const outcome = await sync();
    await draw();
    told.hidden = outcome !== "storage_full";
    if (!told.hidden) say(told, words.text("web_storage_full"));
    await trying(outcome);
    return outcome;
  };
  const trying = keepTrying(async () => {
    const outcome = await again();
    if (OVER.includes(outcome)) await ended(outcome, { words, place });
  });
  const outcome = await again();
  if (OVER.includes(outcome)) return ended(outcome, { words, place });
  const card = await pushCard(words);
  if (card) place.append(card);
  return undefined;
}

/** The page behind an ended session: the same person signs in and goes on, or everything here is erased. A device that was revoked has kept nothing. */
async function ended(outcome, context) {
  const isRevoked = outcome === "device_revoked";
  await welcomePage(context, { ended: !isRevoked });
  const text = isRevoked ? context.words.code("code", outcome) : context.words.text("session_ended");
  context.place.prepend(el("p", { class: "notice warn", role: "alert" }, text));
}

/** Asks whether what waits here may be lost. @param {any} words @returns {(count: number) => Promise<boolean>} */
export const lossQuestion = (words) => (count) => new Promise((resolve) => {
  const no = el("button", { type: "button", class: "outline", value: "" }, words.text("no"));
  const yes = el("button", { type: "button", "data-leave": true }, words.text("yes"));
  const element = el("dialog", { "aria-labelledby": "leave-title" }, el("article", {},
    el("h2", { id: "leave-title" }, words.text("web_sign_out_loses", { count })),
    el("p", { class: "actions" }, yes, no)));
  no.addEventListener("click", () => element.close(""));
  yes.addEventListener("click", () => element.close("yes"));
  element.addEventListener("close", () => {
    element.remove();
    resolve(element.returnValue === "yes");
  });
  document.body.append(element);
  element.showModal();
});
