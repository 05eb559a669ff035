//! Ways over the pages of several sites, also in a browser without scripts.

use super::Browser;
use crate::world::until;
use anyhow::bail;
use serde_json::json;

impl Browser {
    /// Runs no script of any page from now on, as a browser in which they are switched off.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn switch_scripts_off(&self) -> anyhow::Result<()> {
        self.chromium("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
        Ok(())
    }

    /// Waits until the page at this path of any origin is open.
    ///
    /// # Errors
    /// When it never is.
    pub async fn arrive(&self, path: &str) -> anyhow::Result<()> {
        let arrived = until(path, || async {
            let there = self.client.current_url().await.ok();
            Ok(there.filter(|url| url.path() == path))
        });
        match arrived.await {
            Ok(_) => Ok(()),
            Err(error) => bail!("{} is at {}: {error}", self.name, self.path().await?),
        }
    }
}
