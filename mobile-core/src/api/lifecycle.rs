//! The app's life cycle: listening, suspending, resuming, closing.

use super::Core;
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use crate::overview::Overview;
use crate::platform::Observer;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Cancels a long call. Kotlin cancels coroutines itself; Swift needs this.
#[derive(uniffi::Object)]
pub struct Cancel(watch::Sender<bool>);

#[uniffi::export]
impl Cancel {
    /// Creates a token for one call or several.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(false)))
    }

    /// Cancels the calls: they return what was done so far.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancel {
    /// Waits until the token is cancelled; without a token it waits for ever.
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
    /// Registers the only listener, in place of any other. The first event is `Snapshot` with the
    /// number of the latest event, so that nothing is missed in between.
    ///
    /// # Errors
    /// [`CoreError::Closed`].
    pub fn listen(&self, observer: Arc<dyn Observer>) -> Result<(), CoreError> {
        self.driver.listen(observer)
    }

    /// The current counts and states, the same as in a `Snapshot` event.
    pub fn overview(&self) -> Overview {
        // The connection knows of an answer before the engine does.
        let obstacle = *self.driver.http.obstacle().borrow();
        Overview { obstacle, ..self.driver.read(Engine::overview) }
    }

    /// Reports connectivity from the platform's callback. While offline, no request is sent.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub fn set_online(&self, online: bool) -> Result<(), CoreError> {
        self.driver.set_online(online)
    }

    /// Call this when the app is in the foreground again, and before background work. `online` is
    /// the platform's current connectivity.
    ///
    /// # Errors
    /// As for `set_online`.
    pub fn resume(&self, online: bool) -> Result<(), CoreError> {
        self.driver.resume(online)
    }

    /// Closes this core at once, as if the process had ended. Saved data is available at the next
    /// `open`; later calls fail with [`CoreError::Closed`].
    pub fn close(&self) {
        self.driver.close();
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Call this before the app is suspended. Waits at most `budget_ms` for deliveries in progress,
    /// cancels the rest, hands uploads over to the platform
    /// ([`crate::platform::BackgroundTransfers`]), ends the live stream and the timer, and closes
    /// the files. Nothing is lost. Later calls behave as without a connection; call `resume` before
    /// background work.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`] if a file can't be closed.
    pub async fn suspend(&self, budget_ms: u64) -> Result<(), CoreError> {
        let driver = Arc::clone(&self.driver);
        let settled = move |engine: &Engine| {
            let idle = !engine.is_delivering() || engine.is_backing_off(driver.now());
            !engine.is_online() || !engine.is_signed_in() || idle
        };
        self.driver.wait_until(Duration::from_millis(budget_ms), settled).await;
        self.driver.suspend().await
    }

    /// Reports that the platform finished an upload or gave it up; the core asks the server for its
    /// progress.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub async fn upload_finished(&self, id: String) -> Result<(), CoreError> {
        self.driver.transfer_finished(&id)?;
        self.driver.input(Input::Woken)
    }
}
