//! Reading auctions and lots; importing lots.

use crate::Shared;
use crate::audit;
use crate::db::StoreError;
use crate::identity::Official;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_sync::domain::auction::{Auction, ObjectOfPrice};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{Area, AuctionCard, AuctionView, LotKind, LotView};
use toruk_sync::receipt::Record;

/// Most lots in one import.
pub const IMPORT_LOTS_MAX: usize = 500;

/// Why the catalogue refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not with these roles.
    #[error("forbidden")]
    Forbidden,
    /// The import can't be read; says which lot and why.
    #[error("the import is malformed: {0}")]
    Malformed(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lot as an import brings it; what its source doesn't say is absent, and is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedLot {
    pub title: Text,
    pub kind: LotKind,
    #[serde(default)]
    pub description: Text,
    #[serde(default)]
    pub area: Option<Area>,
    #[serde(default)]
    pub address: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub cadastral_number: Option<String>,
    #[serde(default)]
    pub lot_holder: Option<Text>,
    #[serde(default)]
    pub object_of_price: Option<ObjectOfPrice>,
    #[serde(default)]
    pub value_tyiyn: Option<Tyiyn>,
    #[serde(default)]
    pub guarantee_bp: Option<u16>,
    #[serde(default)]
    pub step_bp: Option<u16>,
    #[serde(default)]
    pub result_tyiyn_max: Option<Tyiyn>,
    #[serde(default)]
    pub year: Option<u16>,
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default)]
    pub synthetic: bool,
}

/// What the source said of the price; absent fields must be filled in by the organiser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferHint {
    pub object_of_price: Option<ObjectOfPrice>,
    pub value_tyiyn: Option<Tyiyn>,
    pub guarantee_bp: Option<u16>,
    pub step_bp: Option<u16>,
}

/// A lot in the console.
#[derive(Debug, Clone)]
pub struct LotRow {
    pub lot: LotView,
    pub hint: OfferHint,
    pub source: Option<String>,
    pub documents: Vec<DocumentRow>,
    /// What is missing before it can be auctioned, as keys: `value`, `step`, `guarantee`,
    /// `object_of_price`, `document`, `lot_holder`, `title_ky`, `title_ru`.
    pub missing: Vec<&'static str>,
    /// Its latest auction.
    pub auction: Option<AuctionId>,
}

/// A document of a lot.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    pub title: String,
    pub mime: String,
    pub sha256: String,
    pub size_bytes: u64,
}

/// An auction in the console: as published or not.
#[derive(Debug, Clone)]
pub struct AuctionRow {
    pub card: AuctionCard,
    pub previous: Option<AuctionId>,
    pub successor: Option<AuctionId>,
    pub updated_at: Timestamp,
}

/// Lots and auctions as published.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    audit: audit::Service,
}

#[allow(unused_variables, clippy::todo, missing_docs)]
impl Service {
    pub fn new(shared: &Arc<Shared>, audit: audit::Service) -> Self {
        Self { shared: shared.clone(), audit }
    }
    /// Published auctions, newest first; `after` is the last page's `next`.
    pub async fn page(
        &self,
        after: Option<&str>,
        limit: u64,
    ) -> Result<(Vec<AuctionCard>, Option<String>), Error> {
        todo!()
    }
    /// Everything public about a published auction.
    pub async fn view(&self, id: AuctionId) -> Result<AuctionView, Error> {
        todo!()
    }
    pub async fn log(&self, id: AuctionId, after: u64, limit: u64) -> Result<Vec<Record>, Error> {
        todo!()
    }
    /// The state and log length, within a transaction or not.
    pub async fn auction(
        &self,
        db: &impl ConnectionTrait,
        id: AuctionId,
    ) -> Result<Auction, StoreError> {
        todo!()
    }
    // --- console
    pub async fn auctions(
        &self,
        by: &Official,
        after: Option<&str>,
    ) -> Result<(Vec<AuctionRow>, Option<String>), Error> {
        todo!()
    }
    /// As `view`, also before publication.
    pub async fn view_for(&self, by: &Official, id: AuctionId) -> Result<AuctionView, Error> {
        todo!()
    }
    pub async fn lots(
        &self,
        by: &Official,
        after: Option<&str>,
    ) -> Result<(Vec<LotRow>, Option<String>), Error> {
        todo!()
    }
    pub async fn lot(&self, by: &Official, id: LotId) -> Result<LotRow, Error> {
        todo!()
    }
    pub async fn import(&self, by: &Official, lots: Vec<ImportedLot>) -> Result<Vec<LotId>, Error> {
        todo!()
    }
    pub async fn add_document(
        &self,
        by: &Official,
        lot: LotId,
        title: &str,
        mime: &str,
        content: &[u8],
    ) -> Result<(), Error> {
        todo!()
    }
    /// Sets what an import did not know: titles and the holder's name.
    pub async fn complete_lot(
        &self,
        by: &Official,
        lot: LotId,
        title: Text,
        lot_holder: Text,
    ) -> Result<(), Error> {
        todo!()
    }
    pub async fn organisations(&self, by: &Official) -> Result<Vec<(OrganisationId, Text)>, Error> {
        todo!()
    }
}
