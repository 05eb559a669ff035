// Keeps the app's own files, by their version, so that it opens without a connection. What the server
// says is never kept here, and nothing is ever sent by it: no bid can be replayed.

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
