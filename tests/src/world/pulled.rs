//! What a person's phone pulls, without a phone.

use crate::world::api_client::ApiClient;
use anyhow::Context as _;
use serde::de::DeserializeOwned;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::protocol::operations::ApplicationView;
use toruk_sync::protocol::pull::{Pull, PullReply, kind};

impl ApiClient {
    /// An application of this person as the server holds it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn mine(&self, application: ApplicationId) -> anyhow::Result<ApplicationView> {
        let mut own = self.applications().await?.into_iter();
        own.find(|own| own.application.id == application).context("no such application")
    }

    /// The person's applications as the server holds them: a pull from nothing.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn applications(&self) -> anyhow::Result<Vec<ApplicationView>> {
        self.pulled(kind::APPLICATION).await
    }

    /// The rows of a kind that the person pulls: everything, from nothing.
    ///
    /// # Errors
    /// When there is no answer, or a row is not what its kind says.
    pub async fn pulled<T: DeserializeOwned>(&self, kind: &str) -> anyhow::Result<Vec<T>> {
        let (mut pull, mut found) = (Pull::default(), Vec::new());
        loop {
            let page: PullReply = self.post("/v1/sync/pull", &pull).await?.json()?;
            for row in page.rows.into_iter().filter(|row| row.kind == kind) {
                found.extend(row.value.map(serde_json::from_value).transpose()?);
            }
            if !page.more {
                return Ok(found);
            }
            pull.cookie = Some(page.cookie);
        }
    }
}
