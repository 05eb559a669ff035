//! The content of a receipt, and the one text in which it is stated.

use crate::domain::auction::bidding::BidRejection;
use crate::domain::id::{AuctionId, BidId, BidderNo};
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::{FromStr, Split};

/// The longest text of a receipt that is parsed; a real one has some 500 bytes and an origin.
pub const BODY_TEXT_BYTES_MAX: usize = 1024;
/// The rest of the text's first line, after the operator's origin.
const KIND: &str = "/receipt/v1";

/// The decision on a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The bid was accepted: the bidder leads.
    Accepted,
    /// The bid was rejected: nothing changed.
    Refused(BidRejection),
}

/// The server's statement about a bid, which can be held against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptBody {
    /// The auction of the bid.
    pub auction: AuctionId,
    /// The bid's id.
    pub bid: BidId,
    /// The bidder's number; absent for a person who takes no part.
    pub bidder: Option<BidderNo>,
    /// The amount that was offered.
    pub amount: Tyiyn,
    /// The decision on the bid.
    pub decision: Decision,
    /// The server's time when the whole request had arrived.
    pub received_at: Timestamp,
    /// The server's time of the decision.
    pub decided_at: Timestamp,
    /// The number of records of the log after the decision.
    pub seq: u64,
    /// The hash at the head of the log after the decision, in lower-case hex.
    pub head: String,
    /// The number of accepted raises after the decision.
    pub round: u64,
    /// The price after the decision.
    pub price: Tyiyn,
    /// The end of the window after the decision.
    pub deadline: Option<Timestamp>,
}

impl ReceiptBody {
    /// The text whose hash is signed: a line for each field, in this order, for a person to read
    /// and for a program to compare. Amounts are tyiyn, moments Unix microseconds.
    pub fn text(&self, origin: &str) -> String {
        let decision = match self.decision {
            Decision::Accepted => "accepted".to_owned(),
            Decision::Refused(reason) => format!("refused {}", word(reason)),
        };
        format!(
            "{origin}{KIND}\nauction {}\nbid {}\nbidder {}\namount {}\n{decision}\n\
             received {}\ndecided {}\nseq {}\nhead {}\nround {}\nprice {}\ndeadline {}\n",
            self.auction,
            self.bid,
            or_none(self.bidder),
            self.amount.get(),
            self.received_at.0,
            self.decided_at.0,
            self.seq,
            self.head,
            self.round,
            self.price.get(),
            or_none(self.deadline.map(|at| at.0)),
        )
    }

    /// Parses a text into origin and body; `None` if it is not exactly what [`Self::text`] gives.
    pub fn parse(text: &str) -> Option<(&str, Self)> {
        if text.len() > BODY_TEXT_BYTES_MAX {
            return None;
        }
        let mut lines = text.split('\n');
        let origin = lines.next()?.strip_suffix(KIND)?;
        let body = Self {
            auction: value(&mut lines, "auction ")?,
            bid: value(&mut lines, "bid ")?,
            bidder: optional(&mut lines, "bidder ")?.map(BidderNo),
            amount: Tyiyn::new(value(&mut lines, "amount ")?).ok()?,
            decision: match lines.next()? {
                "accepted" => Decision::Accepted,
                line => Decision::Refused(reason(line.strip_prefix("refused ")?)?),
            },
            received_at: Timestamp(value(&mut lines, "received ")?),
            decided_at: Timestamp(value(&mut lines, "decided ")?),
            seq: value(&mut lines, "seq ")?,
            head: lines.next()?.strip_prefix("head ")?.to_owned(),
            round: value(&mut lines, "round ")?,
            price: Tyiyn::new(value(&mut lines, "price ")?).ok()?,
            deadline: optional(&mut lines, "deadline ")?.map(Timestamp),
        };
        let head: super::hash::Hash = hex::decode(&body.head).ok()?.try_into().ok()?;
        let exact = hex::encode(head) == body.head && body.text(origin) == text;
        exact.then_some((origin, body))
    }
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn value<T: FromStr>(lines: &mut Split<'_, char>, name: &str) -> Option<T> {
    lines.next()?.strip_prefix(name)?.parse().ok()
}

fn optional<T: FromStr>(lines: &mut Split<'_, char>, name: &str) -> Option<Option<T>> {
    match lines.next()?.strip_prefix(name)? {
        "none" => Some(None),
        text => text.parse().ok().map(Some),
    }
}

/// A rejection in the form of a receipt: its code on the wire, and its content after a blank.
fn word(reason: BidRejection) -> String {
    let word = match reason {
        BidRejection::NotEligible => "not_eligible",
        BidRejection::NotStarted => "not_started",
        BidRejection::Suspended => "suspended",
        BidRejection::DeadlinePassed => "deadline_passed",
        BidRejection::Closed => "closed",
        BidRejection::StaleBasis => "stale_basis",
        BidRejection::AlreadyLeading => "already_leading",
        BidRejection::WrongAmount { required } => {
            return format!("wrong_amount {}", required.get());
        }
        BidRejection::PriceLimit => "price_limit",
        BidRejection::RateLimited => "rate_limited",
    };
    word.to_owned()
}

fn reason(word: &str) -> Option<BidRejection> {
    if let Some(required) = word.strip_prefix("wrong_amount ") {
        let required = Tyiyn::new(required.parse().ok()?).ok()?;
        return Some(BidRejection::WrongAmount { required });
    }
    serde_json::from_value(serde_json::Value::from(word)).ok()
}
