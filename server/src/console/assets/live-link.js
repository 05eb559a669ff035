// One live stream for all windows of this browser, which heals by itself.
//
// A browser's own EventSource gives up for good on an answer such as a proxy's 502, does not notice
// a connection that died without a word, and each window would have one of its own. So one window
// leads: it holds a lock, keeps the stream, and passes every frame on to the others. A window that
// hears nothing of its leader takes the lead over: browsers slow down windows that nobody sees.

const NAME = "toruk-live";
/** Heartbeats tell when the next one is due; two and a half of them missed is silence. */
const SILENCE_MS = 2_500;
const MISSED = 2.5;
const OPENING_MS = 8_000;
const BACK_OFF_MS = 500;
const BACK_OFF_MAX_MS = 10_000;
const RETRY_AFTER_MAX_MS = 60_000;
/** The leader says this often that it is there, and is given up after as long as this. */
const PRESENCE_MS = 2_000;
const ABSENCE_MS = 8_000;
/** What a window follows is forgotten when it has not said so for as long as this. */
const FORGOTTEN_MS = 150_000;
/** The server's limit for one stream. */
const AUCTIONS_MAX = 64;

const shares = "locks" in navigator;

function random() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

/** The name under which the server knows this browser's stream: its next one replaces the last. */
function viewer(name) {
  if (!shares) return random();
  try {
    const known = localStorage.getItem(name);
    if (known) return known;
    localStorage.setItem(name, random());
    return localStorage.getItem(name);
  } catch {
    return random();
  }
}

/**
 * Follows an auction. `position()` is the last record that is drawn, `heard(frame)` takes each
 * frame, and `told(link)` takes "connecting", "live", "lost" or "full". Somebody who is signed in
 * has a stream of a name of their own, with the headers that say who they are.
 */
