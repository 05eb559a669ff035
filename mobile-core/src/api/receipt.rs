//! Receipts of bids, and checking those that come from anywhere: kept, sent, shared.

use super::Core;
use crate::error::CoreError;
use toruk_sync::receipt::{Receipt, VerifierKey};

/// What the operator will be held to. Its signature was checked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BidReceipt {
    /// The amount asked for.
    pub amount: i64,
    /// When the whole request had arrived.
    pub received_at: i64,
    /// When it was decided.
    pub decided_at: i64,
    /// The log's length after the decision.
    pub seq: u64,
    /// The log's head after the decision, hex.
    pub head: String,
    /// The price after the decision.
    pub price: i64,
    /// The window's end after the decision.
    pub deadline: Option<i64>,
    /// The receipt as a file to keep and to show: what is said, in words, and the proof. Anyone
    /// can verify it with the operator's key (`toruk verify-log --receipt`).
    pub text: String,
}

#[uniffi::export]
impl Core {
    /// Checks a receipt's text, as it was kept or shared, against the operator's key. Needs no
    /// connection.
    ///
    /// # Errors
    /// `malformed` when it is no receipt, `forged` when the operator did not sign just this;
    /// [`CoreError::SignedOut`] before anybody signed in: the key came with the session.
    pub fn verify_receipt(&self, text: String) -> Result<BidReceipt, CoreError> {
        let receipt = Receipt::from_text(&text).map_err(|_| CoreError::refused("malformed"))?;
        let key = self.driver.read(|engine| Some(engine.profile()?.receipt_key.clone()));
        let key: VerifierKey =
            key.ok_or(CoreError::SignedOut)?.parse().map_err(CoreError::internal)?;
        receipt.verify(&key).map_err(|_| CoreError::refused("forged"))?;
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
