// Pushes to this browser: asked for by a tap, kept at the server in the place of a phone's token. The
// worker shows them with the words that are kept here for it.

import { ask } from "./api.js";
import { busy, el, say } from "./dom.js";
import { get, write } from "./store.js";
import { base64Of, bytesOf, utf8 } from "./wire.js";

/** The kinds of notices for which there are words, by the names of the rules. */
const KINDS = [
  "outbid", "auction_starting", "started", "first_offer_made", "confirm_due", "closed_lost", "no_first_offer",
  "unsuccessful", "suspended", "resume_announced", "resumed", "cancelled", "relaunched", "needs_reconfirm",
  "application_admitted", "application_not_admitted", "deposit_paid", "deposit_released", "payment_unmatched",
  "payment_code_expiring", "contract_due", "deposit_forfeited", "recovery_started", "key_added", "award_confirmed",
];

const base64url = (base64) => base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** This server's key for push services; empty if it sends to no browsers. */
const serverKey = () => document.querySelector('meta[name="web-push-key"]')?.content ?? "";

/** Keeps the words of notices in the page's language, for the worker. @param {any} words */
export async function keepWords(words) {
  const notices = Object.fromEntries(KINDS.map((kind) => [kind, words.code("notification", kind)]));
  await write([["kept", "notices", { title: words.text("app_name"), other: words.text("push_notice"), notices }]]);
}

/** Tells the server where this browser's pushes go. @param {PushSubscription} subscription */
async function tell(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const given = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const token = `web:${base64url(base64Of(utf8(given)))}`;
  await ask("PUT", "/v1/devices/current/push-token", { body: { token } });
  await write([["kept", "push", token]]);
}

async function subscribe() {
  const key = bytesOf(serverKey().replace(/-/g, "+").replace(/_/g, "/"));
  const { pushManager } = await navigator.serviceWorker.ready;
  // Chosen for another key, it would get nothing from this server.
  const old = await pushManager.getSubscription();
  const same = old && base64Of(new Uint8Array(old.options.applicationServerKey ?? [])) === base64Of(key);
  if (old && !same) await old.unsubscribe();
  await tell(same ? old : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
}

/** The offer to get pushes, or nothing where there are none. @param {any} words @returns {Promise<Node | null>} */
export async function offer(words) {
  await keepWords(words);
  const able = serverKey() && "PushManager" in globalThis && "Notification" in globalThis;
  if (!able || Notification.permission === "denied" || (await get("kept", "push"))) return null;
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const allow = el("button", { type: "button", "data-allow": true }, words.text("allow_notifications"));
  const card = el("section", { class: "card" }, el("p", {}, words.text("why_notifications")), failure, el("p", { class: "actions" }, allow));
  allow.addEventListener("click", () => busy(allow, async () => {
    if ((await Notification.requestPermission()) !== "granted") return;
    await subscribe();
    card.remove();
  }, (error) => {
    failure.hidden = false;
    say(failure, words.failure(error));
  }));
  return card;
}
