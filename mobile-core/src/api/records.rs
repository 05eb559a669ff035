//! What crosses to the app: plain records of our own, mapped from the protocol's types.
//!
//! Ids and codes are text, money is whole tyiyn, times are Unix microseconds of the server.

use crate::engine::Decided;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::form::{FieldKind, Text};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionView};
use toruk_sync::protocol::pull::OutcomeView;
use toruk_sync::protocol::sync::{ApplicationView, Outcome, Refusal, Verdict};

/// A value's name on the wire: the text of a plain enum, the key of one that carries something.
pub(crate) fn as_code<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(code)) => code,
        Ok(Value::Object(members)) => members.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// What an enum that carries something carries, as text.
pub(crate) fn as_params<T: Serialize>(value: &T) -> HashMap<String, String> {
    let Ok(Value::Object(members)) = serde_json::to_value(value) else { return HashMap::new() };
    let Some(Value::Object(inner)) = members.into_values().next() else { return HashMap::new() };
    let plain = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    inner.into_iter().map(|(key, value)| (key, plain(value))).collect()
}

/// Who uses this phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    /// His id.
    pub person: String,
    /// His name.
    pub name: String,
    /// Whether there is a session.
    pub signed_in: bool,
}

/// A text in the languages there are.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Label {
    /// Kyrgyz.
    pub ky: Option<String>,
    /// Russian.
    pub ru: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl From<&Text> for Label {
    fn from(text: &Text) -> Self {
        Self { ky: text.ky.clone(), ru: text.ru.clone(), en: text.en.clone() }
    }
}

/// An auction in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
#[allow(missing_docs)] // As `toruk_sync::protocol::catalogue::AuctionCard`.
pub struct AuctionSummary {
    pub id: String,
    pub number: String,
    pub title: Label,
    pub kind: String,
    pub settlement: Option<String>,
    pub object_of_price: String,
    pub price: i64,
    pub status: String,
    pub failure: Option<String>,
    pub tender_end: i64,
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
#[allow(missing_docs)] // As the rules' types of the same names.
pub struct AuctionDetail {
    pub id: String,
    pub number: String,
    pub title: Label,
    pub description: Label,
    pub lot_holder: Label,
    pub kind: String,
    pub address: HashMap<String, String>,
    pub object_of_price: String,
    pub status: String,
    pub failure: Option<String>,
    pub value: i64,
    pub minimal_step: i64,
    pub guarantee: i64,
    pub tender_end: i64,
    pub start: i64,
    pub price: i64,
    pub participants: u32,
    pub winner: Option<u16>,
    pub contract_by: Option<i64>,
    pub successor: Option<String>,
    pub previous: Option<String>,
    pub seq: u64,
    pub clock_speed: u32,
    pub fields: Vec<FormField>,
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

/// What became of a waiting operation. Stays until `ack_outcome`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutcomeRecord {
    /// Its number.
    pub op_no: u64,
    /// Which auction it was about; none for the followed ones.
    pub auction: Option<String>,
    /// `edit_draft`, `edit_followed`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// `merged`, `draft_closed`, `submitted`, `withdrawn` or `refused`.
    pub verdict: String,
    /// Why it was refused.
    pub code: Option<String>,
    /// What the code's translation needs.
    pub params: HashMap<String, String>,
    /// When it was decided.
    pub decided_at: i64,
    /// Whether another phone of the person sent it; that phone's person acknowledges it.
    pub elsewhere: bool,
}

impl From<&Decided> for OutcomeRecord {
    fn from(decided: &Decided) -> Self {
        Self::of(&decided.outcome, decided.auction, decided.operation.clone(), false)
    }
}

impl From<&OutcomeView> for OutcomeRecord {
    fn from(view: &OutcomeView) -> Self {
        Self::of(&view.outcome, view.auction, view.operation.clone(), true)
    }
}

impl OutcomeRecord {
    fn of(
        outcome: &Outcome,
        auction: Option<AuctionId>,
        operation: String,
        elsewhere: bool,
    ) -> Self {
        let (code, params) = reason(&outcome.verdict);
        Self {
            op_no: outcome.op_no,
            auction: auction.map(|auction| auction.to_string()),
            operation,
            verdict: as_code(&outcome.verdict),
            code,
            params,
            decided_at: outcome.decided_at.0,
            elsewhere,
        }
    }
}

/// Why an operation was refused, and what the reason's translation needs.
pub(crate) fn reason(verdict: &Verdict) -> (Option<String>, HashMap<String, String>) {
    match verdict {
        Verdict::Refused(Refusal::Application(rejection)) => {
            (Some(as_code(rejection)), as_params(rejection))
        }
        Verdict::Refused(Refusal::Draft(fault)) => (Some(as_code(fault)), HashMap::new()),
        Verdict::Refused(refusal) => (Some(as_code(refusal)), as_params(refusal)),
        Verdict::Merged { .. } | Verdict::Following { .. } => (None, HashMap::new()),
        verdict => (None, as_params(verdict)),
    }
}

/// One of this person's auctions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MyAuction {
    /// Which.
    pub auction: String,
    /// His application.
    pub application: String,
    /// Where it stands: `signed`, `admitted`, `eligible`, …
    pub status: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was received.
    pub received_at: i64,
    /// The deposit's amount, once there is one.
    pub deposit_amount: Option<i64>,
    /// Where the deposit stands: `due`, `paid`, `held`, …
    pub deposit_status: Option<String>,
    /// His number, once numbers are given.
    pub bidder_no: Option<u16>,
}

