//! Push messages. A push is a hint that may be late, repeated or forged: the server is asked, and a
//! notification is shown only if it is still current.

use super::Core;
use super::records::as_code;
use super::texts;
use crate::engine::push_token::{PUSH_ADDRESS, PushAddress};
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use crate::store::{Table, Write, read};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::Status as DepositStatus;
use toruk_sync::domain::notice::{NoticeKind, holds_of};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::operations::ApplicationView;
use toruk_sync::protocol::push_hint::PushHint;

/// The key of the shown hints in [`Table::Meta`].
const SHOWN: &str = "shown_hints";
/// The number of shown hints that are remembered.
const SHOWN_MAX: usize = 200;

/// Time to verify an urgent push; the system allows a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// A notification for the app to show.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Notification {
    /// The kind, a code such as `outbid` or `confirm_due`; selects the notification channel.
    pub kind: String,
    /// The id of the auction to open on a tap; empty for a notice about the account, which opens the
    /// list of its keys.
    pub auction: String,
    /// The lot's title, or the person's name.
    pub title: String,
    /// The message, in this phone's language.
    pub body: String,
    /// `true` if it deserves a sound.
    pub urgent: bool,
    /// Do not show it at or after this server time, Unix µs.
    pub expires_at: i64,
    /// `true` if the server confirmed it; `false` if there was no time or no connection.
    pub verified: bool,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Keeps the address for push messages, and tells the server as soon as there is a session and
    /// a connection, at each sign-in again; `None` ends the pushes. Call it whenever the platform
    /// says an address, also before anybody has signed in: it may say it once.
    ///
    /// # Errors
    /// `malformed` if the server refused the address; [`CoreError::Internal`] if it can't be kept.
    pub async fn register_push(&self, token: Option<String>) -> Result<(), CoreError> {
        let address = PushAddress { token };
        self.driver.guest.apply(&[Write::json(Table::Meta, PUSH_ADDRESS, &address)])?;
        self.driver.input(Input::PushAddress(address))?;
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            let push = engine.push_registration();
            let waits = !engine.is_online() || !engine.is_signed_in();
            push.is_settled() || waits || push.is_backing_off(driver.now())
        };
        self.driver.wait_until(PATIENCE, settled).await;
        match self.driver.read(|engine| engine.push_registration().is_refused()) {
            true => Err(CoreError::refused("malformed")),
            false => Ok(()),
        }
    }

    /// Handles a push: asks the server, and returns the notification if it is still current, meant
    /// for this person, and not shown before. An urgent push that can't be verified within two
    /// seconds is returned unverified, if this phone knows the auction and it is not too late: the
    /// system penalises an app that stays silent, and the screen that a tap opens shows the current
    /// state.
    ///
    /// # Errors
    /// `malformed`; [`CoreError::Offline`] if a push that is not urgent can't be verified: show
    /// nothing.
    pub async fn on_push(&self, json: String) -> Result<Option<Notification>, CoreError> {
        let hint: PushHint =
            serde_json::from_str(&json).map_err(|_| CoreError::refused("malformed"))?;
        let person = self.driver.read(|engine| engine.profile().map(|profile| profile.person));
        if person != Some(hint.person) {
            return Ok(None);
        }
        let name = format!("{}/{}/{}", hint.auction, as_code(&hint.kind), hint.seq);
        let store = self.driver.store();
        let mut shown: Vec<String> = read(store.as_ref(), Table::Meta, SHOWN)?.unwrap_or_default();
        if shown.contains(&name) {
            return Ok(None);
        }
        let verified = tokio::time::timeout(PATIENCE, self.verified(&hint)).await;
        let (title, is_verified) = match verified {
            Ok(Ok(Some(title))) => (title, true),
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(CoreError::Offline)) | Err(_) => match self.plausible(&hint) {
                Some(title) => (title, false),
                None if hint.kind.is_urgent() => return Ok(None),
                None => return Err(CoreError::Offline),
            },
            Ok(Err(error)) => return Err(error),
        };
        shown.push(name);
        let old = shown.len().saturating_sub(SHOWN_MAX);
        shown.drain(..old);
        self.driver.save(&[Write::json(Table::Meta, SHOWN, &shown)])?;
        Ok(Some(Notification {
            kind: as_code(&hint.kind),
            auction: match hint.kind.is_of_account() {
                true => String::new(),
                false => hint.auction.to_string(),
            },
            title,
            body: texts::notice_until(hint.kind, hint.expires_at, &self.language),
            urgent: hint.kind.is_urgent(),
            expires_at: hint.expires_at.0,
            verified: is_verified,
        }))
    }
}

