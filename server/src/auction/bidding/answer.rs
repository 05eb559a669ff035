//! The answer to a bid, as it is sent.

use super::super::store::StoredReceipt;
use std::sync::Arc;
use toruk_sync::domain::id::BidId;

/// The answer to a bid that was decided.
#[derive(Debug, Clone)]
pub struct BidAnswer {
    pub bid: BidId,
    pub is_accepted: bool,
    /// The signed receipt in JSON, as it is stored.
    pub receipt: Arc<str>,
}

impl StoredReceipt {
    /// The receipt as an answer.
    pub fn answer(&self) -> BidAnswer {
        let Self { bid, is_accepted, .. } = *self;
        BidAnswer { bid, is_accepted, receipt: self.json.clone() }
    }
}
