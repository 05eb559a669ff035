// An auction as its log changes it. Bids are folded here; anything rarer is asked of the server,
// which words and decides it in one place.

/**
 * Folds a record into a view.
 * @param {any} view An `AuctionView`. @param {any} record
 * @returns {{ view: any, stale: boolean }} `stale`: the server has to be asked for the view.
 */
export function fold(view, record) {
  if (record.seq <= view.seq) return { view, stale: false };
  const { bid_placed: placed, bid_refused: refused } = record.event;
  if (record.seq !== view.seq + 1 || !(placed || refused)) return { view, stale: true };
  const auction = structuredClone(view.auction);
  if (placed) {
    auction.round = {
      ...auction.round,
      phase: "raising",
      number: auction.round.number + 1,
      price: placed.amount,
      leader: placed.bidder,
      deadline: placed.deadline,
    };
    auction.best[placed.bidder] = placed.amount;
    auction.refused = {};
    stamp(auction, placed);
  } else {
    auction.refused = auction.refused ?? {};
    (auction.refused[refused.bidder] ??= []).push(refused.reason);
    stamp(auction, refused);
  }
  return { view: { ...view, auction, seq: record.seq }, stale: false };
}

function stamp(auction, { bidder, received_at }) {
  auction.attempted_at[bidder] = received_at;
  auction.stamped_at = Math.max(auction.stamped_at ?? received_at, received_at);
}
