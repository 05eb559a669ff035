//! Pictures of a page, and on it.

use super::{Browser, PHONE};
use crate::world::until;
use anyhow::ensure;
use serde_json::Value;

impl Browser {
    /// Photographs the page in a window of this width, whole, in `light` or `dark`.
    ///
    /// # Errors
    /// When the page has to be scrolled sideways, or the browser fails.
    pub async fn photograph_at(&self, name: &str, width: u32, scheme: &str) -> anyhow::Result<()> {
        self.look_like(width, PHONE.1, scheme).await?;
        self.shoot(&format!("{name}-{width}-{scheme}")).await?;
        let script =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let over = self.client.execute(script, Vec::new()).await?;
        ensure!(over.as_i64() <= Some(0), "{name} is {over} px wider than {width}");
        Ok(())
    }

    /// The width of a picture's own pixels, once it is loaded.
    ///
    /// # Errors
    /// When it never is.
    pub async fn picture_width(&self, css: &str) -> anyhow::Result<u64> {
        until("a picture", || async {
            let script = "return document.querySelector(arguments[0])?.naturalWidth ?? 0";
            let width = self.client.execute(script, vec![Value::from(css)]).await?;
            Ok(width.as_u64().filter(|width| *width > 0))
        })
        .await
    }
}
