//! The app's life: who listens, sleeping, waking, ending.

use super::Core;
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use crate::overview::Overview;
use crate::platform::Observer;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Ends a long call from outside. Kotlin cancels coroutines by itself; Swift needs this.
#[derive(uniffi::Object)]
pub struct Cancel(watch::Sender<bool>);

#[uniffi::export]
impl Cancel {
    /// For one call or several.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(false)))
    }

    /// Ends them: they answer what was done by then.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancel {
    /// Waits for it; for ever when there is none.
    pub(super) async fn happened(cancel: Option<Arc<Self>>) {
        match cancel {
            None => std::future::pending().await,
            Some(cancel) => {
                let mut cancelled = cancel.0.subscribe();
                // The sender is held here: it can't be gone.
                let _ = cancelled.wait_for(|cancelled| *cancelled).await;
            }
        }
    }
}

#[uniffi::export]
impl Core {
    /// Lets `observer` hear what happens, and any former one no more. The first event is
    /// `Snapshot`, with the number of the latest one: nothing is missed between.
    ///
    /// # Errors
    /// [`CoreError::Closed`].
    pub fn listen(&self, observer: Arc<dyn Observer>) -> Result<(), CoreError> {
        self.driver.listen(observer)
    }

    /// How everything is now.
    pub fn overview(&self) -> Overview {
        self.driver.read(Engine::overview)
    }

    /// Reports connectivity: the platform's callback. Offline, no request leaves.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub fn set_online(&self, online: bool) -> Result<(), CoreError> {
        self.driver.set_online(online)
    }

    /// The app is back, or background work begins. `online` is what the platform says.
    ///
    /// # Errors
    /// As for `set_online`.
    pub fn resume(&self, online: bool) -> Result<(), CoreError> {
        self.driver.resume(online)
    }

    /// Ends everything at once, like the death of the process. What was saved is there at the next
    /// `open`; calls answer [`CoreError::Closed`].
    pub fn close(&self) {
        self.driver.close();
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The app goes to sleep: waits at most `budget_ms` for what is on its way, gives the rest up,
    /// hands files over to the platform ([`crate::platform::BackgroundTransfers`]), ends the live
    /// stream and the timer, and closes the files. Nothing is lost. Calls are answered as without a
    /// connection; `resume` before background work.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`] when a file can't be closed.
    pub async fn suspend(&self, budget_ms: u64) -> Result<(), CoreError> {
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            let idle = !engine.is_delivering() || engine.is_backing_off(driver.now());
            !engine.is_online() || !engine.is_signed_in() || idle
        };
        self.driver.wait_until(Duration::from_millis(budget_ms), settled).await;
        self.driver.suspend().await
    }

    /// The platform has finished an upload, or given it up; the core asks the server itself how
    /// far it is.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub async fn upload_finished(&self, id: String) -> Result<(), CoreError> {
        self.driver.transfer_finished(&id)?;
        self.driver.input(Input::Woken)
    }
}
