// Keeps the app's own files, by their version, so that it opens without a connection. What the server
// says is never kept here, and nothing is ever sent by it: no bid can be replayed. Shows pushes.

/* global VERSION, FILES */
const SHELL = "/b/";
const CACHE = `toruk-bidder-${VERSION}`;

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

/** A value that the app keeps for the worker. */
function kept(store, key) {
  return new Promise((resolve) => {
    const request = indexedDB.open("toruk-bidder", 1);
    request.onerror = () => resolve(undefined);
    // Nobody has used the app here: there is nothing, and it is not for the worker to make it.
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => {
      const asked = request.result.transaction(store).objectStore(store).get(key);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(undefined);
    };
  });
}

/** Shows a hint in the person's words; a hint for somebody else, or an unreadable one, says no more than that there is news. */
async function show(text) {
  const words = (await kept("kept", "notices")) ?? { title: "Торук", other: "Торук", notices: {} };
  let hint = {};
  try {
    hint = JSON.parse(text);
  } catch {
    // What it is about is asked of the server when the app opens.
  }
  const session = await kept("kept", "session");
  const own = hint.person === session?.person;
  const view = own ? await kept("rows", `view/${hint.auction}`) : undefined;
  const title = view?.lot.title ?? {};
  const lot = title.ky ?? title.ru ?? title.en;
  const body = (own && words.notices[hint.kind]) || words.other;
  await self.registration.showNotification(lot ?? words.title, {
    body,
    // A newer one of the same auction replaces it where it is shown.
    tag: hint.auction ?? "toruk",
    renotify: true,
    data: { auction: own ? hint.auction : null },
  });
}

self.addEventListener("push", (event) => event.waitUntil(show(event.data?.text() ?? "")));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { auction } = event.notification.data ?? {};
  const address = auction ? `/b/?auction=${auction}` : "/b/";
  const opened = self.clients.matchAll({ type: "window" }).then((windows) => {
    const there = windows.find((one) => one.url.endsWith(address));
    return there ? there.focus() : self.clients.openWindow(address);
  });
  event.waitUntil(opened);
});
