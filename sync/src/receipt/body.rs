//! What a receipt says, and the one text in which it says it.

use crate::domain::auction::bidding::BidRejection;
use crate::domain::id::{AuctionId, BidId, BidderNo};
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::{FromStr, Split};

/// Longest text of a receipt that is looked at; a real one has some 500 bytes and an origin.
pub const BODY_TEXT_BYTES_MAX: usize = 1024;
/// What the text's first line holds after the operator's origin.
const KIND: &str = "/receipt/v1";

/// What became of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The bidder leads.
    Accepted,
    /// Nothing changed.
    Refused(BidRejection),
}

/// What the server says of a bid, and will be held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptBody {
    /// In which auction.
    pub auction: AuctionId,
    /// Of which bid.
    pub bid: BidId,
    /// Whose; absent for someone who takes no part.
    pub bidder: Option<BidderNo>,
    /// The amount asked for.
    pub amount: Tyiyn,
    /// What became of it.
    pub decision: Decision,
    /// When the whole request had arrived.
    pub received_at: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The log's length after the decision.
    pub seq: u64,
    /// The log's head after the decision, lower-case hex.
    pub head: String,
    /// Raises accepted after the decision.
    pub round: u64,
    /// The price after the decision.
    pub price: Tyiyn,
    /// The window's end after the decision.
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
        let lines = [
            format!("{origin}{KIND}"),
            format!("auction {}", self.auction),
            format!("bid {}", self.bid),
            format!("bidder {}", or_none(self.bidder)),
            format!("amount {}", self.amount.get()),
            decision,
            format!("received {}", self.received_at.0),
            format!("decided {}", self.decided_at.0),
            format!("seq {}", self.seq),
            format!("head {}", self.head),
            format!("round {}", self.round),
            format!("price {}", self.price.get()),
            format!("deadline {}", or_none(self.deadline.map(|at| at.0))),
        ];
        lines.join("\n") + "\n"
    }

    /// The origin and the body of a text; `None` when it is not exactly what [`Self::text`] gives.
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
        let head: super::Hash = hex::decode(&body.head).ok()?.try_into().ok()?;
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

/// A refusal as it stands in a receipt: its code on the wire, and what it holds after a blank.
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
