// What waits for a second person is not in the auction's log, so the live stream does not bring
// it: it is asked for every few seconds. Forms are replaced only when other ones are due, so that
// nothing that is being typed is lost.

const EVERY_MS = 2_000;
/** A dead connection must not hold one of the browser's few places for ever. */
const ANSWER_MS = 5_000;

const place = document.querySelector("[data-proposals]");

async function look() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(place.dataset.proposals, { headers: { Accept: "text/html" }, signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    renew("[data-joint]", page, (old, fresh) => old.innerHTML !== fresh.innerHTML);
    renew("[data-propose]", page, (old, fresh) => old.dataset.propose !== fresh.dataset.propose);
  } catch {
    // The next look may find the server again; the live link's banner says that it is lost.
  }
}

function renew(part, page, differs) {
  const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
  if (old && fresh && differs(old, fresh)) old.replaceWith(document.adoptNode(fresh));
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}

setTimeout(keepLooking, EVERY_MS);
