//! Name and contacts of an applicant, for other features.

use super::service::Service;
use super::store;
use crate::audit::{Action, Principal};
use crate::db::{StoreError, Txn};
use serde_json::json;
use toruk_sync::domain::id::ApplicationId;

/// The form's fields with name and phone number.
const FULL_NAME: &str = "full_name";
const PHONE: &str = "phone";

/// Who applied, as they wrote it.
#[derive(Debug, Clone)]
pub struct Contact {
    pub application: ApplicationId,
    /// Full name.
    pub name: String,
    /// Phone number, ITU-T E.164; empty if the form asked for none.
    pub phone: String,
}

impl Service {
    /// The contact of an application; the access is recorded in the name of `actor`.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such application.
    pub async fn contact(
        &self,
        txn: &Txn,
        actor: Principal,
        application: ApplicationId,
    ) -> Result<Contact, StoreError> {
        let stored = store::find(txn, application).await?.ok_or(StoreError::NotFound)?;
        self.record(txn, actor, Action::ApplicationContact, application, json!({})).await?;
        let answers = self.package(txn, &stored).await?.answers;
        let answer = |field| answers.get(field).cloned().unwrap_or_default();
        Ok(Contact { application, name: answer(FULL_NAME), phone: answer(PHONE) })
    }
}
