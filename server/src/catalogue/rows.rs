//! Lots and auctions as the console lists them: published or not.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionCard, LotView};

/// Price facts of the source; absent fields must be filled in by the organiser.
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
    /// Keys of the facts that are missing before it can be auctioned: `value`, `step`, `guarantee`,
    /// `object_of_price`, `document`, `lot_holder`, `title_ky`, `title_ru`.
    pub missing: Vec<&'static str>,
    /// The lot's latest auction.
    pub auction: Option<AuctionId>,
    /// Set if nothing of it changes: it is published or in review.
    pub is_frozen: bool,
}

/// A document of a lot.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentRow {
    pub title: String,
    pub mime: String,
    pub sha256: String,
    pub size_bytes: u64,
}

/// The number and title of an auction.
#[derive(Debug, Clone, Default)]
pub struct AuctionName {
    /// The public number.
    pub number: String,
    /// The title of its lot, in the languages that it has.
    pub title: Text,
}

impl AuctionName {
    /// Number and titles, to be searched.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let titles = [&self.title.ky, &self.title.ru, &self.title.en];
        titles.into_iter().flatten().chain([&self.number]).map(String::as_str)
    }
}

/// An auction in the console, published or not.
#[derive(Debug, Clone)]
pub struct AuctionRow {
    pub card: AuctionCard,
    pub previous: Option<AuctionId>,
    pub successor: Option<AuctionId>,
    pub updated_at: Timestamp,
}
