// The bidder's app: who is here, and which page they want. Each page is loaded afresh, so that none
// has to clean up after another.

import { auctionPage } from "./auction-page.js";
import { el } from "./dom.js";
import { homePage, welcomePage } from "./home.js";
import { device, session } from "./identity.js";
import { renew } from "./push.js";
import { get, write } from "./store.js";
import { sync } from "./sync.js";
import * as languages from "./words.js";

const place = document.querySelector("main");

async function begin() {
  const query = new URLSearchParams(location.search);
  const lang = query.get("lang");
  const isLanguage = lang !== null && Object.hasOwn(languages.LANGUAGES, lang);
  // The app goes on in the language of the page that led to it; a full disk keeps nobody out.
  if (isLanguage) {
    await write([["kept", "language", lang]]).catch(() => null);
    query.delete("lang");
    history.replaceState(null, "", `${location.pathname}?${query}`);
  }
  const words = await languages.load(languages.language(isLanguage ? lang : await get("kept", "language")));
  document.documentElement.lang = words.tag;
  document.title = words.text("app_name");
  header(words);
  const context = { words, session: await session(), device: await device(), place };
  const auction = query.get("auction");
  if (!context.session) await welcomePage(context);
  else if (auction) await auctionPage(context, auction);
  else await homePage(context);
  place.removeAttribute("aria-busy");
  // Without a connection, or with a push service that does not answer, the next time is early enough.
  if (context.session) renew().catch(() => null);
  addEventListener("online", () => sync());
}

function header(words) {
  const skip = document.querySelector(".skip");
  skip.textContent = words.text("web_to_content");
  const pick = async (tag) => {
    await write([["kept", "language", tag]]);
    location.reload();
  };
  const buttons = Object.entries(languages.LANGUAGES).map(([tag, name]) =>
    el("button", { type: "button", lang: tag, title: name, "aria-label": name, "aria-current": tag === words.tag && "true", onclick: () => pick(tag) }, tag));
  document.querySelector("[data-languages]").replaceChildren(...buttons);
  document.querySelector("[data-languages]").setAttribute("aria-label", words.text("language"));
  const ways = document.querySelector("[data-ways]");
  ways.setAttribute("aria-label", words.text("web_menu"));
  ways.replaceChildren(
    el("a", { href: "/b/" }, words.text("screen_mine")),
    el("a", { href: `/${words.tag}` }, words.text("screen_catalogue")),
  );
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/b/worker.js", { scope: "/b/" }).catch(() => null);
}
begin().catch((error) => {
  console.error(error);
  place.replaceChildren(el("p", { class: "notice bad", role: "alert" }, String(error?.message ?? error)));
});
