//! Receipts of bids, and verifying a receipt from any source: kept, sent or shared.

use super::Core;
use crate::error::CoreError;
use toruk_sync::receipt::{Receipt, VerifierKey};

/// A verified receipt: a statement that the operator signed and can be held to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BidReceipt {
    /// The amount that was offered, tyiyn.
    pub amount: i64,
    /// The server's time when the whole request had arrived, Unix µs.
    pub received_at: i64,
    /// The server's time of the decision, Unix µs.
    pub decided_at: i64,
    /// The number of records of the log after the decision.
    pub seq: u64,
    /// The hash at the head of the log after the decision, in hex.
    pub head: String,
    /// The price after the decision, tyiyn.
    pub price: i64,
    /// The end of the bidding window after the decision, Unix µs.
    pub deadline: Option<i64>,
    /// The receipt as a text file to keep and show: the statement in words, and the proof. Anyone
    /// can verify it with the operator's key (`toruk verify-log --receipt`).
    pub text: String,
}

#[uniffi::export]
impl Core {
    /// Verifies the text of a receipt, as it was kept or shared, with the operator's key. Needs no
    /// connection.
    ///
    /// # Errors
    /// `malformed` if it is no receipt; `forged` if the operator did not sign exactly this;
    /// [`CoreError::SignedOut`] before the first sign-in, which brings the key.
    pub fn verify_receipt(&self, text: String) -> Result<BidReceipt, CoreError> {
        let receipt = Receipt::from_text(&text).map_err(|_| CoreError::refused("malformed"))?;
        let keys = self.driver.read(|engine| {
            let profile = engine.profile()?;
            let former = profile.former_receipt_keys.iter();
            Some([&profile.receipt_key].into_iter().chain(former).cloned().collect::<Vec<_>>())
        });
        let is_signed =
            |key: &String| key.parse::<VerifierKey>().is_ok_and(|key| receipt.verify(&key).is_ok());
        if !keys.ok_or(CoreError::SignedOut)?.iter().any(is_signed) {
            return Err(CoreError::refused("forged"));
        }
        Ok(receipt_record(&receipt))
    }
}

pub(super) fn receipt_record(receipt: &Receipt) -> BidReceipt {
    let body = &receipt.body;
    BidReceipt {
        amount: body.amount.get(),
        received_at: body.received_at.0,
        decided_at: body.decided_at.0,
        seq: body.seq,
        head: body.head.clone(),
        price: body.price.get(),
        deadline: body.deadline.map(|at| at.0),
        // Only verified receipts get here, and they all have a text.
        text: receipt.to_text().unwrap_or_default(),
    }
}
