//! `cargo run -p toruk-tests --bin bindings -- python|kotlin|swift`: the scenario of
//! `mobile-core/bindings/scenario.json` through one language's generated bindings.

use anyhow::ensure;
use clap::Parser;
use toruk_tests::bindings::{Language, play};

/// Plays a bidder's day through the generated bindings, against a real server.
#[derive(Parser)]
struct Arguments {
    /// Language of the bindings that play the scenario.
    language: Language,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { language } = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let tally = play(language, folder.path()).await?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    ensure!(tally.failed == 0, "{} steps were not played", tally.unplayed);
    Ok(())
}
