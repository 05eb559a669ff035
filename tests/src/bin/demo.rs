//! `cargo demo`: an auction day with real phones against a real server. `cargo demo phone` is the
//! phone of a person who joins it.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use tokio::time::Instant;
use toruk_tests::day::{self, Seat};
use toruk_tests::terminal::{self, PhoneArguments};

/// Hosts an auction day on a real server, with robots as bidders and officials, and a seat for you.
#[derive(Parser)]
#[command(bin_name = "cargo demo", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<DemoCommand>,
    #[command(flatten)]
    host: HostArguments,
}

#[derive(Subcommand)]
enum DemoCommand {
    Phone(PhoneArguments),
}

#[derive(clap::Args)]
struct HostArguments {
    /// Play the whole day unattended; ends with one line of JSON.
    #[arg(long, conflicts_with_all = ["port", "speed", "data", "minutes", "seed"])]
    auto: bool,
    /// Port of the server on loopback.
    #[arg(long, default_value_t = day::PORT)]
    port: u16,
    /// Speed of the demo's clock, in times of real time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=60))]
    speed: u32,
    /// A folder for everything the demo keeps; a new temporary one by default. It is not deleted.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Real minutes from publication until applications close.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60))]
    minutes: u32,
    /// Seed of the lots and of the robots' choices.
    #[arg(long, default_value_t = 20_261_123)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { command, host: arguments } = Arguments::parse_from(arguments());
    if let Some(DemoCommand::Phone(phone)) = command {
        return terminal::run(phone.settings()?).await;
    }
    if !arguments.auto {
        let folder = match arguments.data {
            Some(folder) => {
                std::fs::create_dir_all(&folder)
                    .with_context(|| format!("the folder {}", folder.display()))?;
                // The printed commands are for any other terminal, in any folder.
                folder.canonicalize()?
            }
            None => tempfile::Builder::new().prefix("toruk-demo-").tempdir()?.keep(),
        };
        let HostArguments { port, speed, minutes, seed, .. } = arguments;
        return day::host(&Seat { folder, port, speed, minutes, seed }, Instant::now()).await;
    }
    eprintln!(
        "An auction day at 60 times our speed: three phones apply offline, pay and bid on one of \
         two auctions; each step of the manual is checked. About a minute. The protocol of the \
         result is left for you to read."
    );
    let folder = tempfile::tempdir()?;
    let papers = tempfile::Builder::new().prefix("toruk-demo-papers-").tempdir()?.keep();
    let report = day::play(folder.path(), &papers, Instant::now()).await?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&report)?)?;
    Ok(())
}

/// The command line. Cargo's alias ends with `--`; people write another one, as in
/// `cargo demo -- --auto`.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "--") {
        arguments.remove(1);
    }
    arguments
}
