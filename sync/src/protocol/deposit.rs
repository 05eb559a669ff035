//! Paying the deposit; needs a connection, because the code comes from the payment system.

use crate::domain::deposit::Channel;
use crate::domain::form::Text;
use crate::domain::id::IntentId;
use serde::{Deserialize, Serialize};

/// Longest id of a bank or wallet, in bytes: lower-case Latin letters, digits and hyphens.
pub const PROVIDER_ID_BYTES_MAX: usize = 32;

/// Returns `true` for what can be the id of a bank or wallet.
pub fn is_provider_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.len() <= PROVIDER_ID_BYTES_MAX && id.bytes().all(is_plain)
}

/// Starts an attempt to pay. Repeating it with the same id starts no second one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginPayment {
    /// The id, made by the phone.
    pub id: IntentId,
    /// The way to pay.
    pub channel: Channel,
    /// The bank or wallet, by its id among [`PaymentWays::providers`]; absent where none is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// The ways to pay that the payer can choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentWays {
    /// Banks and wallets, in the payment system's order. Empty where it has no list: then the payer
    /// chooses on its page, or any of a channel takes the code.
    pub providers: Vec<PaymentProvider>,
    /// The account for bank transfers; absent where the operator takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<BankAccount>,
}

/// A bank or wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentProvider {
    /// The payment system's name for it.
    pub id: String,
    /// The channel in which it is offered.
    pub channel: Channel,
    /// Its name for people.
    pub name: Text,
}

/// The operator's account for bank transfers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// The owner's name, as the payer writes it.
    pub holder: String,
    /// The owner's tax number (ИНН).
    pub tax_number: String,
    /// The bank's name.
    pub bank: String,
    /// The bank's code (БИК).
    pub bic: String,
    /// The account's number.
    pub account: String,
}
