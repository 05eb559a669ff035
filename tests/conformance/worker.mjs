// Runs the bidder's worker with a browser of its own making: for each line of JSON with the worker's
// source, what the app keeps and the events that come, a line with what the worker did.

import { createInterface } from "node:readline";
import { createContext, runInContext } from "node:vm";

const ORIGIN = "https://auction.example";

/** As much of IndexedDB as the worker uses, over an object; null: nobody has used the app here. */
function database(kept) {
  const soon = (act) => setTimeout(act, 0);
  const store = {
    get: (key) => {
      const asked = { result: structuredClone(kept?.[key]) };
      soon(() => asked.onsuccess?.());
      return asked;
    },
    put: (value, key) => (kept[key] = structuredClone(value)),
  };
  const transaction = () => {
    const made = { objectStore: () => store };
    // After the requests that were made at once.
    soon(() => soon(() => made.oncomplete?.()));
    return made;
  };
  const open = () => {
    const request = { result: { transaction, close: () => null }, transaction: { abort: () => (request.aborted = true) } };
    soon(() => {
      if (kept === null) request.onupgradeneeded?.();
      if (request.aborted) request.onerror?.();
      else request.onsuccess?.();
    });
    return request;
  };
  return { open };
}

function browser({ kept, windows = [], subscription = null, answers = 204 }) {
  const did = { shown: [], closed: 0, focused: [], opened: [], fetched: [], subscribed: [], kept };
  let visible = [];
  const listeners = {};
  const showNotification = async (title, options) => {
    did.shown.push({ title, ...options });
    visible = [...visible.filter(({ tag }) => tag !== options.tag), { title, ...options }];
  };
  const subscribe = async (options) => (did.subscribed.push(options), { toJSON: () => subscription });
  const self = {
    location: { origin: ORIGIN },
    addEventListener: (name, act) => (listeners[name] = act),
    registration: {
      showNotification,
      getNotifications: async ({ tag }) => visible.filter((one) => one.tag === tag),
      pushManager: { subscribe },
    },
    clients: {
      matchAll: async () => windows.map((url) => ({ url, focus: () => did.focused.push(url) })),
      openWindow: async (url) => did.opened.push(url),
    },
  };
  const request = async (url, options) => {
    did.fetched.push({ url, ...options });
    if (answers === null) throw new TypeError("no connection");
    return { status: answers };
  };
  const context = createContext({ self, indexedDB: database(kept), caches: {}, fetch: request, URL, console });
  const fire = async (name, event) => {
    const waited = [];
    listeners[name]({ ...event, waitUntil: (promise) => waited.push(promise) });
    await Promise.all(waited);
  };
  const dismiss = () => (visible = []);
  const click = (data) => fire("notificationclick", { notification: { data, close: () => (did.closed += 1) } });
  return { context, did, fire, dismiss, click };
}

async function played({ source, events, ...given }) {
  const { context, did, fire, dismiss, click } = browser(given);
  runInContext(source, context);
  for (const [name, value] of events) {
    if (name === "push") await fire("push", { data: { text: () => (typeof value === "string" ? value : JSON.stringify(value)) } });
    else if (name === "click") await click(value);
    else if (name === "dismiss") dismiss();
    else if (name === "change") {
      const moved = value && { toJSON: () => value };
      await fire("pushsubscriptionchange", { newSubscription: moved, oldSubscription: { options: { userVisibleOnly: true } } });
    }
  }
  return did;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await played(JSON.parse(line))));
}
