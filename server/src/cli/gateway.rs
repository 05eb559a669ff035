//! The options of money: the payment system, and the operator's account for transfers.

use super::startup;
use crate::clock::Clock;
use crate::deposit::gateway::{SignedOrders, Unconfigured, client};
use crate::ports::PaymentGateway;
use anyhow::{Context as _, ensure};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use toruk_sync::protocol::deposit::BankAccount;

/// Longest text of the account, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// The payment system, and the account for transfers.
#[derive(Args)]
pub struct GatewayOptions {
    /// URL of the payment system.
    #[arg(long, env = "TORUK_GATEWAY_URL", requires_all = ["gateway_merchant", "gateway_secret_file"])]
    gateway_url: Option<String>,
    /// Merchant name at the payment system.
    #[arg(long, env = "TORUK_GATEWAY_MERCHANT")]
    gateway_merchant: Option<String>,
    /// The file that holds the secret shared with the payment system.
    #[arg(long, env = "TORUK_GATEWAY_SECRET_FILE")]
    gateway_secret_file: Option<PathBuf>,
    /// Certificate and private key (PEM) that the payment system knows this server by.
    #[arg(long, env = "TORUK_GATEWAY_IDENTITY_FILE", requires = "gateway_url")]
    gateway_identity_file: Option<PathBuf>,
    /// Authorities (PEM) that vouch for the payment system, instead of the machine's.
    #[arg(long, env = "TORUK_GATEWAY_AUTHORITY_FILE", requires = "gateway_url")]
    gateway_authority_file: Option<PathBuf>,
    /// The operator's account for bank transfers: a JSON file with `holder`, `tax_number`, `bank`,
    /// `bic` and `account`. Without it, phones offer no transfer.
    #[arg(long, env = "TORUK_BANK_ACCOUNT_FILE")]
    bank_account_file: Option<PathBuf>,
}

impl GatewayOptions {
    /// The option and value of the payment system's address, for the checks that all addresses
    /// pass.
    pub fn address(&self) -> (&'static str, Option<&str>) {
        ("--gateway-url", self.gateway_url.as_deref())
    }

    /// The account for transfers, if there is one.
    ///
    /// # Errors
    /// When the file can't be read, or a text in it is missing, empty or too long.
    pub fn bank_account(&self) -> anyhow::Result<Option<BankAccount>> {
        let Some(file) = &self.bank_account_file else { return Ok(None) };
        let name = file.display();
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("--bank-account-file: {name} can't be read"))?;
        let account: BankAccount = serde_json::from_str(&text)
            .with_context(|| format!("--bank-account-file: {name} is no account"))?;
        let BankAccount { holder, tax_number, bank, bic, account: number } = &account;
        for text in [holder, tax_number, bank, bic, number] {
            let is_sound = !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
            ensure!(is_sound, "--bank-account-file: {name} has an empty text, or too long a one");
        }
        Ok(Some(account))
    }

    /// The payment system's adapter, for a server at `origin`.
    ///
    /// # Errors
    /// When a file can't be read, or the address is none.
    pub fn gateway(
        &self,
        origin: &str,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Arc<dyn PaymentGateway>> {
        let secret = self.gateway_secret_file.as_deref();
        let secret = startup::secret("--gateway-secret-file", secret)?;
        let (Some(url), Some(merchant), Some(secret)) =
            (&self.gateway_url, &self.gateway_merchant, secret)
        else {
            return Ok(Arc::new(Unconfigured));
        };
        let identity = self.gateway_identity_file.as_deref();
        let http = client(self.gateway_authority_file.as_deref(), identity)?;
        let callback = format!("{}/v1/payments/callback", startup::public_origin(origin)?);
        let url = url.parse().context("gateway URL")?;
        Ok(Arc::new(SignedOrders::new(url, merchant.clone(), secret, callback, http, clock)))
    }
}
