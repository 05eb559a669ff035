//! Lots and auctions as the console lists them, published or not; and what the catalogue is asked.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, OrganisationId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionCard, LotView};
use uuid::Uuid;

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
    /// The organisation on whose balance it stands, if it is known.
    pub holder: Option<OrganisationId>,
    /// The organisation that sells it; `None` if the holder does.
    pub organiser: Option<OrganisationId>,
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

/// The two organisations behind a sale; one may be both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sellers {
    /// The lot stands on its balance.
    pub holder: OrganisationId,
    /// It runs the auction.
    pub organiser: OrganisationId,
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

/// The filters of a query as they are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filters {
    pub statuses: Vec<String>,
    pub kinds: Vec<String>,
    pub region: Option<String>,
    pub price_from: Option<Tyiyn>,
    pub price_to: Option<Tyiyn>,
    pub start_from: Option<Timestamp>,
    pub start_to: Option<Timestamp>,
    pub words: Vec<String>,
}

/// The place in the order after which a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The value by which is sorted; 0 where the ids alone are.
    pub value: i64,
    pub id: Uuid,
}

/// Why the catalogue can't be asked this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    /// `after` is not a page's `next`.
    #[error("the page does not exist")]
    UnknownPage,
    /// `after` is of a page in another order.
    #[error("the page belongs to another sort")]
    OtherSort,
    /// `after` is of a page of other filters.
    #[error("the page belongs to other filters")]
    OtherFilters,
    /// A text is longer than a search may be.
    #[error("the text is too long")]
    TextTooLong,
}

impl QueryFault {
    /// The fault's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownPage => "unknown_page",
            Self::OtherSort => "page_of_other_sort",
            Self::OtherFilters => "page_of_other_filters",
            Self::TextTooLong => "text_too_long",
        }
    }
}
