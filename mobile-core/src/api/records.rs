//! Plain records that cross to the app, mapped from the protocol's types.
//!
//! Ids and codes are text, money is whole tyiyn, times are Unix microseconds of the server.

use crate::engine::Decided;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use toruk_sync::domain::application::ApplicantFault;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::operations::{ApplicationView, OperationRejection, Outcome, Verdict};
use toruk_sync::protocol::pull::OutcomeView;

/// The name of a value on the wire: the text of a plain enum, or the key of one with fields.
pub(crate) fn as_code<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(code)) => code,
        Ok(Value::Object(members)) => members.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The fields of an enum variant, as text.
pub(crate) fn as_params<T: Serialize>(value: &T) -> HashMap<String, String> {
    let Ok(Value::Object(members)) = serde_json::to_value(value) else { return HashMap::new() };
    let Some(Value::Object(inner)) = members.into_values().next() else { return HashMap::new() };
    let plain = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    inner.into_iter().map(|(key, value)| (key, plain(value))).collect()
}

/// The person who uses this phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    /// The person's id, a UUID.
    pub person: String,
    /// The person's full name.
    pub name: String,
    /// `true` while there is a session.
    pub signed_in: bool,
}

/// A text in up to three languages.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Label {
    /// The Kyrgyz text, if there is one.
    pub ky: Option<String>,
    /// The Russian text, if there is one.
    pub ru: Option<String>,
    /// The English text, if there is one.
    pub en: Option<String>,
}

impl From<&Text> for Label {
    fn from(text: &Text) -> Self {
        Self { ky: text.ky.clone(), ru: text.ru.clone(), en: text.en.clone() }
    }
}

/// The outcome of a queued operation. It stays in the list until `ack_outcome`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutcomeRecord {
    /// The operation's number, for `ack_outcome`.
    pub op_no: u64,
    /// The id of the auction; absent for the list of followed auctions.
    pub auction: Option<String>,
    /// `edit_draft`, `edit_followed`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// `merged`, `draft_closed`, `submitted`, `withdrawn` or `refused`.
    pub verdict: String,
    /// The rejection code, if it was refused.
    pub code: Option<String>,
    /// Values for the placeholders of the code's translation.
    pub params: HashMap<String, String>,
    /// The server's time of the decision, Unix µs.
    pub decided_at: i64,
    /// `true` if another phone of the person sent it; it is acknowledged there.
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

/// The code of a refused operation, and the values for the placeholders of its translation.
pub(crate) fn reason(verdict: &Verdict) -> (Option<String>, HashMap<String, String>) {
    match verdict {
        Verdict::Refused(OperationRejection::Application(rejection)) => {
            (Some(as_code(rejection)), as_params(rejection))
        }
        Verdict::Refused(OperationRejection::Draft(fault)) => {
            (Some(as_code(fault)), HashMap::new())
        }
        Verdict::Refused(OperationRejection::ConflictOfInterest { conflict })
            if ApplicantFault::from_key(conflict).is_some() =>
        {
            (Some(conflict.clone()), HashMap::new())
        }
        Verdict::Refused(refusal @ OperationRejection::SignatureRefused { fault, .. }) => {
            (Some(format!("signature_{}", fault.key())), as_params(refusal))
        }
        Verdict::Refused(refusal) => (Some(as_code(refusal)), as_params(refusal)),
        Verdict::Merged { .. } | Verdict::Following { .. } => (None, HashMap::new()),
        verdict => (None, as_params(verdict)),
    }
}

/// One of this person's auctions, with the application.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MyAuction {
    /// The id of the auction.
    pub auction: String,
    /// The id of the application.
    pub application: String,
    /// The application's status code: `signed`, `admitted`, `eligible`, …
    pub status: String,
    /// The official's reason for a refusal.
    pub reason: Option<String>,
    /// The server's time of receipt, Unix µs.
    pub received_at: i64,
    /// The amount of the deposit, tyiyn, once there is one.
    pub deposit_amount: Option<i64>,
    /// The deposit's status code: `due`, `paid`, `held`, …
    pub deposit_status: Option<String>,
    /// The person's bidder number, once numbers are assigned.
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

/// The auctions to which this person applied.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MyAuctions {
    /// The auctions, newest application first.
    pub items: Vec<MyAuction>,
    /// The server's time of this list, Unix µs.
    pub as_of: i64,
    /// `true` if the list comes from the store, for want of a connection.
    pub stale: bool,
}

/// The ways to pay a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PaymentChannel {
    /// A payment code for a mobile wallet.
    WalletCode,
    /// A payment code for a bank's branch.
    BranchCode,
    /// A card, on the payment system's page.
    Card,
    /// A bank transfer, with a reference to quote; it counts when the bank's statement arrives.
    BankTransfer,
}

impl From<PaymentChannel> for Channel {
    fn from(channel: PaymentChannel) -> Self {
        match channel {
            PaymentChannel::WalletCode => Self::WalletCode,
            PaymentChannel::BranchCode => Self::BranchCode,
            PaymentChannel::Card => Self::Card,
            PaymentChannel::BankTransfer => Self::BankTransfer,
        }
    }
}

/// A payment attempt: a code to pay with, or a page.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaymentCode {
    /// The id of the attempt.
    pub intent: String,
    /// «Төлөө коду», the code to enter at a wallet or a bank.
    pub code: Option<String>,
    /// The payment system's page, for a card.
    pub redirect_url: Option<String>,
    /// The amount to pay, tyiyn.
    pub amount: i64,
    /// The code is invalid at or after this moment, Unix µs.
    pub expires_at: i64,
    /// `true` if it expires early because applications close.
    pub cut_short: bool,
    /// The attempt's status code.
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
