//! A person with a phone: looks at the screen and does the next thing, and remembers what the app
//! has confirmed.

use crate::proof::chance::Chance;
use crate::world::passkey::SoftPasskeys;
use anyhow::{bail, ensure};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_mobile_core::api::{DraftStatus, SubmitStatus, SyncReason};
use toruk_mobile_core::{Core, CoreError};
use toruk_sync::domain::id::AuctionId;

const ANSWERS: [(&str, &str); 8] = [
    ("applicant_kind", "person"),
    ("full_name", "Айгүл Асанова"),
    ("pin", "00000000000001"),
    ("phone", "+996700000001"),
    ("address", "Бишкек, Чүй пр. 1"),
    ("refund_account", "0000000000000001"),
    ("consent", "yes"),
    ("independence", "yes"),
];
const FILE: &[u8] = b"%PDF-1.4\n% a passport\n%%EOF\n";
/// More than any person tries in one life of an app.
const TRIES_MAX: u32 = 60;
/// Longest wait for something that the person asked for, in milliseconds.
const PATIENCE_MS: u64 = 2_000;

/// Somebody with a phone.
pub struct Person {
    auction: AuctionId,
    chance: Chance,
    passkeys: Arc<SoftPasskeys>,
    answers: BTreeMap<String, String>,
    offline: bool,
    told: PersonView,
    done: bool,
}

/// Everything that the app said is done. It may never take that back.
#[derive(Default)]
struct PersonView {
    account: bool,
    seen: bool,
    answers: BTreeMap<String, String>,
    attached: bool,
    submitted: bool,
}

impl Person {
    pub fn new(auction: AuctionId, mut chance: Chance, passkeys: Arc<SoftPasskeys>) -> Self {
        let answers = ANSWERS.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into();
        let offline = chance.below(2) == 0;
        let told = PersonView::default();
        Self { auction, chance, passkeys, answers, offline, told, done: false }
    }

    pub fn auction(&self) -> AuctionId {
        self.auction
    }

    pub fn answers(&self) -> &BTreeMap<String, String> {
        &self.answers
    }

    pub fn began_offline(&self) -> bool {
        self.offline
    }

    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Uses the app until the application is in, or the app dies.
    pub async fn live(&mut self, core: &Core) -> anyhow::Result<()> {
        self.nothing_is_taken_back(core)?;
        for _ in 0..TRIES_MAX {
            if let Err(error) = self.step(core).await {
                self.is_bearable(&error)?;
            }
            if self.done {
                return Ok(());
            }
            if self.chance.below(8) == 0 {
                // The person puts the phone into a pocket, and takes it out again.
                let slept = core.suspend(0).await.and_then(|()| core.resume(true));
                slept.or_else(|error| self.is_bearable(&error))?;
            }
        }
        bail!("the person gave up")
    }

    /// The next thing that the screen asks for.
    async fn step(&mut self, core: &Core) -> Result<(), CoreError> {
        if core.account().is_none_or(|account| !account.signed_in) {
            self.enter(core).await?;
            self.told.account = true;
        }
        if !self.told.seen {
            core.auction(self.auction.to_string()).await?;
            self.told.seen = true;
            core.set_online(!self.offline)?;
        }
        let status = core.draft_status(self.auction.to_string())?;
        if let Some(submit) = &status.submit {
            core.set_online(true)?;
            return self.hear(core, submit).await;
        }
        self.fill_in(core, &status).await?;
        let submit = core.submit(self.auction.to_string()).await?;
        self.told.submitted = true;
        self.hear(core, &submit).await
    }

    async fn enter(&self, core: &Core) -> Result<(), CoreError> {
        if self.passkeys.credential_id().is_some() {
            match core.sign_in().await {
                // The server has never heard of it: its registration was lost.
                Err(CoreError::Refused { .. }) if core.account().is_none() => {}
                signed_in => return signed_in.map(drop),
            }
        }
        core.register("Айгүл".to_owned()).await.map(drop)
    }

    async fn fill_in(&mut self, core: &Core, status: &DraftStatus) -> Result<(), CoreError> {
        let id = self.auction.to_string();
        for (field, answer) in &self.answers {
            if status.answers.get(field) != Some(answer) {
                core.draft_set(id.clone(), field.clone(), Some(answer.clone()))?;
                self.told.answers.insert(field.clone(), answer.clone());
                // The app does its own in between.
                tokio::task::yield_now().await;
            }
        }
        if status.files.is_empty() {
            let (slot, name) = ("identity_document".to_owned(), "passport.pdf".to_owned());
            core.draft_attach(id, slot, name, "application/pdf".to_owned(), FILE.to_vec())?;
            self.told.attached = true;
        }
        Ok(())
    }

    async fn hear(&mut self, core: &Core, submit: &SubmitStatus) -> Result<(), CoreError> {
        if submit.state == "submitted" {
            self.done = true;
            return Ok(());
        }
        core.set_online(true)?;
        core.sync_now(SyncReason::PullToRefresh, PATIENCE_MS, None).await?;
        Ok(())
    }

    /// Accepts the errors that a person meets now and then: no connection, a session that ended, a
    /// process that is already dying.
    fn is_bearable(&self, error: &CoreError) -> anyhow::Result<()> {
        match error {
            CoreError::Offline | CoreError::SignedOut | CoreError::Internal { .. } => Ok(()),
            error => bail!("the person was told {error}"),
        }
    }

    fn nothing_is_taken_back(&self, core: &Core) -> anyhow::Result<()> {
        ensure!(!self.told.account || core.account().is_some(), "the account is gone");
        if !self.told.seen {
            return Ok(());
        }
        let status = core.draft_status(self.auction.to_string())?;
        for (field, answer) in &self.told.answers {
            let held = status.answers.get(field);
            ensure!(held == Some(answer), "{field} is {held:?} instead of {answer}");
        }
        ensure!(!self.told.attached || status.files.len() == 1, "the file is gone");
        ensure!(!self.told.submitted || status.submit.is_some(), "the submit is forgotten");
        Ok(())
    }
}
