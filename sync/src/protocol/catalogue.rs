//! Auctions as they are published.

use crate::domain::auction::{Auction, Failure, ObjectOfPrice, Status};
use crate::domain::form::{Form, Text};
use crate::domain::id::{AuctionId, LotId};
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of thing a lot is.
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

/// How large it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// A decimal number as text, such as `45.73`.
    pub value: String,
    /// `m2` or `ha`.
    pub unit: String,
}

/// A lot as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotView {
    /// Its name.
    pub id: LotId,
    /// What kind of thing.
    pub kind: LotKind,
    /// What it is.
    pub title: Text,
    /// More about it.
    pub description: Text,
    /// How large.
    pub area: Option<Area>,
    /// Where: `region`, `district`, `settlement`, `street`, `house`.
    pub address: BTreeMap<String, String>,
    /// The cadastre's number.
    pub cadastral_number: Option<String>,
    /// Who holds it.
    pub lot_holder: Text,
    /// Made up for tests and demonstrations.
    pub synthetic: bool,
}

/// An auction in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionCard {
    /// Its name.
    pub id: AuctionId,
    /// Its public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// What is sold.
    pub title: Text,
    /// What kind of thing.
    pub kind: LotKind,
    /// Where.
    pub settlement: Option<String>,
    /// What the price buys.
    pub object_of_price: ObjectOfPrice,
    /// The start price, or the current one.
    pub price: Tyiyn,
    /// Where it stands.
    pub status: Status,
    /// Why it failed, when it did.
    pub failure: Option<Failure>,
    /// When applications close.
    pub tender_end: Timestamp,
    /// When bidding opens.
    pub start: Timestamp,
    /// Rises with each change.
    pub seq: u64,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionPage {
    /// The auctions, the newest first.
    pub items: Vec<AuctionCard>,
    /// Ask with this for the next page; absent on the last.
    pub next: Option<String>,
    /// The server's time.
    pub server_time: Timestamp,
}

/// An auction with everything public about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuctionView {
    /// Its public number.
    pub number: String,
    /// The state, as the rules have it; a phone folds live events into it.
    pub auction: Auction,
    /// The log's length in this state.
    pub seq: u64,
    /// The log's head in this state, hex.
    pub head: String,
    /// What is sold.
    pub lot: LotView,
    /// The application's form.
    pub form: Form,
    /// The server's time.
    pub server_time: Timestamp,
}
