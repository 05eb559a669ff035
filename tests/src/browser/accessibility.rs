//! What axe finds on a page. Its file is not part of this repository: `tests/run` fetches it and
//! names it by [`AXE`]; without it nothing is checked.

use super::Browser;
use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Environment variable with the path of `axe.min.js`.
pub const AXE: &str = "TORUK_AXE";

/// Asks for all rules of WCAG 2.2 up to AA; a violation is told by its rule and its place.
const RUN: &str = r#"
const done = arguments[arguments.length - 1];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
axe.run(document, { runOnly: { type: "tag", values: tags } }).then(
    ({ violations }) => done(violations.map(({ id, nodes }) =>
        `${id}: ${nodes.slice(0, 4).map((node) => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join("; ")}`)),
    (error) => done([String(error)]),
);
"#;

impl Browser {
    /// That the open page breaks no rule of WCAG 2.2 AA that a program can find.
    ///
    /// # Errors
    /// With the violations, or when the browser fails.
    pub async fn is_accessible(&self, name: &str) -> anyhow::Result<()> {
        let Some(file) = std::env::var_os(AXE) else { return Ok(()) };
        let source = std::fs::read_to_string(&file).with_context(|| AXE)?;
        self.client.execute(&source, Vec::new()).await?;
        let found = self.client.execute_async(RUN, Vec::<Value>::new()).await?;
        let found: Vec<String> = serde_json::from_value(found)?;
        ensure!(found.is_empty(), "{name}: {}", found.join("\n"));
        Ok(())
    }
}
