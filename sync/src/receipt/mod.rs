//! The proof of a decision: the log's hash chain, the signed receipt of a bid, and that of an act on
//! an application.
//!
//! # Why receipts are signed in batches
//! The bids that wait for one auction are decided in one transaction. Their receipts are the leaves
//! of one small Merkle tree, its root is signed once, and each bidder gets the path of their leaf.
//! Measured on a hot auction (`performance.md`): 0.92 of the throughput without signatures, against
//! 0.46 with a signature for every bid. A batch of one is a tree of one leaf, so that there is one
//! form of receipt and one way to check it.
//!
//! # Why a text is signed
//! A receipt may have to convince a court that has none of this software. The signed text can be
//! read by a person, and its forms are supported by other tools: the proof is a C2SP `tlog-proof`,
//! the note a C2SP `signed-note`, the tree RFC 6962's.

mod act;
mod body;
mod fault;
mod hash;
mod note;
mod opening;
mod proof;
mod tree;

use crate::domain::auction::Event;
use crate::domain::id::AuctionId;
use crate::domain::time::Timestamp;
use crate::signing::canonical_json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use proof::Proof;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use act::{
    ACT_FILE_BYTES_MAX, ACT_TEXT_BYTES_MAX, ActDecision, ApplicationAct, ApplicationReceipt,
    ApplicationReceiptBody,
};
pub use body::{BODY_TEXT_BYTES_MAX, Decision, ReceiptBody};
pub use fault::BadReceipt;
pub use hash::{Hash, PATH_HASHES_MAX};
pub use note::{BadKey, KEY_NAME_BYTES_MAX, NOTE_BYTES_MAX, SIGNATURES_MAX, VerifierKey};
pub use opening::{OPENING_TEXT_BYTES_MAX, Opening, commitment};

/// The hash before the first record of a log.
pub const GENESIS: Hash = [0; 32];

/// The longest receipt file that is parsed.
pub const RECEIPT_TEXT_BYTES_MAX: usize = 8 * 1024;

/// One entry of an auction's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// The auction of the log.
    pub auction: AuctionId,
    /// The position, from 1, without gaps.
    pub seq: u64,
    /// The time of the decision.
    pub at: Timestamp,
    /// The event itself.
    pub event: Event,
}

/// The hash of a record after the one before it: `SHA-256(0x00 ‖ previous ‖ canonical JSON)`. The
/// leading byte separates a record's hash from a tree's inner nodes (RFC 6962 §2.1).
pub fn link(previous: &Hash, record: &Record) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(previous);
    hasher.update(canonical_json(record).as_bytes());
    hasher.finalize().into()
}

/// The decision on a bid, with the operator's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The statement; the hash of its text is a leaf of the signed tree.
    pub body: ReceiptBody,
    /// The leaf's index in its batch, from 0.
    pub index: u64,
    /// The hashes from the leaf's neighbour up to the root's child, base64.
    pub path: Vec<String>,
    /// The batch's size and root with the operator's signature: a C2SP signed note.
    pub note: String,
}

/// The operator's name and key: its holder can state decisions.
///
/// # Why a former key signs, too
/// Phones verify with the key that they got when they signed in. While the key that is being
/// replaced signs beside the new one, both kinds of phones can verify every receipt.
pub struct Signer {
    key: SigningKey,
    public: VerifierKey,
    former: Option<(SigningKey, VerifierKey)>,
}

impl Signer {
    /// A signer for `origin`, the operator's name: its host, without a scheme. The key's own name
    /// is derived from the key, so that another key never signs under this one's name.
    ///
    /// # Errors
    /// [`BadKey`] if the origin is empty or too long, or contains white space or a plus sign.
    pub fn new(origin: &str, key: SigningKey) -> Result<Self, BadKey> {
        let public = VerifierKey::new(origin, key.verifying_key())?;
        Ok(Self { key, public, former: None })
    }

    /// This signer, which signs with the key that it replaces as well.
    ///
    /// # Errors
    /// [`BadKey`] if it is the same key.
    pub fn replacing(mut self, former: SigningKey) -> Result<Self, BadKey> {
        let public = VerifierKey::new(self.public.origin(), former.verifying_key())?;
        if public == self.public {
            return Err(BadKey);
        }
        self.former = Some((former, public));
        Ok(self)
    }

