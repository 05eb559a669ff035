//! News of the payment system: a hint, after which it is asked what was really paid.

use super::service::{ENDED_INTERVAL, Error, Service};
use super::store::{self, IntentRow};
use crate::db::StoreError;
use toruk_sync::domain::deposit::{Intent, IntentStatus};
use toruk_sync::domain::id::IntentId;

impl Service {
    /// Handles a callback: if the payment system signed it, asks the payment system what was really
    /// paid.
    ///
    /// About an attempt that is known to be paid it asks once in `ENDED_INTERVAL`, as the worker
    /// does: a callback that is sent again, which it can be for as long as its timestamp is fresh,
    /// asks nothing.
    ///
    /// # Errors
    /// [`Error::Forged`], and those of [`Self::reconcile`].
    pub async fn callback(
        &self,
        headers: &http::HeaderMap,
        path: &str,
        body: &[u8],
    ) -> Result<(), Error> {
        let now = self.context.ports.clock.now();
        let intent: Option<IntentId> =
            self.context.ports.gateway.callback(headers, path, body, now);
        let intent = intent.ok_or(Error::Forged)?;
        let known = self.attempt_of(intent).await?;
        if is_paid(&known.intent) && known.ask_at.is_some_and(|ask_at| ask_at > now) {
            return Ok(());
        }
        self.reconcile(intent).await?;
        if is_paid(&self.attempt_of(intent).await?.intent) {
            let txn = self.context.db.begin().await?;
            store::ask_next(&txn, &[intent], Some(now + ENDED_INTERVAL)).await?;
            self.context.db.commit(txn).await?;
        }
        Ok(())
    }

    async fn attempt_of(&self, intent: IntentId) -> Result<IntentRow, StoreError> {
        let row = store::intent(self.context.db.read(), intent).await?;
        row.ok_or(StoreError::NotFound)
    }
}

/// Returns `true` if the attempt is known to be paid.
fn is_paid(intent: &Intent) -> bool {
    matches!(intent.status, IntentStatus::Succeeded | IntentStatus::SucceededLate)
}
