//! Receipts of acts on applications, kept for as long as the phone has room: evidence must not
//! depend on the server that gave it.

use crate::store::{Table, Write};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::identity::Session;
use toruk_sync::receipt::{ActDecision, ApplicationReceipt, VerifierKey};

/// The most receipts that are kept. Beyond it the oldest refusal is dropped first, then the oldest
/// of all.
const RECEIPTS_MAX: usize = 1_000;

/// The verified receipts of acts on the person's applications.
#[derive(Debug, Default)]
pub struct Receipts {
    rows: BTreeMap<String, ApplicationReceipt>,
}

impl Receipts {
    /// Continues with the receipts saved by an earlier process.
    pub fn load(rows: Vec<(String, ApplicationReceipt)>) -> Self {
        Self { rows: rows.into_iter().collect() }
    }

    /// The receipts, of one auction or of all, in the order of their decisions.
    pub fn of(&self, auction: Option<AuctionId>) -> Vec<&ApplicationReceipt> {
        let wanted = |it: &&ApplicationReceipt| auction.is_none_or(|id| it.body.auction == id);
        let mut found: Vec<_> = self.rows.values().filter(wanted).collect();
        found.sort_by_key(|receipt| (receipt.body.decided_at, receipt.body.seq));
        found
    }

    /// Keeps a verified receipt. The same statement again changes nothing.
    pub(super) fn keep(&mut self, receipt: ApplicationReceipt) -> Vec<Write> {
        let Some(key) = key(&receipt).filter(|key| !self.rows.contains_key(key)) else {
            return Vec::new();
        };
        let mut writes = vec![Write::json(Table::Receipt, key.clone(), &receipt)];
        self.rows.insert(key, receipt);
        if self.rows.len() > RECEIPTS_MAX
            && let Some(oldest) = self.oldest()
        {
            self.rows.remove(&oldest);
            writes.push(Write::delete(Table::Receipt, oldest));
        }
        writes
    }

    fn oldest(&self) -> Option<String> {
        let rank = |(_, receipt): &(&String, &ApplicationReceipt)| {
            let is_refused = matches!(receipt.body.decision, ActDecision::Refused(_));
            (!is_refused, receipt.body.decided_at)
        };
        self.rows.iter().min_by_key(rank).map(|(key, _)| key.clone())
    }
}

/// Returns `true` if one of the operator's keys that this phone knows signed the receipt.
pub fn is_signed(profile: &Session, receipt: &ApplicationReceipt) -> bool {
    let mut keys = [&profile.receipt_key].into_iter().chain(&profile.former_receipt_keys);
    keys.any(|key| key.parse::<VerifierKey>().is_ok_and(|key| receipt.verify(&key).is_ok()))
}

/// SHA-256 of the receipt as a file.
fn key(receipt: &ApplicationReceipt) -> Option<String> {
    receipt.to_text().map(|text| hex::encode(Sha256::digest(text)))
}
