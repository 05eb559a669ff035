//! Signed packages as they are kept: sealed under the key of their person.

use super::service::Service;
use super::store::Stored;
use crate::db::{StoreError, Txn};
use crate::person_texts::TextColumn;
use sea_orm::ConnectionTrait;
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ApplicationPayload, SignedPayload as _};

impl Service {
    /// The signed package of an application.
    pub(super) async fn package(
        &self,
        db: &impl ConnectionTrait,
        stored: &Stored,
    ) -> Result<ApplicationPayload, StoreError> {
        let mut packages = self.packages(db, std::slice::from_ref(stored)).await?;
        packages.pop().ok_or(StoreError::NotFound)
    }

    /// The signed packages of applications, in their order.
    pub(super) async fn packages(
        &self,
        db: &impl ConnectionTrait,
        stored: &[Stored],
    ) -> Result<Vec<ApplicationPayload>, StoreError> {
        let people: Vec<PersonId> = stored.iter().map(|stored| stored.person).collect();
        let keys = self.context.person_secrets.keys(db, &people).await?;
        let package = |stored: &Stored| {
            let canonical = keys.open(stored.person, TextColumn::Package, &stored.package)?;
            let (_, json) = canonical.split_once('\n').unwrap_or_default();
            serde_json::from_str(json).map_err(StoreError::damaged("application"))
        };
        stored.iter().map(package).collect()
    }

    /// A package and its confirmation as they are kept.
    pub(super) async fn sealed(
        &self,
        txn: &Txn,
        package: &ApplicationPayload,
        confirmation: &Confirmation,
    ) -> Result<(String, String), StoreError> {
        let damaged = StoreError::damaged("application");
        let canonical = String::from_utf8(package.canonical()).map_err(damaged)?;
        let damaged = StoreError::damaged("application");
        let confirmation = serde_json::to_string(confirmation).map_err(damaged)?;
        let (secrets, person) = (&self.context.person_secrets, package.person);
        let package = secrets.seal(txn, person, TextColumn::Package, &canonical).await?;
        let confirmation =
            secrets.seal(txn, person, TextColumn::Confirmation, &confirmation).await?;
        Ok((package, confirmation))
    }
}
