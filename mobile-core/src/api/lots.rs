//! Auctions as records for the app: an item of a list, and all details of one.

use super::records::{Label, as_code};
use std::collections::HashMap;
use toruk_sync::domain::form::FieldKind;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionView};

/// One auction in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionSummary {
    /// The auction's id, a UUID.
    pub id: String,
    /// The public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// The lot's title.
    pub title: Label,
    /// The kind of lot, a code such as `land`.
    pub kind: String,
    /// The settlement in which the lot is.
    pub settlement: Option<String>,
    /// The object of the price, a code: what the amount pays for.
    pub object_of_price: String,
    /// The current price, or the start price before the first offer, tyiyn.
    pub price: i64,
    /// The auction's status code, such as `tendering`.
    pub status: String,
    /// The reason why the auction failed, a code, if it did.
    pub failure: Option<String>,
    /// The deadline for applications, Unix µs.
    pub tender_end: i64,
    /// The opening of bidding, Unix µs.
    pub start: i64,
}

impl From<&AuctionCard> for AuctionSummary {
    fn from(card: &AuctionCard) -> Self {
        Self {
            id: card.id.to_string(),
            number: card.number.clone(),
            title: (&card.title).into(),
            kind: as_code(&card.kind),
            settlement: card.settlement.clone(),
            object_of_price: as_code(&card.object_of_price),
            price: card.price.get(),
            status: as_code(&card.status),
            failure: card.failure.as_ref().map(as_code),
            tender_end: card.tender_end.0,
            start: card.start.0,
        }
    }
}

/// The published auctions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionList {
    /// The auctions, newest first.
    pub items: Vec<AuctionSummary>,
    /// The server's time of this list, Unix µs.
    pub as_of: i64,
    /// `true` if the list comes from the store, for want of a connection.
    pub stale: bool,
}

/// One question of an application form.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormField {
    /// The field's name, for `draft_set`.
    pub id: String,
    /// `text`, `digits`, `phone`, `choice` or `consent`.
    pub kind: String,
    /// The options of a `choice`; empty for other kinds.
    pub options: Vec<String>,
    /// The question as the person reads it.
    pub label: Label,
    /// `true` if an answer is mandatory.
    pub required: bool,
}

/// One slot of an application form that takes a file.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormSlot {
    /// The slot's name, for `draft_attach`.
    pub id: String,
    /// The slot's title as the person reads it.
    pub label: Label,
    /// `true` if a file is mandatory.
    pub required: bool,
}

/// One auction with everything that a bidder's screen shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionDetail {
    /// The auction's id, a UUID.
    pub id: String,
    /// Its public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// The lot's title.
    pub title: Label,
    /// The lot's description.
    pub description: Label,
    /// The owner or holder of the lot.
    pub lot_holder: Label,
    /// The kind of lot, a code such as `land`.
    pub kind: String,
    /// The address by its parts, such as `settlement`.
    pub address: HashMap<String, String>,
    /// The object of the price, a code: what the amount pays for.
    pub object_of_price: String,
    /// The auction's status code, such as `tendering`.
    pub status: String,
    /// The reason why the auction failed, a code, if it did.
    pub failure: Option<String>,
    /// The start price, tyiyn.
    pub value: i64,
    /// The amount of one raise, tyiyn.
    pub minimal_step: i64,
    /// The guarantee deposit, tyiyn.
    pub guarantee: i64,
    /// The deadline for applications, Unix µs.
    pub tender_end: i64,
    /// The opening of bidding, Unix µs.
    pub start: i64,
    /// The current price, tyiyn; the start price before the first offer.
    pub price: i64,
    /// The number of bidders admitted.
    pub participants: u32,
    /// The bidder number of the winner, while there is one.
    pub winner: Option<u16>,
    /// The deadline for signing the contract, Unix µs.
    pub contract_by: Option<i64>,
    /// The id of the auction that replaced this one after it failed.
    pub successor: Option<String>,
    /// The id of the failed auction that this one replaces.
    pub previous: Option<String>,
    /// The number of records of the log in this state.
    pub seq: u64,
    /// Auction seconds per real second: 1, or more in a demonstration.
    pub clock_speed: u32,
    /// The questions of the application form.
    pub fields: Vec<FormField>,
    /// The file slots of the application form.
    pub slots: Vec<FormSlot>,
    /// The server's time of this state, Unix µs.
    pub as_of: i64,
    /// `true` if the auction comes from the store, for want of a connection.
    pub stale: bool,
}

impl AuctionDetail {
    pub(crate) fn of(view: &AuctionView, stale: bool) -> Self {
        let (auction, lot) = (&view.auction, &view.lot);
        let offer = &auction.birth.offer;
        let terms = auction.terms.as_ref();
        let price = auction.round.map_or(offer.value, |round| round.price);
        Self {
            id: auction.birth.id.to_string(),
            number: view.number.clone(),
            title: (&lot.title).into(),
            description: (&lot.description).into(),
            lot_holder: (&lot.lot_holder).into(),
            kind: as_code(&lot.kind),
            address: lot.address.clone().into_iter().collect(),
            object_of_price: as_code(&offer.object_of_price),
            status: as_code(&auction.status),
            failure: auction.failure.as_ref().map(as_code),
            value: offer.value.get(),
            minimal_step: terms.map_or(0, |terms| terms.minimal_step.get()),
            guarantee: terms.map_or(0, |terms| terms.guarantee.get()),
            tender_end: terms.map_or(0, |terms| terms.tender_end.0),
            start: terms.map_or(offer.start.0, |terms| terms.start.0),
            price: price.get(),
            participants: auction.participants.len() as u32,
            winner: auction.standing_award().map(|award| award.bidder.0),
            contract_by: auction.contract_by.map(|at| at.0),
            successor: auction.successor.map(|id| id.to_string()),
            previous: auction.birth.previous.map(|id| id.to_string()),
            seq: view.seq,
            clock_speed: auction.birth.rules.clock_speed,
            fields: fields(view),
            slots: view
                .form
                .slots
                .iter()
                .map(|slot| FormSlot {
                    id: slot.id.clone(),
                    label: (&slot.label).into(),
                    required: slot.required,
                })
                .collect(),
            as_of: view.server_time.0,
            stale,
        }
    }
}

fn fields(view: &AuctionView) -> Vec<FormField> {
    let field = |field: &toruk_sync::domain::form::Field| FormField {
        id: field.id.clone(),
        kind: as_code(&field.kind),
        options: match &field.kind {
            FieldKind::Choice { options } => options.clone(),
            _ => Vec::new(),
        },
        label: (&field.label).into(),
        required: field.required,
    };
    view.form.fields.iter().map(field).collect()
}
