//! Delivering and asking; what waits and what was decided.

use super::Core;
use super::records::{MyAuctions, OutcomeRecord};
use crate::driver::http::Ask;
use crate::engine::{Engine, Input, Intent};
use crate::error::CoreError;
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::protocol::sync::Mine;

/// `sync_now` answers after this long at the latest; deliveries go on by themselves.
const SYNC_PATIENCE: Duration = Duration::from_secs(60);

/// How a sync went.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// `done`: nothing waits. `waiting`: something does, and is tried again by itself.
    /// `offline`, `signed_out`: nothing can be done now; everything is kept.
    pub state: String,
    /// Operations that wait.
    pub waiting: u32,
    /// Files that wait.
    pub files_waiting: u32,
    /// Outcomes that were not acknowledged.
    pub outcomes: u32,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Delivers what waits and fetches what changed, now.
    ///
    /// # Errors
    /// [`CoreError::Internal`]; having no connection is a state, not an error.
    pub async fn sync_now(&self) -> Result<SyncReport, CoreError> {
        self.driver.feed(Input::Hurry)?;
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            !engine.is_online()
                || !engine.is_signed_in()
                || !engine.is_delivering()
                || engine.is_backing_off(driver.now())
        };
        self.driver.until(SYNC_PATIENCE, settled).await;
        let pulled = match self.driver.look(|engine| engine.is_online() && engine.is_signed_in()) {
            true => self.refresh_mine().await,
            false => Ok(()),
        };
        if let Err(error @ CoreError::Internal { .. }) = pulled {
            return Err(error);
        }
        let lost = matches!(pulled, Err(CoreError::Offline));
        Ok(self.driver.look(|engine| {
            let waiting = engine.outbox().waiting().count() as u32;
            let files_waiting = engine.uploads().pending() as u32;
            let state = match (engine.is_signed_in(), engine.is_online() && !lost) {
                (false, _) => "signed_out",
                (true, false) => "offline",
                (true, true) if waiting == 0 && files_waiting == 0 => "done",
                (true, true) => "waiting",
            };
            let outcomes = engine.outcomes().len() as u32;
            SyncReport { state: state.to_owned(), waiting, files_waiting, outcomes }
        }))
    }

    /// What became of commands, the oldest first; each stays until it is acknowledged.
    pub fn outcomes(&self) -> Vec<OutcomeRecord> {
        self.driver.look(|engine| engine.outcomes().values().map(Into::into).collect())
    }

    /// The person has seen an outcome.
    ///
    /// # Errors
    /// `not_found`.
    pub fn ack_outcome(&self, op_no: u64) -> Result<(), CoreError> {
        self.driver.intend(Intent::Acknowledge(op_no)).map(drop)
    }

    /// «Менин торуктарым»; without a connection, as it was last seen.
    ///
    /// # Errors
    /// [`CoreError::Offline`] when it was never seen; [`CoreError::SignedOut`].
    pub async fn my_auctions(&self) -> Result<MyAuctions, CoreError> {
        let stale = match self.refresh_mine().await {
            Ok(()) => false,
            Err(CoreError::Offline) => true,
            Err(error) => return Err(error),
        };
        self.driver.look(|engine| {
            let mine = engine.mine().ok_or(CoreError::Offline)?;
            let items = mine.applications.iter().map(Into::into).collect();
            Ok(MyAuctions { items, as_of: mine.server_time.0, stale })
        })
    }
}

impl Core {
    /// Fetches what the server holds of this person.
    pub(super) async fn refresh_mine(&self) -> Result<(), CoreError> {
        let mine: Mine = self.signed(Ask::get("/v1/mine")).await?;
        self.driver.feed(Input::Mine(Ok(mine)))
    }
}
