//! Pictures on a page.

use super::Browser;
use crate::world::until;
use serde_json::Value;

impl Browser {
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
