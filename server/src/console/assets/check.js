// Chains an auction's public log in the reader's own browser, and compares its end with the page.
// Only what the server has sent is believed: a change of any record changes the head.

import { canonical, hexOf, sha256, utf8 } from "./bidder/wire.js";

const PAGE = 1_000;
/** Pages at most: more records than any auction has. */
const PAGES_MAX = 200;

/** The head of the first `records` of an auction's log; null if the server has fewer. */
async function headOf(auction, records) {
  let head = new Uint8Array(32);
  let seen = 0;
  for (let page = 0; page < PAGES_MAX && seen < records; page += 1) {
    const answer = await fetch(`/v1/auctions/${auction}/log?after=${seen}&limit=${PAGE}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const log = await answer.json();
    if (log.length === 0) return null;
    for (const record of log.slice(0, records - seen)) {
      if (record.seq !== seen + 1) return null;
      head = await sha256(Uint8Array.of(0), head, utf8(canonical(record)));
      seen += 1;
    }
  }
  return seen === records ? hexOf(head) : null;
}

const place = document.querySelector("[data-check]");
const words = (key) => place.querySelector("template").content.querySelector(`[data-key="${key}"]`).textContent;
const [run, said] = [place.querySelector("[data-run]"), place.querySelector("[data-said]")];

function tell(key, tone) {
  said.textContent = words(key);
  said.dataset.tone = tone;
}

run.addEventListener("click", async () => {
  run.disabled = true;
  tell("working", "");
  const [records, head] = ["records", "head"].map((name) => document.querySelector(`[data-${name}]`).textContent.trim());
  try {
    const found = await headOf(place.dataset.check, Number(records));
    if (found === head) tell("holds", "good");
    else tell("differs", "bad");
  } catch {
    tell("failed", "bad");
  }
  run.disabled = false;
});
place.hidden = !globalThis.crypto?.subtle;
