// The first page: the door, and then one's own auctions with what waits.

import { busy, el, say } from "./dom.js";
import { register, signIn, signOut } from "./identity.js";
import { pushCard } from "./push.js";
import { all, get } from "./store.js";
import { sync, waitingCount } from "./sync.js";

/** The door: a new account, or one that exists. @param {any} context */
export async function welcomePage({ words, place }) {
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
      await register(name.value.trim(), words.tag);
      location.reload();
    }, failed);
  });
  enter.addEventListener("click", () => busy(enter, async () => {
    await signIn();
    location.reload();
  }, failed));
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
  const sure = signOutQuestion(words, going);
  leave.addEventListener("click", async () => {
    const count = await waitingCount();
    if (count === 0) return going();
    say(sure.told, words.text("web_sign_out_loses", { count }));
    return sure.element.showModal();
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
    list, waiting, el("p", { class: "actions" }, el("a", { role: "button", href: `/${words.tag}` }, words.text("screen_catalogue")), leave), sure.element);
  await draw();
  const outcome = await sync();
  await draw();
  if (outcome !== "signed_out" && outcome !== "device_revoked") {
    const card = await pushCard(words);
    if (card) place.append(card);
    return;
  }
  // What is kept here stays; the same person signs in and goes on.
  await welcomePage({ words, place });
  place.prepend(el("p", { class: "notice warn", role: "alert" }, words.text("session_ended")));
}

/** What waits here would be lost with the person's other data. */
function signOutQuestion(words, going) {
  const told = el("p");
  const no = el("button", { type: "button", class: "outline", onclick: () => element.close() }, words.text("no"));
  const yes = el("button", { type: "button", "data-leave": true }, words.text("sign_out"));
  yes.addEventListener("click", () => {
    element.close();
    going();
  });
  const element = el("dialog", { "aria-labelledby": "leave-title" }, el("article", {},
    el("h2", { id: "leave-title" }, words.text("sign_out")), told, el("p", { class: "actions" }, yes, no)));
  return { told, element };
}
