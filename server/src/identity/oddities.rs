//! What is recorded of an odd answer by a passkey. It signs its owner in all the same.

use super::service::{Answered, Error, Service};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::Txn;
use crate::signature::Oddity;
use serde_json::{Value, json};

impl Service {
    /// Stores a passkey's use, and records what was odd about it: a warning, or an act to review
    /// when there may be two copies of a key that should be in one device only.
    pub(super) async fn use_passkey(
        &self,
        txn: &Txn,
        actor: Principal,
        answered: &Answered,
    ) -> Result<(), Error> {
        let Answered { credential_id, assertion, .. } = answered;
        store::use_passkey(txn, credential_id, &assertion.passkey, self.now()).await?;
        for oddity in &assertion.oddities {
            let kind = oddity.key();
            metrics::counter!("toruk_passkey_oddities_total", "kind" => kind).increment(1);
            tracing::warn!(code = "OddPasskey", kind, "security event");
            let (action, detail) = recorded(*oddity);
            if action == Action::PasskeyReview {
                store::mark_for_review(txn, credential_id, self.now()).await?;
            }
            let object = format!("passkey:{credential_id}");
            self.audit.record(txn, Entry { actor, action, object, detail }).await?;
        }
        Ok(())
    }
}

fn recorded(oddity: Oddity) -> (Action, Value) {
    let kind = oddity.key();
    match oddity {
        Oddity::CloneSuspected { stored, answered } => {
            let detail = json!({ "kind": kind, "stored": stored, "answered": answered });
            (Action::PasskeyReview, detail)
        }
        Oddity::BackupGained | Oddity::BackupLost | Oddity::CounterFell => {
            (Action::PasskeyWarning, json!({ "kind": kind }))
        }
    }
}