impl Core {
    /// The notification's title, if the server confirms the hint.
    async fn verified(&self, hint: &PushHint) -> Result<Option<String>, CoreError> {
        if hint.kind.is_of_account() {
            return self.verified_of_account(hint).await;
        }
        let view = self.fetch_view(hint.auction).await?;
        self.refresh_mine().await?;
        let own = self.driver.read(|engine| {
            let mut mine = engine.mine()?.applications.iter();
            mine.find(|mine| mine.application.auction == hint.auction).cloned()
        });
        let is_true = view.server_time < hint.expires_at && holds(hint.kind, &view, own.as_ref());
        Ok(is_true.then(|| view.lot.title.get(&self.language).to_owned()))
    }

    /// As [`Self::verified`], for a hint about the account: it is theirs who is signed in. Which of
    /// the keys is new they see in the list.
    async fn verified_of_account(&self, hint: &PushHint) -> Result<Option<String>, CoreError> {
        self.passkeys().await?;
        let is_late = self.label_time() >= hint.expires_at;
        Ok(self.account().filter(|_| !is_late).map(|account| account.name))
    }

    /// The title for an urgent hint, from the data on this phone alone.
    fn plausible(&self, hint: &PushHint) -> Option<String> {
        let is_late = self.label_time() >= hint.expires_at;
        if !hint.kind.is_urgent() || is_late {
            return None;
        }
        if hint.kind.is_of_account() {
            return self.account().map(|account| account.name);
        }
        self.driver.read(|engine| {
            let view = engine.view(hint.auction)?;
            Some(view.lot.title.get(&self.language).to_owned())
        })
    }
}

/// Returns `true` if the state of the auction still agrees with the hint.
pub(super) fn holds(kind: NoticeKind, view: &AuctionView, mine: Option<&ApplicationView>) -> bool {
    let now = view.server_time;
    let application = mine.map(|mine| mine.application.status);
    let deposit = mine.and_then(|mine| mine.deposit.as_ref()).map(|deposit| deposit.status);
    let own = mine.and_then(|mine| mine.bidder_no);
    if let Some(holds) = holds_of(kind, &view.auction, own, now) {
        return holds;
    }
    match kind {
        NoticeKind::NeedsReconfirm => application == Some(ApplicationStatus::NeedsReconfirm),
        NoticeKind::ApplicationAdmitted => {
            let admitted = [ApplicationStatus::Admitted, ApplicationStatus::Eligible];
            application.is_some_and(|status| admitted.contains(&status))
        }
        NoticeKind::ApplicationNotAdmitted => {
            let out = [ApplicationStatus::NotAdmitted, ApplicationStatus::Disqualified];
            application.is_some_and(|status| out.contains(&status))
        }
        NoticeKind::DepositPaid => deposit.is_some_and(|status| status != DepositStatus::Due),
        NoticeKind::DepositReleased => {
            let back = [DepositStatus::Releasing, DepositStatus::Released];
            deposit.is_some_and(|status| back.contains(&status))
        }
        // The server tells the phone no more than that there is a deposit.
        NoticeKind::PaymentUnmatched => deposit.is_some(),
        NoticeKind::PaymentCodeExpiring => {
            deposit == Some(DepositStatus::Due)
                && mine.is_some_and(|mine| mine.intents.iter().any(|intent| intent.is_live(now)))
        }
        NoticeKind::DepositForfeited => deposit == Some(DepositStatus::Forfeited),
        // For the organiser's officials, or of no auction: [`Core::verified`] asks about the account.
        _ => false,
    }
}
