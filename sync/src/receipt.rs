//! What proves a decision afterwards: the log's hash chain and the signed receipt of a bid.

use crate::domain::auction::Event;
use crate::domain::bidding::BidRefusal;
use crate::domain::id::{AuctionId, BidId, BidderNo};
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use crate::snapshot::{Package, canonical_json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A link of the chain.
pub type Hash = [u8; 32];

/// What the first record of a log follows.
pub const GENESIS: Hash = [0; 32];

/// One entry of an auction's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// Whose log.
    pub auction: AuctionId,
    /// Position, from 1, without gaps.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// The hash of a record after the one before it: `SHA-256(0x00 ‖ previous ‖ canonical JSON)`.
/// The leading byte keeps a record's hash apart from a tree's inner nodes (RFC 6962 §2.1).
pub fn link(previous: &Hash, record: &Record) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(previous);
    hasher.update(canonical_json(record).as_bytes());
    hasher.finalize().into()
}

/// What became of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The bidder leads.
    Accepted,
    /// Nothing changed.
    Refused(BidRefusal),
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
    /// The log's head after the decision, hex.
    pub head: String,
    /// Raises accepted after the decision.
    pub round: u64,
    /// The price after the decision.
    pub price: Tyiyn,
    /// The window's end after the decision.
    pub deadline: Option<Timestamp>,
}

impl Package for ReceiptBody {
    const KIND: &'static str = "toruk/receipt/v1";
}

/// A receipt and the operator's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// What is said.
    pub body: ReceiptBody,
    /// Ed25519 over the body's canonical bytes, base64.
    pub signature: String,
}

/// The receipt is not what the operator signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receipt's signature does not hold")]
pub struct BadReceipt;

impl Receipt {
    /// Signs a receipt.
    pub fn sign(body: ReceiptBody, key: &SigningKey) -> Self {
        let signature = STANDARD.encode(key.sign(&body.canonical()).to_bytes());
        Self { body, signature }
    }

    /// Checks the signature against the operator's key.
    ///
    /// # Errors
    /// [`BadReceipt`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), BadReceipt> {
        let bytes = STANDARD.decode(&self.signature).map_err(|_| BadReceipt)?;
        let signature = Signature::from_slice(&bytes).map_err(|_| BadReceipt)?;
        key.verify(&self.body.canonical(), &signature).map_err(|_| BadReceipt)
    }
}
