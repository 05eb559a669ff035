//! What crosses to the app: plain records of our own, mapped from the protocol's types.
//!
//! Ids and codes are text, money is whole tyiyn, times are Unix microseconds of the server.

use crate::engine::Decided;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::operations::{ApplicationView, OperationRejection, Outcome, Verdict};
use toruk_sync::protocol::pull::OutcomeView;

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
        Verdict::Refused(OperationRejection::Application(rejection)) => {
            (Some(as_code(rejection)), as_params(rejection))
        }
        Verdict::Refused(OperationRejection::Draft(fault)) => {
            (Some(as_code(fault)), HashMap::new())
        }
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
