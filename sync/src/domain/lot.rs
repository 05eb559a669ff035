//! The lot as it is published: its facts, and its documents by their hashes.
//!
//! # Why the log holds the facts and the terms only their hash
//! The log is read by everyone who asks what was offered, so it holds the whole notice. The state
//! of an auction is written with every batch of bids, and the hash in its terms is enough to bind
//! what an applicant signs: [`crate::signing::terms_hash`] covers it.

use super::form::Text;
use super::id::LotId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The names say it.
pub enum LotKind {
    Land,
    Premises,
    Building,
    Vehicle,
    Other,
}

/// The size of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// A decimal number as text, such as `45.73`.
    pub value: String,
    /// The unit, `m2` or `ha`.
    pub unit: String,
}

/// A lot in its published form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotView {
    /// The lot's id.
    pub id: LotId,
    /// The kind of the lot.
    pub kind: LotKind,
    /// The lot's title.
    pub title: Text,
    /// The lot's description.
    pub description: Text,
    /// The size, if it has one.
    pub area: Option<Area>,
    /// The address by its parts: `region`, `district`, `settlement`, `street`, `house`.
    pub address: BTreeMap<String, String>,
    /// The number in the cadastre.
    pub cadastral_number: Option<String>,
    /// The name of the balance holder.
    pub lot_holder: Text,
    /// `true` if it was made for tests and demonstrations.
    pub synthetic: bool,
}

/// A document of a lot, as the notice names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotDocument {
    /// The document's title.
    pub title: String,
    /// The media type, such as `application/pdf`.
    pub mime: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The size of the content, in bytes.
    pub size_bytes: u64,
}

/// What a notice says about the lot: nothing of it changes afterwards, except by a correction that
/// is in the log as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedLot {
    /// The lot's facts.
    pub facts: LotView,
    /// The documents, in the order in which they were added.
    pub documents: Vec<LotDocument>,
}

/// A published lot with its hash. Only [`crate::signing::seal_lot`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedLot {
    lot: Box<PublishedLot>,
    hash: String,
}

impl SealedLot {
    pub(crate) fn new(lot: PublishedLot, hash: String) -> Self {
        Self { lot: Box::new(lot), hash }
    }

    /// The lot as it is published.
    pub fn lot(&self) -> &PublishedLot {
        &self.lot
    }

    /// SHA-256 of the lot's canonical JSON, in hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}
