//! Auctions in their published form.

use crate::domain::auction::{Auction, Failure, ObjectOfPrice, Status};
use crate::domain::form::{Form, Text};
use crate::domain::id::AuctionId;
use crate::domain::instalments::Instalment;
use crate::domain::money::Tyiyn;
use crate::domain::text::search_text;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::domain::lot::{Area, LotKind, LotView};

/// An auction in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionCard {
    /// The auction's id.
    pub id: AuctionId,
    /// Its public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// The lot's title.
    pub title: Text,
    /// The kind of the lot.
    pub kind: LotKind,
    /// The settlement in which the lot is.
    pub settlement: Option<String>,
    /// The object of the price.
    pub object_of_price: ObjectOfPrice,
    /// The current price, or the start price before the first offer.
    pub price: Tyiyn,
    /// The status, such as `tendering`.
    pub status: Status,
    /// The reason why it failed, if it did.
    pub failure: Option<Failure>,
    /// The deadline for applications.
    pub tender_end: Timestamp,
    /// The opening of bidding.
    pub start: Timestamp,
    /// Incremented by each change.
    pub seq: u64,
}

/// The members of an [`AuctionCard`] that an auction's log decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // As in the card.
pub struct CardState {
    pub object_of_price: ObjectOfPrice,
    pub price: Tyiyn,
    pub status: Status,
    pub failure: Option<Failure>,
    pub tender_end: Timestamp,
    pub start: Timestamp,
    pub seq: u64,
}

/// The other members of an [`AuctionCard`]: they change with the lot alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // As in the card.
pub struct CardLot {
    pub id: AuctionId,
    pub number: String,
    pub title: Text,
    pub kind: LotKind,
    pub settlement: Option<String>,
}

impl CardState {
    /// The state of an auction whose log has `seq` records.
    pub fn of(auction: &Auction, seq: u64) -> Self {
        let offer = &auction.birth.offer;
        let tender_end = auction.terms.as_ref().map_or_else(
            || offer.start - auction.birth.rules.tender_end_before_start,
            |terms| terms.tender_end,
        );
        Self {
            object_of_price: offer.object_of_price,
            price: auction.price(),
            status: auction.status,
            failure: auction.failure,
            tender_end,
            start: offer.start,
            seq,
        }
    }
}

impl CardLot {
    /// The lot of an auction.
    pub fn of(id: AuctionId, number: &str, lot: &LotView) -> Self {
        let settlement = lot.address.get("settlement").cloned();
        Self { id, number: number.to_owned(), title: lot.title.clone(), kind: lot.kind, settlement }
    }

    /// The whole card.
    pub fn with(self, state: CardState) -> AuctionCard {
        let Self { id, number, title, kind, settlement } = self;
        let CardState { object_of_price, price, status, failure, tender_end, start, seq } = state;
        AuctionCard {
            id,
            number,
            title,
            kind,
            settlement,
            object_of_price,
            price,
            status,
            failure,
            tender_end,
            start,
            seq,
        }
    }
}

impl AuctionCard {
    /// The text in which an auction's words are searched, on the phone and on the server: its
    /// number, the titles of its lot and the settlement, folded.
    pub fn search_text(number: &str, title: &Text, settlement: Option<&str>) -> String {
        let titles = [&title.ky, &title.ru, &title.en].into_iter().flatten().map(String::as_str);
        search_text(std::iter::once(number).chain(titles).chain(settlement))
    }
}

/// The order of a list of auctions. Auctions that are equal in it follow in the order of their ids,
/// in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuctionSort {
    /// By the moment of creation, the newest first.
    #[default]
    Newest,
    /// By the opening of bidding, the earliest first.
    StartAsc,
    /// By the opening of bidding, the latest first.
    StartDesc,
    /// By the current price, the lowest first.
    PriceAsc,
    /// By the current price, the highest first.
    PriceDesc,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionPage {
    /// The auctions, in the order that was asked for.
    pub items: Vec<AuctionCard>,
    /// Ask with this for the next page; absent on the last.
    pub next: Option<String>,
    /// The server's time of this page.
    pub server_time: Timestamp,
}

/// A document that was published with an auction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedDocument {
    /// The document's title.
    pub title: String,
    /// The media type, such as `application/pdf`.
    pub mime: String,
    /// SHA-256 of the content, in hex, as the notice in the log has it.
    pub sha256: String,
    /// The size of the content, in bytes.
    pub size_bytes: u64,
    /// The moment at which the notice, or a correction of it, published the document.
    pub since: Timestamp,
    /// The moment at which a correction withdrew it, if one did.
    pub until: Option<Timestamp>,
}

/// All documents that were published with an auction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedDocuments {
    /// In the order of their publication; withdrawn ones, too.
    pub items: Vec<PublishedDocument>,
}

/// An auction with everything public about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionView {
    /// The public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// The state by the rules; a phone folds live events into it.
    pub auction: Auction,
    /// The number of records of the log in this state.
    pub seq: u64,
    /// The hash at the head of the log in this state, in hex.
    pub head: String,
    /// The lot to be sold or leased.
    pub lot: LotView,
    /// The form of an application.
    pub form: Form,
    /// The parts in which the winner pays ([`Auction::instalments`]), for clients without the rules;
    /// none where the price is paid at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// The server's time of this state.
    pub server_time: Timestamp,
}
