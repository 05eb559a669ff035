//! A person is forgotten: what they wrote, sent and signed is replaced by nothing.
//!
//! # What stays
//! The public log names numbers and commitments, and the audit trail ids: both go on verifying. An
//! application keeps its hash, its state and its receipts, without its answers.
//!
//! # Why not while something is open
//! Until an auction is over, its participants can be asked to sign and to pay, and money is owed to
//! people with names.

use super::error::Error;
use super::service::Service;
use super::store::erasure;
use crate::audit::{self, Action, Principal};
use crate::db::StoreError;
use crate::identity::{Official, Role};
use serde_json::json;
use toruk_sync::domain::id::PersonId;

impl Service {
    /// Forgets a bidder. `by` is `None` for the machine's operator; otherwise an administrator of
    /// the whole server. May be repeated.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::StillNeeded`]; [`Error::Identity`] for an official;
    /// [`StoreError::NotFound`].
    pub async fn forget(&self, by: Option<&Official>, person: PersonId) -> Result<(), Error> {
        let actor = match by {
            None => Principal::System,
            Some(by) if by.reach(&[Role::Sysadmin])?.is_none() => {
                Principal::official(by, &[Role::Sysadmin])?
            }
            Some(_) => return Err(Error::Forbidden),
        };
        let txn = self.context.db.begin().await?;
        self.identity.forget_in(&txn, person).await?;
        if erasure::is_needed(&txn, person).await? {
            return Err(Error::StillNeeded);
        }
        erasure::forget(&txn, person).await?;
        self.drafts.forget(&txn, person).await?;
        let files = self.blobs.forget(&txn, person).await?;
        let (action, object) = (Action::PersonForget, format!("person:{person}"));
        self.audit.record(&txn, audit::Entry { actor, action, object, detail: json!({}) }).await?;
        self.context.db.commit(txn).await?;
        self.identity.forget_sessions();
        self.blobs.remove(person, &files).await?;
        self.context.db.forget_pages().await.map_err(StoreError::from)?;
        Ok(())
    }
}
