//! Quotes and bids. A quote names the price that was seen and dies with it; a bid is made of a
//! quote, sent once, and remembered before it leaves, so that its fate can always be asked for.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::receipt::Receipt;

/// Bids remembered; the oldest decided ones go first.
const BIDS_MAX: usize = 500;

/// A price that was shown, and what raising it would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    /// This quote's number in this run.
    pub id: u64,
    /// The epoch seen.
    pub epoch: u32,
    /// The round and price seen.
    pub basis: Basis,
    /// The new price.
    pub amount: Tyiyn,
}

impl Quoted {
    /// Whether the auction still is as it was when the price was shown.
    pub fn holds(&self, auction: &Auction) -> bool {
        auction.epoch == self.epoch
            && auction.round.is_some_and(|round| round.basis() == self.basis)
    }
}

/// A bid of this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedBid {
    /// In which auction.
    pub auction: AuctionId,
    /// What was sent.
    pub bid: PlaceBid,
    /// What became of it.
    #[serde(rename = "fate")]
    pub outcome: BidOutcome,
}

/// What became of a bid, as far as this phone knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BidOutcome {
    /// Under way.
    Sending,
    /// Sent, and no answer; only asking by its id is allowed.
    Unknown,
    /// Decided; the receipt's signature was checked.
    Decided(Receipt),
    /// The server never got it.
    NotReceived,
    /// The server answered without deciding; the problem's code.
    NotDecided(String),
}

/// What came of sending or asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BidAnswer {
    /// The server's reply.
    Reply(BidReply),
    /// There is no such bid.
    NotFound,
    /// Not decided, for this reason; nothing was done.
    Problem(String),
    /// No request left the phone.
    NotSent,
    /// Nobody knows.
    Lost,
}

/// Open quotes and remembered bids.
#[derive(Debug, Default)]
pub struct Bids {
    quotes: BTreeMap<AuctionId, Quoted>,
    quote_no: u64,
    rows: BTreeMap<BidId, PlacedBid>,
}

impl Bids {
    /// Continues where the last process stopped: what was under way is unknown now.
    pub fn load(rows: Vec<(BidId, PlacedBid)>) -> Self {
        let unknown = |mut placed: PlacedBid| {
            if placed.outcome == BidOutcome::Sending {
                placed.outcome = BidOutcome::Unknown;
            }
            placed
        };
        let rows = rows.into_iter().map(|(id, placed)| (id, unknown(placed))).collect();
        Self { rows, ..Self::default() }
    }

    /// Opens a quote in place of any older one of the auction.
    pub fn quote(&mut self, auction: AuctionId, state: &Auction, amount: Tyiyn) -> Option<Quoted> {
        let basis = state.round?.basis();
        self.quote_no += 1;
        let quoted = Quoted { id: self.quote_no, epoch: state.epoch, basis, amount };
        self.quotes.insert(auction, quoted);
        Some(quoted)
    }

    /// Takes the quote out: it serves one bid.
    pub fn take_quote(&mut self, auction: AuctionId, id: u64) -> Option<Quoted> {
        if self.quotes.get(&auction)?.id != id {
            return None;
        }
        self.quotes.remove(&auction)
    }

    /// One bid.
    pub fn get(&self, bid: BidId) -> Option<&PlacedBid> {
        self.rows.get(&bid)
    }

    /// Remembers a bid that is about to be sent.
    pub fn begin(&mut self, auction: AuctionId, bid: PlaceBid) -> Vec<Write> {
        let mut writes = Vec::new();
        if self.rows.len() >= BIDS_MAX {
            // Ids are ordered by time.
            let done = |placed: &PlacedBid| {
                !matches!(placed.outcome, BidOutcome::Sending | BidOutcome::Unknown)
            };
            let oldest = self.rows.iter().find(|(_, placed)| done(placed)).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                self.rows.remove(&oldest);
                writes.push(Write::delete(Table::Bid, oldest.to_string()));
            }
        }
        writes.extend(self.keep(PlacedBid { auction, bid, outcome: BidOutcome::Sending }));
        writes
    }

    /// Takes in what came of sending or asking; `verified` says that the receipt is the operator's
    /// and this bid's. Answers whether the fate changed.
    pub fn answered(
        &mut self,
        bid: BidId,
        answer: BidAnswer,
        verified: bool,
    ) -> (bool, Vec<Write>) {
        let Some(placed) = self.rows.get(&bid) else { return (false, Vec::new()) };
        let was_sending = placed.outcome == BidOutcome::Sending;
        let outcome = match (&placed.outcome, answer) {
            (BidOutcome::Decided(_), _) => return (false, Vec::new()),
            (_, BidAnswer::Reply(reply)) if verified => BidOutcome::Decided(reply.receipt),
            (BidOutcome::Sending, BidAnswer::NotSent) => {
                BidOutcome::NotDecided("offline".to_owned())
            }
            (BidOutcome::Sending, BidAnswer::Problem(code)) => BidOutcome::NotDecided(code),
            (BidOutcome::Sending | BidOutcome::Unknown, BidAnswer::NotFound) if !was_sending => {
                BidOutcome::NotReceived
            }
            (BidOutcome::Sending, _) => BidOutcome::Unknown,
            _ => return (false, Vec::new()),
        };
        let changed = outcome != placed.outcome;
        let placed = PlacedBid { outcome, ..placed.clone() };
        (changed, if changed { self.keep(placed) } else { Vec::new() })
    }

    /// The bid under way in an auction.
    pub fn sending(&self, auction: AuctionId) -> Option<BidId> {
        self.with(auction, &BidOutcome::Sending)
    }

    /// The bid of unknown fate in an auction.
    pub fn unknown(&self, auction: AuctionId) -> Option<BidId> {
        self.with(auction, &BidOutcome::Unknown)
    }

    /// Any bid of unknown fate.
    pub fn any_unknown(&self) -> Option<BidId> {
        self.rows
            .iter()
            .find(|(_, placed)| placed.outcome == BidOutcome::Unknown)
            .map(|(id, _)| *id)
    }

    /// The latest log position a receipt of this auction named, and its bid: a follower that has
    /// less does not show the price yet.
    pub fn latest(&self, auction: AuctionId) -> Option<(BidId, u64)> {
        let decided = self.rows.iter().filter(|(_, placed)| placed.auction == auction);
        let seqs = decided.filter_map(|(id, placed)| match &placed.outcome {
            BidOutcome::Decided(receipt) => Some((*id, receipt.body.seq)),
            _ => None,
        });
        seqs.max_by_key(|(_, seq)| *seq)
    }

    fn with(&self, auction: AuctionId, outcome: &BidOutcome) -> Option<BidId> {
        let of = |placed: &PlacedBid| placed.auction == auction && placed.outcome == *outcome;
        self.rows.iter().find(|(_, placed)| of(placed)).map(|(id, _)| *id)
    }

    fn keep(&mut self, placed: PlacedBid) -> Vec<Write> {
        let id = placed.bid.bid;
        let write = Write::json(Table::Bid, id.to_string(), &placed);
        self.rows.insert(id, placed);
        vec![write]
    }
}
