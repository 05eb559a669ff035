//! Paying the guarantee: needs a connection. The slip with the payment code is available without
//! one.

use super::records::{PaymentChannel, PaymentCode, as_code};
use super::texts::{self, SlipLine};
use super::{Core, auction_id};
use crate::device::random_uuid;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::store::{Table, Write, read};
use serde::{Deserialize, Serialize};
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::id::{ApplicationId, AuctionId, IntentId};
use toruk_sync::protocol::deposit::{BankAccount, BeginPayment};
use toruk_sync::protocol::problem::ProblemCode;

/// A payment attempt as the phone remembers it. It is named before it is requested, so that
/// repeating a request whose reply was lost does not create a second attempt.
#[derive(Serialize, Deserialize)]
struct Attempt {
    id: IntentId,
    intent: Option<Intent>,
    /// The account of a bank transfer, as it was when it began.
    #[serde(default)]
    account: Option<BankAccount>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Starts a payment, or returns the code that is still valid.
    ///
    /// # Errors
    /// [`CoreError::Offline`]; `not_found` without an application; `gateway_unavailable`,
    /// `wrong_state` or `deadline_passed` from the server.
    pub async fn begin_payment(
        &self,
        auction: String,
        channel: PaymentChannel,
    ) -> Result<PaymentCode, CoreError> {
        self.begin_payment_at(auction, channel, None).await
    }

    /// As [`Self::begin_payment`], at a bank or wallet of [`Self::payment_ways`].
    ///
    /// # Errors
    /// As [`Self::begin_payment`]; `malformed` for one that is not offered any more.
    pub async fn begin_payment_at(
        &self,
        auction: String,
        channel: PaymentChannel,
        provider: Option<String>,
    ) -> Result<PaymentCode, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        if self.driver.read(|engine| engine.is_late_unsent(auction, now)) {
            return Err(CoreError::refused("deadline_passed"));
        }
        let application = match self.application_of(auction) {
            Ok(application) => application,
            Err(_) => {
                // The application may have been decided a moment ago.
                self.refresh_mine().await?;
                self.application_of(auction)?
            }
        };
        let channel = Channel::from(channel);
        let key = format!("{auction}/{}", as_code(&channel));
        let attempt: Option<Attempt> =
            self.driver.read_store(|store| read(store, Table::Payment, &key))?;
        let now = self.label_time();
        let attempt = attempt
            .filter(|attempt| attempt.intent.as_ref().is_none_or(|intent| intent.is_live(now)));
        let attempt = match attempt {
            Some(attempt) => attempt,
            None => {
                let id = IntentId(random_uuid(self.driver.platform.entropy.as_ref())?);
                let attempt = Attempt { id, intent: None, account: None };
                self.driver.save(&[Write::json(Table::Payment, &*key, &attempt)])?;
                attempt
            }
        };
        let path = format!("/v1/applications/{application}/payments");
        let begin = BeginPayment { id: attempt.id, channel, provider };
        let ask = ApiRequest::json(RequestKind::BeginPayment, &path, &begin);
        let answer = self.signed::<Intent>(ask).await;
        if matches!(&answer, Err(CoreError::Refused { code, .. }) if is_final(code)) {
            // A refusal is final for this attempt: the next attempt gets another name.
            self.driver.save(&[Write::delete(Table::Payment, &*key)])?;
        }
        let intent = answer?;
        let code = PaymentCode::from(&intent);
        // Kept with the reference: at the bank there may be no connection.
        let account = match channel {
            Channel::BankTransfer => self.fetch_ways().await?.account,
            _ => None,
        };
        let attempt = Attempt { id: attempt.id, intent: Some(intent), account };
        self.driver.save(&[
            Write::json(Table::Payment, &*key, &attempt),
            Write::json(Table::Payment, auction.to_string(), &attempt),
        ])?;
        Ok(code)
    }

    /// The slip to show at a bank or a terminal, in this phone's language, for the code requested
    /// last.
    ///
    /// # Errors
    /// `not_found` if no code was ever requested.
    pub fn payment_slip(&self, auction: String) -> Result<String, CoreError> {
        let auction = auction_id(&auction)?;
        let key = auction.to_string();
        let attempt: Option<Attempt> =
            self.driver.read_store(|store| read(store, Table::Payment, &key))?;
        let (intent, account) = attempt.map_or((None, None), |known| (known.intent, known.account));
        let intent = intent.ok_or_else(|| CoreError::refused("not_found"))?;
        let line = |line| texts::line(line, &self.language);
        let (number, title, name) = self.driver.read(|engine| {
            let view = engine.view(auction);
            let number = view.map(|view| view.number.clone()).unwrap_or_default();
            let title = view.map(|view| view.lot.title.get(&self.language).to_owned());
            let name = engine.profile().map(|profile| profile.name.clone()).unwrap_or_default();
            (number, title.unwrap_or_default(), name)
        });
        let code = intent.code.as_deref().or(intent.redirect_url.as_deref()).unwrap_or("—");
        if let Some(account) = account {
            let facts = [
                (SlipLine::Receiver, account.holder),
                (SlipLine::TaxNumber, account.tax_number),
                (SlipLine::Bank, account.bank),
                (SlipLine::Bic, account.bic),
                (SlipLine::Account, account.account),
                (SlipLine::Payer, name),
                (SlipLine::Reference, code.to_owned()),
            ];
            let facts: String =
                facts.iter().map(|(label, text)| format!("{}: {text}\n", line(*label))).collect();
            return Ok(format!(
                "{}\n{number}\n{title}\n{facts}{}: {}\u{a0}{}\n{}: {}\n{}\n",
                line(SlipLine::Transfer),
                line(SlipLine::Guarantee),
                intent.amount.to_short_string(),
                line(SlipLine::Som),
                line(SlipLine::ValidUntil),
                intent.expires_at.bishkek(),
                line(SlipLine::TransferHow),
            ));
        }
        Ok(format!(
            "{}\n{number}\n{title}\n{}: {name}\n{}: {code}\n{}: {}\u{a0}{}\n{}: {}\n",
            line(SlipLine::PaymentSystem),
            line(SlipLine::Payer),
            line(SlipLine::PaymentCode),
            line(SlipLine::Guarantee),
            intent.amount.to_short_string(),
            line(SlipLine::Som),
            line(SlipLine::ValidUntil),
            intent.expires_at.bishkek(),
        ))
    }
}

/// Returns `true` for a refusal after which the same attempt can't succeed.
fn is_final(code: &str) -> bool {
    let passing = [
        ProblemCode::Busy,
        ProblemCode::TooManyRequests,
        ProblemCode::TooSlow,
        ProblemCode::Unknown,
    ];
    !passing.iter().any(|passing| as_code(passing) == code)
}

impl Core {
    /// The person's application to an auction, as this phone last saw it.
    pub(super) fn application_of(&self, auction: AuctionId) -> Result<ApplicationId, CoreError> {
        let found = self.driver.read(|engine| {
            let of = |view: &&toruk_sync::protocol::operations::ApplicationView| {
                view.application.auction == auction
            };
            Some(engine.mine()?.applications.iter().find(of)?.application.id)
        });
        found.ok_or_else(|| CoreError::refused("not_found"))
    }
}
