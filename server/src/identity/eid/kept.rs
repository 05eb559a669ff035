//! What the provider has signed about an act, kept until the act arrives and with it from then on.

use super::evidence::EidEvidence;
use crate::db::{StoreError, Txn};
use crate::identity::confirmation::Confirmed;
use crate::identity::service::Service;
use crate::identity::store;
use crate::person_texts::TextColumn;
use std::collections::BTreeSet;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::EID_CONFIRMATION_LIFE;
use uuid::Uuid;

/// Time for which what confirms nothing yet is kept: an act that arrived in time may be decided
/// late.
const WAITING_KEPT: TimeSpan = TimeSpan(2 * EID_CONFIRMATION_LIFE.0);
/// The beginning of the objects of confirmations whose act has not come yet.
const WAITING: &str = "eid:";
/// Most confirmations that are removed at once.
const SWEPT_AT_ONCE: u64 = 500;
/// The table's name, for damaged rows.
const TABLE: &str = "signature_evidence";

impl Service {
    /// Keeps what the provider has signed until the act arrives.
    pub(super) async fn keep_confirmed(
        &self,
        txn: &Txn,
        confirmation: Uuid,
        person: PersonId,
        evidence: &EidEvidence,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(evidence).map_err(StoreError::damaged(TABLE))?;
        let secrets = &self.context.person_secrets;
        let sealed = secrets.seal(txn, person, TextColumn::Evidence, &text).await?;
        let (object, lists) = (waiting(confirmation), BTreeSet::new());
        store::put_evidence(txn, (&object, &lists), person, sealed, self.now()).await
    }

    /// Makes what the provider has signed the evidence of the act that it confirms; does nothing for
    /// a confirmation that is not eID's.
    pub(in crate::identity) async fn take_confirmed(
        &self,
        txn: &Txn,
        object: &str,
        person: PersonId,
        confirmed: &Confirmed,
    ) -> Result<(), StoreError> {
        let Some(single) = confirmed.single else { return Ok(()) };
        let waiting = waiting(single.id);
        let kept = store::evidence(txn, &waiting).await?;
        let Some((_, sealed)) = kept.filter(|(of, _)| *of == person) else { return Ok(()) };
        let lists = BTreeSet::new();
        store::put_evidence(txn, (object, &lists), person, sealed, self.now()).await?;
        store::drop_evidence(txn, &waiting).await?;
        Ok(())
    }

    /// Removes what confirms nothing, a bounded number of them: the act never came. Returns how
    /// many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep_confirmations(&self) -> Result<u64, StoreError> {
        let before = self.now() - WAITING_KEPT;
        let db = self.context.db.read();
        let unused = store::waiting_evidence(db, WAITING, before, SWEPT_AT_ONCE).await?;
        if unused.is_empty() {
            return Ok(0);
        }
        let (txn, mut swept) = (self.context.db.begin().await?, 0);
        for object in unused {
            swept += store::drop_evidence(&txn, &object).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(swept)
    }
}

fn waiting(confirmation: Uuid) -> String {
    format!("{WAITING}{confirmation}")
}
