// Keeps the app's own files, by their version, so that it opens without a connection, and shows pushes.
// What the server says is never kept here, and it sends nothing but where its own pushes go: no bid can
// be replayed.

/* global VERSION, FILES, WORDS, tyiyn, moment */
const SHELL = "/b/";
const CACHE = `toruk-bidder-${VERSION}`;
/** States of which it is remembered what was shown. */
const SHOWN_MAX = 50;
/** Kinds whose moment is the end of a time, not the beginning of one. */
const UNTIL = ["outbid", "started", "first_offer_made", "resumed", "confirm_due"];

self.addEventListener("install", (event) => {
  const kept = caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES]));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("toruk-bidder-") && name !== CACHE;
  const cleared = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const asked = request.mode === "navigate" && pathname === SHELL ? SHELL : FILES.includes(pathname) ? pathname : null;
  if (asked === null) return;
  event.respondWith(caches.match(asked).then((kept) => kept ?? fetch(request)));
});

/** The app's database; null if nobody has used the app here: it is not for the worker to make it. */
function database() {
  return new Promise((resolve) => {
    const request = indexedDB.open("toruk-bidder");
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = () => resolve(null);
    request.onsuccess = () => resolve(request.result);
  });
}

/** Uses what the app keeps, in one transaction; `unknown` if that can't be read or written. */
async function using(mode, unknown, act) {
  const opened = await database();
  if (opened === null) return unknown;
  try {
    const transaction = opened.transaction("kept", mode);
    return await new Promise((resolve) => {
      const found = act(transaction.objectStore("kept"));
      transaction.oncomplete = () => resolve(found());
      transaction.onabort = () => resolve(unknown);
    });
  } catch {
    return unknown;
  } finally {
    opened.close();
  }
}

/** A value that the app keeps. */
const kept = (key) => using("readonly", undefined, (store) => {
  const asked = store.get(key);
  return () => asked.result;
});

/** Whether what was shown of a state is older than this. */
const isOlder = (shown, { seq, server_time }) => seq > shown.seq || (seq === shown.seq && server_time > shown.server_time);

/** Whether a notice is newer than all that was shown of its state; then it counts as shown. A second time
 * is better than none: so it is, where that can't be known. */
async function isNew(notice) {
  const { tag, seq, server_time } = notice;
  const visible = await self.registration.getNotifications({ tag });
  if (visible.some(({ data }) => data && !isOlder(data, notice))) return false;
  return using("readwrite", true, (store) => {
    let fresh = true;
    const asked = store.get("shown");
    asked.onsuccess = () => {
      const shown = asked.result ?? [];
      const last = shown.find((one) => one.tag === tag);
      fresh = !last || isOlder(last, notice);
      const others = shown.filter((one) => one !== last).slice(1 - SHOWN_MAX);
      if (fresh) store.put([...others, { tag, seq, server_time }], "shown");
    };
    return () => fresh;
  });
}

function read(text) {
  try {
    const notice = JSON.parse(text);
    return typeof notice?.kind === "string" && typeof notice.tag === "string" ? notice : null;
  } catch {
    return null;
  }
}

/** What a notice says: what has happened, the price, and until when or from when. */
function told({ kind, price, deadline }, words) {
  const what = words[`notification_${kind}`] ?? words.push_notice;
  const amount = Number.isSafeInteger(price) && words.amount.replace("{figures}", tyiyn(price));
  const at = Number.isSafeInteger(deadline) && moment(deadline);
  const when = at && (UNTIL.includes(kind) ? words.push_until.replace("{time}", at) : at);
  return [what, amount, when].filter(Boolean).join(" · ");
}

/** Shows a notice. It is for one person, and says no more than that there is news if that can't be known
 * to be who uses the browser; what is another's, is old or came before is not shown. */
async function show(text) {
  const notice = read(text);
  const [session, language] = [await kept("session"), await kept("language")];
  const words = WORDS[language] ?? WORDS[notice?.language] ?? WORDS.ky;
  if (notice === null || !session) {
    return self.registration.showNotification(words.app_name, { body: words.push_notice, tag: "toruk", data: null });
  }
  if (notice.person !== session.person || !(await isNew(notice))) return undefined;
  const { auction, tag, seq, server_time } = notice;
  return self.registration.showNotification(notice.title || words.app_name, {
    body: told(notice, words),
    tag,
    renotify: true,
    timestamp: Math.floor(server_time / 1_000),
    data: { auction: notice.title ? auction : null, seq, server_time },
  });
}

self.addEventListener("push", (event) => event.waitUntil(show(event.data?.text() ?? "")));

/** Brings the auction of a notice to the front. */
async function open(auction) {
  const address = typeof auction === "string" ? `${SHELL}?auction=${encodeURIComponent(auction)}` : SHELL;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find(({ url }) => url === new URL(address, self.location.origin).href);
  return there ? there.focus() : self.clients.openWindow(address);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.auction));
});

/** The browser has another address for its pushes: the server is told. If that fails, the app does it when
 * it is opened. */
async function renew({ newSubscription, oldSubscription }) {
  const session = await kept("session");
  if (!session) return;
  const options = oldSubscription?.options;
  const next = newSubscription ?? (options && (await self.registration.pushManager.subscribe(options)));
  if (!next) return;
  const { endpoint, keys } = next.toJSON();
  await fetch("/v1/devices/current/web-push", {
    method: "PUT",
    headers: { Authorization: `Bearer ${session.token}`, "Content-Type": "application/json", "Sync-Protocol": "2" },
    body: JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }),
    credentials: "omit",
    redirect: "error",
  });
}

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event).catch(() => null)));