    /// The public key for checking this signer's receipts.
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }

    /// The public half of the key that is being replaced, if one is.
    pub fn former_verifier(&self) -> Option<&VerifierKey> {
        self.former.as_ref().map(|(_, public)| public)
    }

    /// A key for another purpose of the same operator, derived from the signing key: equal on every
    /// node that signs, and no hint at the signing key. It stays the same until a key that is being
    /// replaced no longer signs.
    pub fn derived_key(&self, purpose: &str) -> Hash {
        let key = self.former.as_ref().map_or(&self.key, |(former, _)| former);
        let mut hasher = Sha256::new();
        hasher.update(b"toruk derived key\0");
        hasher.update(key.to_bytes());
        hasher.update(purpose.as_bytes());
        hasher.finalize().into()
    }

    /// Signs receipts that were decided together, in order, with one signature. The cost is one
    /// signature, and about two hashes a receipt.
    pub fn sign(&self, bodies: Vec<ReceiptBody>) -> Vec<Receipt> {
        let texts: Vec<String> = bodies.iter().map(|body| body.text(self.origin())).collect();
        let proofs = self.prove(&texts).into_iter();
        let receipt = |(body, Proof { index, path, note })| Receipt { body, index, path, note };
        bodies.into_iter().zip(proofs).map(receipt).collect()
    }

    /// Signs a receipt that was decided alone.
    pub fn sign_one(&self, body: ReceiptBody) -> Receipt {
        self.sign(vec![body]).swap_remove(0)
    }

    /// Signs the receipt of an act on an application.
    pub fn sign_act(&self, body: ApplicationReceiptBody) -> ApplicationReceipt {
        let text = body.text(self.origin());
        let Proof { index, path, note } = self.prove(&[text]).swap_remove(0);
        ApplicationReceipt { body, index, path, note }
    }

    fn origin(&self) -> &str {
        self.public.origin()
    }

    /// Signs a batch of texts; as many proofs as texts, in order.
    fn prove(&self, texts: &[String]) -> Vec<Proof> {
        let leaves = texts.iter().map(|text| tree::leaf(text.as_bytes())).collect();
        let tree = tree::Tree::new(leaves);
        let Some(root) = tree.root() else { return Vec::new() };
        let former = self.former.as_ref().map(|(key, public)| (key, public));
        let keys = [(&self.key, &self.public)].into_iter().chain(former);
        let note = note::sign(self.origin(), texts.len() as u64, &root, keys);
        let proof = |index: usize| Proof {
            index: index as u64,
            path: tree.path(index).iter().map(|hash| STANDARD.encode(hash)).collect(),
            note: note.clone(),
        };
        (0..texts.len()).map(proof).collect()
    }
}

impl Receipt {
    /// Checks that the operator whose key is `trusted` stated exactly this.
    ///
    /// # Errors
    /// [`BadReceipt`], the first that applies.
    pub fn verify(&self, trusted: &VerifierKey) -> Result<(), BadReceipt> {
        let text = self.body.text(trusted.origin());
        if ReceiptBody::parse(&text).is_none_or(|(_, body)| body != self.body) {
            return Err(BadReceipt::Body);
        }
        proof::check(&text, (self.index, &self.path, &self.note), trusted)
    }

    /// The receipt as a file to keep: the statement, an empty line, and the proof as a C2SP
    /// `tlog-proof`, whose last part is the signed note. `None` if the body or the note is not in a
    /// form that can be signed; a verified receipt always has a file.
    pub fn to_text(&self) -> Option<String> {
        let said = self.body.text(note::origin(&self.note)?);
        let text = proof::file(said, (self.index, &self.path, &self.note));
        (Self::from_text(&text).as_ref() == Ok(self)).then_some(text)
    }

    /// Parses a file that [`Self::to_text`] gave. Nothing is verified.
    ///
    /// # Errors
    /// [`BadReceipt`] if it is no such file.
    pub fn from_text(text: &str) -> Result<Self, BadReceipt> {
        let (said, proof) = proof::split(text, RECEIPT_TEXT_BYTES_MAX)?;
        let (origin, body) = ReceiptBody::parse(said).ok_or(BadReceipt::Body)?;
        let Proof { index, path, note } = Proof::parse(proof, origin)?;
        Ok(Self { body, index, path, note })
    }
}
