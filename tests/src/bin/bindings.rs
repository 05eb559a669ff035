//! `cargo run -p toruk-tests --bin bindings -- python|kotlin|swift`: the scenario of
//! `mobile-core/bindings/scenario.json` through one language's generated bindings.
//! `… -- host COMMAND [ARGUMENT…]`: its town, for a client made by others.

use anyhow::ensure;
use clap::Parser;
use std::ffi::OsString;
use toruk_tests::bindings::{Language, host, play};

/// Plays a bidder's day against a real server.
#[derive(Parser)]
enum Part {
    /// By the bindings, in Python.
    Python,
    /// By the bindings, in Kotlin.
    Kotlin,
    /// By the bindings, in Swift.
    Swift,
    /// By a program that finds the server, an auction, and everybody else in its environment:
    /// `TORUK_SERVER`, `TORUK_AUCTION`, `TORUK_DESK`.
    Host {
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let language = match Part::parse() {
        Part::Python => Language::Python,
        Part::Kotlin => Language::Kotlin,
        Part::Swift => Language::Swift,
        Part::Host { command } => return host(folder.path(), &command).await,
    };
    let tally = play(language, folder.path()).await?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    ensure!(tally.failed == 0, "{} steps were not played", tally.unplayed);
    Ok(())
}
