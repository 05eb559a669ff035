//! Delivering and pulling; waiting operations and their outcomes.

use super::records::{MyAuctions, OutcomeRecord};
use super::{Cancel, Core};
use crate::engine::{Engine, Failure, Input, UserCommand};
use crate::error::CoreError;
use crate::obstacle::Obstacle;
use std::sync::Arc;
use std::time::Duration;

/// Time to wait for fresh data in a call that needs it.
const PULL_WAIT: Duration = Duration::from_secs(30);

/// The occasion of a call to `sync_now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SyncReason {
    /// The app came to the foreground.
    Foreground,
    /// The person pulled to refresh.
    PullToRefresh,
    /// The network is back.
    Connectivity,
    /// A push arrived, and the app is in the background.
    Push,
    /// A turn of WorkManager or BGAppRefresh.
    Periodic,
}

/// The result of a sync.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// `done`: nothing is waiting. `waiting`: something is, and will be tried again. `offline`,
    /// `signed_out`: nothing can be done now; everything is kept.
    pub state: String,
    /// The number of waiting operations.
    pub waiting: u32,
    /// The number of waiting files.
    pub files_waiting: u32,
    /// The number of outcomes that are not acknowledged.
    pub outcomes: u32,
    /// The number of refused operations that need the person.
    pub attention: u32,
    /// `true` if everything the server had was fetched; if not, the fetched part is kept.
    pub pulled: bool,
    /// The cause of `offline` if something on the way answers in the server's place.
    #[uniffi(default = None)]
    pub obstacle: Option<Obstacle>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Delivers waiting operations, then fetches changes, for at most `budget_ms`. Everything done
    /// by then is durable, and the next call continues from there; in the background, pages are
    /// small. `cancel` ends it sooner.
    ///
    /// # Errors
    /// [`CoreError::Internal`]; a missing connection is a state of the report, not an error.
    #[uniffi::method(default(cancel = None))]
    pub async fn sync_now(
        &self,
        reason: SyncReason,
        budget_ms: u64,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<SyncReport, CoreError> {
        let input = match reason {
            SyncReason::Push | SyncReason::Periodic => Input::SyncInSmallPages,
            _ => Input::SyncNow,
        };
        self.driver.input(input)?;
        let wish = self.driver.read(|engine| engine.pulling().wish());
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            let delivered = !engine.is_delivering() || engine.is_backing_off(driver.now());
            let pulled = engine.pulling().is_settled(wish);
            !engine.is_online() || !engine.is_signed_in() || (delivered && pulled)
        };
        tokio::select! {
            _ = self.driver.wait_until(Duration::from_millis(budget_ms), settled) => {}
            () = Cancel::happened(cancel) => {}
        }
        Ok(self.driver.read(|engine| report(engine, wish)))
    }

    /// Keeps the whole catalogue on the phone, or stops fetching its changes.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn keep_catalogue(&self, kept: bool) -> Result<(), CoreError> {
        self.driver.input(Input::KeepCatalogue(kept))
    }

    /// Outcomes of operations: this phone's, oldest first, each until it is acknowledged; then
    /// those of the person's other phones.
    pub fn outcomes(&self) -> Vec<OutcomeRecord> {
        self.driver.read(|engine| {
            let own = engine.outcomes().values().map(OutcomeRecord::from);
            let elsewhere = engine.elsewhere();
            own.chain(elsewhere.map(|view| OutcomeRecord::from(&view))).collect()
        })
    }

    /// Acknowledges an outcome of this phone. The server learns of it with the next pull.
    ///
    /// # Errors
    /// `not_found`.
    pub fn ack_outcome(&self, op_no: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Acknowledge(op_no)).map(drop)
    }

    /// «Менин торуктарым», the person's auctions; without a connection, as last seen.
    ///
    /// # Errors
    /// [`CoreError::Offline`] if they were never fetched; [`CoreError::SignedOut`].
    pub async fn my_auctions(&self) -> Result<MyAuctions, CoreError> {
        let stale = match self.refresh_mine().await {
            Ok(()) => false,
            Err(CoreError::Offline) => true,
            Err(error) => return Err(error),
        };
        self.driver.read(|engine| {
            let mine = engine.mine().ok_or(CoreError::Offline)?;
            let items = mine.applications.iter().map(Into::into).collect();
            Ok(MyAuctions { items, as_of: mine.server_time.0, stale })
        })
    }
}

impl Core {
    /// Pulls, and waits until everything the server had at the time of the call is here.
    pub(super) async fn refresh_mine(&self) -> Result<(), CoreError> {
        self.driver.input(Input::Refresh)?;
        let wish = self.driver.read(|engine| engine.pulling().wish());
        let settled = |engine: &Engine| {
            !engine.is_online() || !engine.is_signed_in() || engine.pulling().is_settled(wish)
        };
        let is_settled = self.driver.wait_until(PULL_WAIT, settled).await;
        self.driver.read(|engine| {
            if !engine.is_signed_in() {
                return Err(CoreError::SignedOut);
            }
            if let Some(failure) = engine.pulling().failure(wish) {
                return Err(failure.clone().into());
            }
            let is_here = is_settled && engine.pulling().is_done(wish);
            if is_here { Ok(()) } else { Err(CoreError::Offline) }
        })
    }
}

fn report(engine: &Engine, wish: u64) -> SyncReport {
    let waiting = engine.outbox().waiting().count() as u32;
    let files_waiting = engine.uploads().pending() as u32;
    let pulled = engine.pulling().is_done(wish);
    let is_lost = engine.pulling().failure(wish).is_some_and(Failure::is_connection);
    let state = match (engine.is_signed_in(), engine.is_online() && !is_lost) {
        (false, _) => "signed_out",
        (true, false) => "offline",
        (true, true) if waiting == 0 && files_waiting == 0 && pulled => "done",
        (true, true) => "waiting",
    };
    SyncReport {
        state: state.to_owned(),
        waiting,
        files_waiting,
        outcomes: engine.outcomes().len() as u32,
        attention: engine.attention().len() as u32,
        pulled,
        obstacle: engine.obstacle().filter(|_| state == "offline"),
    }
}
