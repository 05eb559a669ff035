//! The ways to pay that a bidder chooses from.

use super::Core;
use super::records::PaymentChannel;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::protocol::deposit;

/// The ways to pay.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaymentWays {
    /// Banks and wallets, in the order in which they are shown. Empty where nothing is chosen.
    pub providers: Vec<PaymentProvider>,
    /// The account for bank transfers; absent where none are taken.
    pub account: Option<TransferAccount>,
}

/// A bank or wallet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaymentProvider {
    /// The name to give when a payment begins.
    pub id: String,
    /// The channel in which it is offered.
    pub channel: PaymentChannel,
    /// Its name in this phone's language.
    pub name: String,
}

/// The operator's account for bank transfers.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TransferAccount {
    /// The owner's name.
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

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The ways to pay, to choose from; needs a connection.
    ///
    /// # Errors
    /// [`CoreError::Offline`], [`CoreError::SignedOut`].
    pub async fn payment_ways(&self) -> Result<PaymentWays, CoreError> {
        let deposit::PaymentWays { providers, account } = self.fetch_ways().await?;
        let provider = |provider: deposit::PaymentProvider| PaymentProvider {
            channel: PaymentChannel::from(provider.channel),
            name: provider.name.get(&self.language).to_owned(),
            id: provider.id,
        };
        let providers = providers.into_iter().map(provider).collect();
        Ok(PaymentWays { providers, account: account.map(TransferAccount::from) })
    }
}

impl Core {
    pub(super) async fn fetch_ways(&self) -> Result<deposit::PaymentWays, CoreError> {
        self.signed(ApiRequest::new(RequestKind::ReadPaymentWays, "/v1/payments/ways")).await
    }
}

impl From<Channel> for PaymentChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::WalletCode => Self::WalletCode,
            Channel::BranchCode => Self::BranchCode,
            Channel::Card => Self::Card,
            Channel::BankTransfer => Self::BankTransfer,
        }
    }
}

impl From<deposit::BankAccount> for TransferAccount {
    fn from(known: deposit::BankAccount) -> Self {
        let deposit::BankAccount { holder, tax_number, bank, bic, account } = known;
        Self { holder, tax_number, bank, bic, account }
    }
}
