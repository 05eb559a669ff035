//! Quotes and bids. A quote names the price that was shown and is void when it changes; a bid is
//! made from a quote, sent once, and saved before it is sent, so that its outcome can always be
//! asked for.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::receipt::Receipt;

/// The most bids that are remembered; the oldest decided ones are dropped first.
const BIDS_MAX: usize = 500;

/// A price that was shown, and the cost of raising it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    /// The number of this quote, unique in this run.
    pub id: u64,
    /// The epoch of the auction when the price was shown.
    pub epoch: u32,
    /// The round and price that were shown.
    pub basis: Basis,
    /// The whole new price, tyiyn.
    pub amount: Tyiyn,
}

impl Quoted {
    /// Returns `true` if the auction has not changed since the price was shown.
    pub fn holds(&self, auction: &Auction) -> bool {
        auction.epoch == self.epoch
            && auction.round.is_some_and(|round| round.basis() == self.basis)
    }
}

/// A bid made on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedBid {
    /// The auction of the bid.
    pub auction: AuctionId,
    /// The signed bid, exactly as sent.
    pub bid: PlaceBid,
    /// The outcome so far.
    #[serde(rename = "fate")]
    pub outcome: BidOutcome,
}

/// The outcome of a bid, as far as this phone knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BidOutcome {
    /// Sent, or about to be; no answer yet.
    Sending,
    /// Sent, and the answer was lost; the phone may only ask for it by the bid's id.
    Unknown,
    /// Decided; the receipt's signature was verified.
    Decided(Receipt),
    /// The server never received it.
    NotReceived,
    /// The server answered without deciding; the problem's code.
    NotDecided(String),
}

/// The result of sending a bid or of asking about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BidAnswer {
    /// The server's reply, with a receipt.
    Reply(BidReply),
    /// The server does not know this bid.
    NotFound,
    /// Not decided, and nothing was done; the problem's code.
    Problem(String),
    /// The request did not leave the phone.
    NotSent,
    /// The request may or may not have arrived.
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
    /// Continues after a restart: the outcome of bids that were being sent is unknown.
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

    /// Opens a quote in place of any other of the auction.
    pub fn quote(&mut self, auction: AuctionId, state: &Auction, amount: Tyiyn) -> Option<Quoted> {
        let basis = state.round?.basis();
        self.quote_no += 1;
        let quoted = Quoted { id: self.quote_no, epoch: state.epoch, basis, amount };
        self.quotes.insert(auction, quoted);
        Some(quoted)
    }

    /// Takes out the quote: it can be used for one bid.
    pub fn take_quote(&mut self, auction: AuctionId, id: u64) -> Option<Quoted> {
        if self.quotes.get(&auction)?.id != id {
            return None;
        }
        self.quotes.remove(&auction)
    }

    /// The bid with this id.
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

    /// Takes in the result of sending or asking; `verified` if the receipt is the operator's and
    /// this bid's. Returns `true` if the outcome changed, and the writes.
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

    /// The bid of an auction that is being sent.
    pub fn sending(&self, auction: AuctionId) -> Option<BidId> {
        self.with(auction, &BidOutcome::Sending)
    }

    /// The bid of an auction whose outcome is unknown.
    pub fn unknown(&self, auction: AuctionId) -> Option<BidId> {
        self.with(auction, &BidOutcome::Unknown)
    }

    /// Any bid whose outcome is unknown.
    pub fn any_unknown(&self) -> Option<BidId> {
        self.rows
            .iter()
            .find(|(_, placed)| placed.outcome == BidOutcome::Unknown)
            .map(|(id, _)| *id)
    }

    /// The latest log position in a receipt of this auction, and its bid: a follower with fewer
    /// records does not show that price yet.
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