export function follow(auction, position, heard, told, { name = NAME, headers = () => ({}) } = {}) {
  const windows = new BroadcastChannel(name);
  const self = viewer(name);
  const wanted = new Map(); // The leader's: auction → { seq, at }
  let leading = null; // The leader's AbortController
  let attempt = null; // Its present request's
  let queued = null; // That of a place in the queue for the lead
  let wake = () => {};
  let restarts = false;
  let present = performance.now();

  function take({ auction: of, frame, link }) {
    if (of && of !== auction) return;
    if (link) told(link);
    if (!frame) return;
    // Until the stream has taken this window's auction in, its heartbeats do not name it.
    if (frame.heartbeat && !(auction in frame.heartbeat.seqs)) return;
    told("live");
    heard(frame);
  }

  function share(message) {
    windows.postMessage(message);
    take(message);
  }

  function want(id, seq) {
    const known = wanted.get(id);
    wanted.set(id, { seq: Math.max(seq, known?.seq ?? 0), at: performance.now() });
    if (known) return;
    if (wanted.size > AUCTIONS_MAX) {
      wanted.delete(id);
      share({ auction: id, link: "full" });
      return;
    }
    restarts = true;
    attempt?.abort();
    wake();
  }

  const join = () => windows.postMessage({ join: auction, seq: position() });

  windows.addEventListener("message", ({ data }) => {
    if (data.join !== undefined) {
      if (leading) want(data.join, data.seq);
    } else if (data.asks) {
      join();
    } else if (!leading) {
      present = performance.now();
      take(data);
    }
  });

  function address() {
    const now = performance.now();
    for (const [id, { at }] of wanted) {
      if (id !== auction && now - at > FORGOTTEN_MS) wanted.delete(id);
    }
    const query = new URLSearchParams([...wanted].map(([id, { seq }]) => ["follow", `${id}:${seq}`]));
    query.append("viewer", self);
    return `/v1/live?${query}`;
  }

  function received(text) {
    let id = "";
    let data = "";
    for (const line of text.split("\n")) {
      if (line.startsWith("id:")) id = line.slice(3).trim();
      if (line.startsWith("data:")) data += line.slice(5);
    }
    if (!data) return null;
    const frame = JSON.parse(data);
    const [of, seq] = id.split(":");
    const known = wanted.get(of);
    if (known && seq) known.seq = Number(seq);
    share(of ? { auction: of, frame } : { frame });
    return frame;
  }

  /** One request until it ends. Returns what became of it. */
  async function request(leader) {
    attempt = new AbortController();
    const end = () => attempt.abort();
    leader.addEventListener("abort", end);
    let watchdog = setTimeout(end, OPENING_MS);
    let opened = false;
    try {
      const asked = { headers: { Accept: "text/event-stream", ...headers() }, cache: "no-store", redirect: "error" };
      const answer = await fetch(address(), { ...asked, signal: attempt.signal });
      const kind = answer.headers.get("Content-Type") ?? "";
      if (!answer.ok || !kind.startsWith("text/event-stream")) {
        const wait = Number(answer.headers.get("Retry-After")) * 1_000 || 0;
        // Only the server's own word ends a wait that a proxy may have caused.
        const full = answer.status === 429 && kind.startsWith("application/problem+json");
        return { opened, full, wait: Math.min(wait, RETRY_AFTER_MAX_MS) };
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = "";
      let silence = SILENCE_MS;
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return { opened, wait: 0 };
        buffer += value;
        const parts = buffer.split("\n\n");
        buffer = parts.pop();
        for (const part of parts) {
          const frame = received(part);
          opened = opened || frame !== null;
          if (frame?.heartbeat) silence = Math.max(SILENCE_MS, frame.heartbeat.next_ms * MISSED);
        }
        clearTimeout(watchdog);
        watchdog = setTimeout(end, silence);
      }
    } catch {
      return { opened, wait: 0 };
    } finally {
      clearTimeout(watchdog);
      leader.removeEventListener("abort", end);
      attempt.abort();
    }
  }

  function pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Keeps the stream for as long as this window leads. */
  async function lead(own) {
    leading = own;
    wanted.clear();
    want(auction, position());
    windows.postMessage({ asks: true });
    const presence = setInterval(() => windows.postMessage({ here: true }), PRESENCE_MS);
    let failures = 0;
    try {
      while (!own.signal.aborted) {
        restarts = false;
        if (failures > 0) share({ link: "connecting" });
        const { opened, full, wait } = await request(own.signal);
        if (own.signal.aborted) return;
        if (restarts) continue;
        share({ link: full ? "full" : "lost" });
        failures = opened ? 1 : failures + 1;
        const backOff = Math.min(BACK_OFF_MS * 2 ** (failures - 1), BACK_OFF_MAX_MS);
        await pause(Math.max(backOff, wait) * (0.5 + Math.random() / 2));
      }
    } finally {
      clearInterval(presence);
    }
  }

  function stand(steal) {
    queued?.abort();
    queued = new AbortController();
    const options = steal ? { steal: true } : { signal: queued.signal };
    let own = null;
    const hold = () => {
      own = new AbortController();
      return lead(own);
    };
    navigator.locks.request(name, options, hold).catch(() => {
      if (own === null) return; // It has only left the queue.
      // Another window has taken over.
      own.abort();
      if (leading === own) leading = null;
      present = performance.now();
      stand(false);
    });
  }

  setInterval(() => {
    if (leading || !shares) return;
    join();
    const absent = performance.now() - present;
    if (absent > SILENCE_MS * 2) told("lost");
    const patience = ABSENCE_MS * (1 + Math.random());
    if (document.visibilityState === "visible" && absent > patience) {
      present = performance.now();
      stand(true);
    }
  }, PRESENCE_MS);

  addEventListener("offline", () => {
    if (leading) attempt?.abort();
  });
  addEventListener("online", () => wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") wake();
  });

  told("connecting");
  if (!shares) return void lead(new AbortController());
  stand(false);
  join();
}
