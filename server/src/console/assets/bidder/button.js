// The state of the one big button: the same table as `domain::button` of the phones, in the same
// order. It never promises what the server would refuse.

/** Silence after which the browser counts as offline, µs. */
export const SILENCE_MAX = 1_500_000;
/** The uncertainty above which the clock is too poor for a bid, µs, times the clock's speed. */
export const UNCERTAINTY_MAX = 1_000_000;
/** The time for which a rejection is shown, µs. */
export const REFUSAL_SHOWN = 3_000_000;

/**
 * @typedef {{ amount: number, basis: { round: number, price: number }, epoch: number, left: number }} Offer
 * @typedef {{ code: string, closed?: string, offer?: Offer, until?: number | null, left?: number | null,
 *   reason?: string }} Button
 * @typedef {object} Situation
 * @property {any} auction The folded state.
 * @property {number | null} own This person's number.
 * @property {string | null} notEligible Why there is none: observer, deposit_due, not_admitted, numbers_pending.
 * @property {{ time: number, uncertainty: number } | null} clock
 * @property {number | null} silence µs since the last frame; null if not connected.
 * @property {{ state: "sending" | "unknown", bid: string } | null} pending
 * @property {number} outbidSeen
 * @property {{ reason: string, at: number } | null} refusal
 */

/** The end of the running window: the deadline, or the hard stop if that is earlier. */
export function closesAt(auction) {
  const deadline = auction.round?.deadline;
  if (deadline === undefined) return null;
  return Math.min(deadline, auction.hard_stop ?? deadline);
}

/**
 * The moment that the page counts down to, and the text before it. While an auction is suspended no
 * deadline runs: what is left then is said when it resumes.
 * @returns {{ text: "resumes_in" | "resume_unknown" | "time_left" | "starts_in", at: number | null }}
 */
export function countdown(auction) {
  const { suspension } = auction;
  if (suspension) {
    const at = suspension.resume_at ?? null;
    return { text: at === null ? "resume_unknown" : "resumes_in", at };
  }
  if (auction.status === "bidding") return { text: "time_left", at: closesAt(auction) };
  return { text: "starts_in", at: auction.birth.offer.start };
}

/** The only amount that is accepted next; null if there is none. */
export function required(auction) {
  const MAX = 9_000_000_000_000;
  if (!auction.terms || !auction.round) return null;
  const amount = auction.round.price + auction.terms.minimal_step;
  return amount <= MAX ? amount : null;
}

function ending(auction, own) {
  if (auction.status === "cancelled") return "cancelled";
  if (auction.status === "unsuccessful") {
    return auction.failure === "no_first_offer" ? "no_first_offer" : "unsuccessful";
  }
  if (!["qualification", "awarded", "complete"].includes(auction.status)) return null;
  return own !== null && auction.awards.at(-1)?.bidder === own ? "won" : "lost";
}

/** The round in which this bidder lost the lead; null if they lead or never led. */
function outbidIn(auction, own) {
  const best = auction.best[own];
  if (!auction.terms || auction.round?.leader === own || best === undefined) return null;
  return Math.floor((best - auction.terms.value) / auction.terms.minimal_step) + 1;
}

/** @param {Situation} situation @returns {Button} */
export function button(situation) {
  const { auction, own, clock, pending, silence } = situation;
  const closed = ending(auction, own);
  if (closed) return { code: "closed", closed };
  if (auction.suspension) return { code: "suspended", until: auction.suspension.resume_at ?? null };
  const waiting = () => {
    const left = clock && Math.max(0, auction.birth.offer.start - clock.time);
    return { code: "waiting_start", left };
  };
  if (own === null) {
    if (situation.notEligible === "numbers_pending") return waiting();
    return { code: "not_eligible", reason: situation.notEligible ?? "observer" };
  }
  if (auction.status !== "bidding") return waiting();
  if (silence === null || silence >= SILENCE_MAX) return { code: "offline" };
  const speed = Math.max(1, auction.birth.rules.clock_speed);
  if (!clock || clock.uncertainty > UNCERTAINTY_MAX * speed) return { code: "clock_uncertain" };
  if (pending) return { code: pending.state === "sending" ? "sending" : "unknown_outcome" };
  return live(situation, own, clock);
}

/** While bidding is open, the browser is connected and no bid is on its way. */
function live({ auction, outbidSeen, refusal }, own, clock) {
  const { round } = auction;
  const end = closesAt(auction);
  if (end === null || end <= clock.time) return { code: "closed", closed: "deadline_passed" };
  if (round.leader === own && !auction.birth.rules.allow_self_raise) return { code: "leading" };
  const amount = required(auction);
  if (amount === null) return { code: "price_limit" };
  const left = Math.max(0, end - (clock.time + clock.uncertainty));
  const basis = { round: round.number, price: round.price };
  const offer = { amount, basis, epoch: auction.epoch, left };
  const lost = outbidIn(auction, own);
  if (lost !== null && outbidSeen < lost) return { code: "outbid", offer };
  const fresh = refusal && clock.time >= refusal.at && clock.time - refusal.at < REFUSAL_SHOWN;
  if (fresh) return { code: "rejected", reason: refusal.reason };
  return { code: round.phase === "first_offer" ? "can_first_offer" : "can_raise", offer };
}

/** The offer that a press makes; null if the button can't be pressed. @param {Button} shown */
export function offered(shown) {
  return ["can_first_offer", "can_raise"].includes(shown.code) ? shown.offer : null;
}

/** Whether two offers are the same question. @param {Offer | null} one @param {Offer | null} other */
export function isSame(one, other) {
  return Boolean(one && other) && one.amount === other.amount && one.epoch === other.epoch
    && one.basis.round === other.basis.round && one.basis.price === other.basis.price;
}
