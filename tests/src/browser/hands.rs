//! A browser without a mouse, and one without a network.

use super::Browser;
use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// Presses of the tab key that lead through any page.
const TABS_MAX: usize = 60;
/// WebDriver's names of keys.
pub const TAB: &str = "\u{e004}";
/// Confirms what has the focus.
pub const ENTER: &str = "\u{e007}";

impl Browser {
    /// Presses a key where the focus is.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn press(&self, key: &str) -> anyhow::Result<()> {
        Ok(self.client.active_element().await?.send_keys(key).await?)
    }

    /// Moves the focus by the tab key until it is on an element.
    ///
    /// # Errors
    /// When no key leads there.
    pub async fn tab_to(&self, css: &str) -> anyhow::Result<()> {
        for _ in 0..TABS_MAX {
            let script = "return document.activeElement?.matches(arguments[0]) ?? false";
            if self.client.execute(script, vec![Value::from(css)]).await? == true {
                return Ok(());
            }
            self.press(TAB).await?;
        }
        bail!("{}: no key leads to {css}", self.name)
    }

    /// Takes the browser's network away, or gives it back.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn set_offline(&self, offline: bool) -> anyhow::Result<()> {
        self.chromium("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.chromium("Network.emulateNetworkConditions", conditions).await?;
        Ok(())
    }

    /// Loads the page again, with or without a network.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.client.refresh().await?)
    }

    /// Waits for the worker that keeps the page's files.
    ///
    /// # Errors
    /// When there is none.
    pub async fn worker_is_ready(&self) -> anyhow::Result<()> {
        let script = "const done = arguments[0]; \
            navigator.serviceWorker.ready.then(() => done(true), () => done(false))";
        let ready = self.client.execute_async(script, Vec::new()).await?;
        (ready == true).then_some(()).context("no worker")
    }

    /// Requests of the open page whose address has this part, as the browser counts them.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn requests(&self, part: &str) -> anyhow::Result<u64> {
        let script = "return performance.getEntriesByType('resource') \
            .filter((one) => one.name.includes(arguments[0])).length";
        let count = self.client.execute(script, vec![Value::from(part)]).await?;
        count.as_u64().context("no number")
    }

    /// What the page's origin keeps in a store of an IndexedDB database of the browser.
    ///
    /// # Errors
    /// When there is no such store.
    pub async fn kept(&self, database: &str, store: &str) -> anyhow::Result<Vec<Value>> {
        let script = "const [database, store, done] = arguments; \
            const opening = indexedDB.open(database); \
            opening.onsuccess = () => { \
                const asked = opening.result.transaction(store).objectStore(store).getAll(); \
                asked.onsuccess = () => { opening.result.close(); done(asked.result); }; \
            }";
        let arguments = vec![Value::from(database), Value::from(store)];
        let kept = self.client.execute_async(script, arguments).await?;
        Ok(kept.as_array().context("no store")?.clone())
    }

    /// Forgets what the browser complained of, such as that it had no network.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn forget_complaints(&self) -> anyhow::Result<()> {
        self.command("se/log", json!({ "type": "browser" })).await?;
        Ok(())
    }
}
