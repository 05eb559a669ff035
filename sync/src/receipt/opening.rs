//! Opening a participant's commitment: the log has `SHA-256(salt ‖ application id)` for each number,
//! and who has the salt can show which application stands behind it.
//!
//! # Why the participant has their own, and everybody the winner's
//! With their own opening a participant verifies that the log counts them, under the number that
//! they bid with, from before the bidding; nobody else can compute it. When the winner has confirmed,
//! the operator publishes the winner's, and only that one: then everybody can check that the winner
//! was among the participants that were frozen before the bidding, and is not another who was put in
//! their place. The application's id is random and names no person; who holds its receipt or the
//! signed package can be held to it. Those who lost are never opened.
//!
//! # Why it is not an event of the log
//! It proves itself: no other id and salt have the commitment that stands in the log. And a phone
//! that does not know a new event could not compute the log's head any more.

use super::hash::Hash;
use crate::domain::auction::Commitment;
use crate::domain::id::{ApplicationId, AuctionId, BidderNo};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest text of an opening that is parsed; a real one has some 200 bytes.
pub const OPENING_TEXT_BYTES_MAX: usize = 1024;
/// The text's first line.
const KIND: &str = "toruk opening v1";

/// The data that opens one participant's commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opening {
    /// The auction of the log.
    pub auction: AuctionId,
    /// The participant's number, from 1: the commitment's position in the log's list.
    pub bidder: BidderNo,
    /// The application behind the number.
    pub application: ApplicationId,
    /// 32 secret bytes, in lower-case hex.
    pub salt: String,
}

/// The commitment to an application: `SHA-256(salt ‖ application id)`, the id as 16 bytes.
pub fn commitment(salt: &Hash, application: ApplicationId) -> Commitment {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(application.0.as_bytes());
    Commitment(hex::encode(hasher.finalize()))
}

impl Opening {
    /// Returns `true` if it opens the commitment at its number in the list of a log.
    pub fn opens(&self, participants: &[Commitment]) -> bool {
        let Ok(Ok(salt)) = hex::decode(&self.salt).map(<Hash>::try_from) else { return false };
        let place = usize::from(self.bidder.0).checked_sub(1);
        let named = place.and_then(|place| participants.get(place));
        named == Some(&commitment(&salt, self.application))
    }

    /// A file to keep and to show: a line for each field.
    pub fn to_text(&self) -> String {
        let Self { auction, bidder, application, salt } = self;
        format!(
            "{KIND}\nauction {auction}\nnumber {bidder}\napplication {application}\nsalt {salt}\n"
        )
    }

    /// Parses a file that [`Self::to_text`] gave; `None` if it is not exactly one.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > OPENING_TEXT_BYTES_MAX {
            return None;
        }
        let mut lines = text.strip_prefix(KIND)?.strip_prefix('\n')?.split('\n');
        let mut value = |name: &str| lines.next()?.strip_prefix(name);
        let opening = Self {
            auction: value("auction ")?.parse().ok()?,
            bidder: BidderNo(value("number ")?.parse().ok()?),
            application: value("application ")?.parse().ok()?,
            salt: value("salt ")?.to_owned(),
        };
        (opening.to_text() == text).then_some(opening)
    }
}
