// Pushes to this browser. They are asked for by a press, never by the page itself; the worker shows them.

import { ask } from "./api.js";
import { busy, el, say } from "./dom.js";
import { get, write } from "./store.js";
import { base64Of, bytesOf } from "./wire.js";

const PATH = "/v1/devices/current/web-push";
/** Longest wait for a browser's push service to forget this browser. */
const PATIENCE_MS = 3_000;

/** Whether this browser has pushes at all: an iPhone has them once the app is on the home screen. */
const able = () => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

/** The server's key for push services; null if it sends to no browsers. @returns {Promise<string | null>} */
const serverKey = async () => (await ask("GET", "/v1/web-push")).public_key ?? null;

async function manager() {
  const { pushManager } = await navigator.serviceWorker.ready;
  return pushManager;
}

/** Subscribes, or keeps the subscription if it is for this key, and tells the server. @param {string} key */
async function subscribe(key) {
  const applicationServerKey = bytesOf(key.replaceAll("-", "+").replaceAll("_", "/"));
  const pushes = await manager();
  const old = await pushes.getSubscription();
  // Made for another key, it would get nothing from this server.
  const same = old && base64Of(new Uint8Array(old.options.applicationServerKey ?? [])) === base64Of(applicationServerKey);
  if (old && !same) await old.unsubscribe();
  const subscription = same ? old : await pushes.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { endpoint, keys } = subscription.toJSON();
  await ask("PUT", PATH, { body: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } } });
  await write([["kept", "push", true]]);
}

/** Ends this browser's pushes, at its push service first: what the server still sends arrives nowhere.
 * A push service that does not answer keeps nobody from leaving. */
export async function unsubscribe() {
  if (!able() || !(await get("kept", "push"))) return;
  const ended = navigator.serviceWorker.getRegistration("/b/").then(async (registration) => {
    const shown = (await registration?.getNotifications()) ?? [];
    shown.forEach((one) => one.close());
    const subscription = await registration?.pushManager.getSubscription();
    await subscription?.unsubscribe();
  });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([ended, late]);
}

/** Tells the server again where pushes go, if the person wants them: the browser may have another address,
 * the server another key. Asks nobody. */
export async function renew() {
  if (!able() || Notification.permission !== "granted" || !(await get("kept", "push"))) return;
  const key = await serverKey();
  if (key) await subscribe(key);
}

/** The offer to get pushes, or to get none any more. Nothing where there are none. @param {any} words @returns {Promise<Node | null>} */
export async function pushCard(words) {
  const key = able() ? await serverKey().catch(() => null) : null;
  if (!key) return null;
  const told = el("p", { "data-push": true });
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const failed = (error) => {
    failure.hidden = false;
    say(failure, words.failure(error));
  };
  const allow = el("button", { type: "button", class: "outline", "data-allow": true }, words.text("allow_notifications"));
  const stop = el("button", { type: "button", class: "quiet", "data-stop": true }, words.text("web_push_off"));
  const draw = async () => {
    const wanted = await get("kept", "push");
    const denied = Notification.permission === "denied";
    const on = Boolean(wanted) && Notification.permission === "granted";
    allow.hidden = denied || on;
    stop.hidden = !on;
    failure.hidden = true;
    say(told, words.text(denied ? "web_push_denied" : on ? "web_push_on" : "web_push_why"));
    told.dataset.push = denied ? "denied" : on ? "on" : "off";
  };
  allow.addEventListener("click", () => busy(allow, async () => {
    if ((await Notification.requestPermission()) === "granted") await subscribe(key);
    await draw();
  }, failed));
  stop.addEventListener("click", () => busy(stop, async () => {
    await unsubscribe().catch(() => null);
    await write([["kept", "push", undefined]]);
    await ask("DELETE", PATH);
    await draw();
  }, failed));
  await draw();
  return el("section", { class: "card" }, told, failure, el("p", { class: "actions" }, allow, stop));
}