impl From<&ApplicationView> for MyAuction {
    fn from(view: &ApplicationView) -> Self {
        let application = &view.application;
        Self {
            auction: application.auction.to_string(),
            application: application.id.to_string(),
            status: as_code(&application.status),
            reason: application.reason.clone(),
            received_at: application.received_at.0,
            deposit_amount: view.deposit.as_ref().map(|deposit| deposit.amount.get()),
            deposit_status: view.deposit.as_ref().map(|deposit| as_code(&deposit.status)),
            bidder_no: view.bidder_no.map(|no| no.0),
        }
    }
}

/// This person's auctions.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MyAuctions {
    /// The newest first.
    pub items: Vec<MyAuction>,
    /// The server's time when it was fetched.
    pub as_of: i64,
    /// Whether it is from the store, because there is no connection.
    pub stale: bool,
}

/// How to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PaymentChannel {
    /// A code for a mobile wallet.
    WalletCode,
    /// A code for a bank's branch.
    BranchCode,
    /// A card, on the payment system's page.
    Card,
}

impl From<PaymentChannel> for Channel {
    fn from(channel: PaymentChannel) -> Self {
        match channel {
            PaymentChannel::WalletCode => Self::WalletCode,
            PaymentChannel::BranchCode => Self::BranchCode,
            PaymentChannel::Card => Self::Card,
        }
    }
}

/// What to pay with.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaymentCode {
    /// The attempt's id.
    pub intent: String,
    /// «Төлөө коду».
    pub code: Option<String>,
    /// The payment system's page, for a card.
    pub redirect_url: Option<String>,
    /// How much.
    pub amount: i64,
    /// From this moment on the code is dead.
    pub expires_at: i64,
    /// Whether the close of applications cut its life short.
    pub cut_short: bool,
    /// Where the attempt stands.
    pub status: String,
}

impl From<&Intent> for PaymentCode {
    fn from(intent: &Intent) -> Self {
        Self {
            intent: intent.id.to_string(),
            code: intent.code.clone(),
            redirect_url: intent.redirect_url.clone(),
            amount: intent.amount.get(),
            expires_at: intent.expires_at.0,
            cut_short: intent.cut_short,
            status: as_code(&intent.status),
        }
    }
}
