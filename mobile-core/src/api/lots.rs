//! Auctions as records: a line of a list, everything about one.

use super::records::{Label, as_code};
use std::collections::HashMap;
use toruk_sync::domain::form::FieldKind;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionView};

/// An auction in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionSummary {
    /// Its name.
    pub id: String,
    /// Its public number.
    pub number: String,
    /// What is sold.
    pub title: Label,
    /// What kind of thing: a code.
    pub kind: String,
    /// Where.
    pub settlement: Option<String>,
    /// What the price buys: a code.
    pub object_of_price: String,
    /// The start price, or the current one, tyiyn.
    pub price: i64,
    /// Where it stands: a code.
    pub status: String,
    /// Why it failed, when it did: a code.
    pub failure: Option<String>,
    /// When applications close, Unix µs.
    pub tender_end: i64,
    /// When bidding opens, Unix µs.
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

/// A list of auctions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionList {
    /// The newest first.
    pub items: Vec<AuctionSummary>,
    /// The server's time when it was fetched.
    pub as_of: i64,
    /// Whether it is from the store, because there is no connection.
    pub stale: bool,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormField {
    /// Its name.
    pub id: String,
    /// `text`, `digits`, `phone`, `choice` or `consent`.
    pub kind: String,
    /// A choice's options.
    pub options: Vec<String>,
    /// What the person reads.
    pub label: Label,
    /// Whether an answer is needed.
    pub required: bool,
}

/// One place for a file.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormSlot {
    /// Its name.
    pub id: String,
    /// What the person reads.
    pub label: Label,
    /// Whether a file is needed.
    pub required: bool,
}

/// An auction with everything a bidder's screen shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AuctionDetail {
    /// Its name.
    pub id: String,
    /// Its public number, such as `TRK-KG-20261115-00042-7`.
    pub number: String,
    /// What is sold.
    pub title: Label,
    /// More about it.
    pub description: Label,
    /// Who sells it.
    pub lot_holder: Label,
    /// What kind of thing: a code.
    pub kind: String,
    /// Where, by the parts of an address.
    pub address: HashMap<String, String>,
    /// What the price buys: a code.
    pub object_of_price: String,
    /// Where it stands: a code.
    pub status: String,
    /// Why it failed, when it did: a code.
    pub failure: Option<String>,
    /// The start price, tyiyn.
    pub value: i64,
    /// One raise, tyiyn.
    pub minimal_step: i64,
    /// The deposit, tyiyn.
    pub guarantee: i64,
    /// When applications close, Unix µs.
    pub tender_end: i64,
    /// When bidding opens, Unix µs.
    pub start: i64,
    /// The current price, tyiyn; the start price before the first offer.
    pub price: i64,
    /// How many may bid.
    pub participants: u32,
    /// The winner's number, once there is one.
    pub winner: Option<u16>,
    /// Until when the contract is to be signed, Unix µs.
    pub contract_by: Option<i64>,
    /// The auction that was created anew after this one failed.
    pub successor: Option<String>,
    /// The failed auction after which this one was created.
    pub previous: Option<String>,
    /// The log's length in this state.
    pub seq: u64,
    /// How many seconds of an auction pass in one of a clock: 1, more in a demonstration.
    pub clock_speed: u32,
    /// The application's questions.
    pub fields: Vec<FormField>,
    /// The application's files.
    pub slots: Vec<FormSlot>,
    /// The server's time in this state.
    pub as_of: i64,
    /// Whether it is from the store, because there is no connection.
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
            winner: auction.awards.last().map(|award| award.bidder.0),
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
