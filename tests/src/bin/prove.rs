//! `cargo prove`: what shows that the bid path and sync hold. Each part ends with a line of figures in
//! JSON, and fails when it finds anything.

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_tests::crash;
use toruk_tests::proof::arrivals;
use toruk_tests::proof::chance::Chance;
use toruk_tests::proof::clocks;
use toruk_tests::proof::deadline_race;
use toruk_tests::proof::disk_faults;
use toruk_tests::proof::evidence;
use toruk_tests::proof::failover;
use toruk_tests::proof::full_disk;
use toruk_tests::proof::history::Finding;
use toruk_tests::proof::kill_loop;
use toruk_tests::proof::mutants;
use toruk_tests::proof::partitions;
use toruk_tests::proof::process::Program;
use toruk_tests::proof::slow_commit;
use toruk_tests::proof::stops;
use toruk_tests::sim;
use toruk_tests::world::postgres::{Cluster, Commits};

#[derive(Parser)]
#[command(
    name = "prove",
    about = "Shows that the bid path and sync hold under kills, faults and races"
)]
struct Cli {
    #[command(subcommand)]
    part: Part,
    /// The server; built from this workspace when it is not given.
    #[arg(long, env = "TORUK_BINARY", global = true)]
    binary: Option<PathBuf>,
    /// The seed of chance; a new one each time when it is not given.
    #[arg(long, global = true)]
    seed: Option<u64>,
}

#[derive(Subcommand)]
enum Part {
    /// `kill -9` at any moment: what was answered is never lost, what was not is cleared up.
    Kills {
        /// Number of times that the server is killed.
        #[arg(long, default_value_t = 500)]
        cycles: u32,
        /// Number of bidders that bid at the same time.
        #[arg(long, default_value_t = 8)]
        bidders: usize,
        /// On a PostgreSQL of its own instead of SQLite.
        #[arg(long)]
        postgres: bool,
    },
    /// Every write and sync of a commit fails, in each way it can (needs strace).
    Faults {
        /// Leave this part out, and say so, on machines where strace may not trace.
        #[arg(long)]
        without_strace: bool,
    },
    /// A disk that fills up: bids go on, what can wait is refused, nothing is lost (needs the right
    /// to mount).
    Disk,
    /// Connections that end right behind a bid's last byte, and bids in a burst: all are decided, in
    /// the order in which they came.
    Arrivals,
    /// Bids that have to wait for the database: by what they are decided.
    Waiting,
    /// Bugs on purpose: each has to be found.
    Mutants {
        /// Names of the bugs to plant; all when none is given.
        bugs: Vec<String>,
    },
    /// Phones, a network and a server that fail in every way: nothing is lost, doubled or late.
    Scenarios {
        /// Number of scenarios; each is chosen by its number, from the seed on.
        #[arg(long, default_value_t = 1_000)]
        count: u64,
    },
    /// An app that dies at any call into its platform, through the object that apps hold: what it
    /// said is done stays done.
    Crashes {
        /// Number of stories; each is chosen by its number, from the seed on.
        #[arg(long, default_value_t = 1_000)]
        count: u64,
    },
    /// Evidence of signatures by certificate as a server exports it, written into a folder for
    /// validators of others: `tests/guards/evidence`.
    Evidence {
        /// The folder, which exists.
        #[arg(long)]
        folder: PathBuf,
    },
    /// A server that stands still across a deadline: no bid in time is late, nothing closes over it.
    Stops {
        /// One of two nodes on a PostgreSQL of their own, instead of the only one on SQLite.
        #[arg(long)]
        postgres: bool,
    },
    /// A wall clock that jumps while a window ends (needs a C compiler).
    Clocks {
        /// The database's clock and one node's, in turn, instead of the only server's on SQLite.
        #[arg(long)]
        postgres: bool,
        /// Number of windows.
        #[arg(long, default_value_t = 8)]
        rounds: usize,
    },
    /// A PostgreSQL that stops at once amid bids and at deadlines, and comes back or is replaced by
    /// its synchronous standby (needs a C compiler).
    Failover {
        /// Number of databases that stop.
        #[arg(long, default_value_t = 12)]
        rounds: usize,
    },
    /// Two nodes and PostgreSQL in networks of their own, and cables that are cut while a window
    /// ends (needs root, in `unshare --net --mount`).
    Partitions {
        /// Number of windows.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// Bids aimed at deadlines, five milliseconds before and after.
    Deadlines {
        /// At least so many.
        #[arg(long, default_value_t = 2_000)]
        bids: usize,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let seed = cli.seed.unwrap_or_else(|| SystemClock::start().now().0.unsigned_abs());
    if without_the_server(&cli.part, seed).await? {
        return Ok(());
    }
    let binary = match cli.binary {
        Some(binary) => binary,
        None => built()?,
    };
    let program = Program { binary, planted: None };
    let mut chance = Chance::new(seed);
    let (part, figures, findings) = match cli.part {
        Part::Mutants { .. }
        | Part::Scenarios { .. }
        | Part::Crashes { .. }
        | Part::Evidence { .. } => return Ok(()),
        Part::Faults { without_strace: true } => {
            ("faults", json!({ "left_out": "without strace" }), Vec::new())
        }
        Part::Faults { without_strace: false } => {
            let (figures, findings) = disk_faults::run(&program).await?;
            ("faults", serde_json::to_value(figures)?, findings)
        }
        Part::Disk => {
            let (figures, findings) = full_disk::run(&program).await?;
            ("disk", serde_json::to_value(figures)?, findings)
        }
        Part::Arrivals => {
            let (figures, findings) = arrivals::run(&program).await?;
            ("arrivals", serde_json::to_value(figures)?, findings)
        }
        Part::Waiting => {
            let (figures, findings) = slow_commit::run(&program).await?;
            ("waiting", serde_json::to_value(figures)?, findings)
        }
        Part::Stops { .. }
        | Part::Clocks { .. }
        | Part::Failover { .. }
        | Part::Partitions { .. } => across_deadlines(&cli.part, &program, &mut chance).await?,
        Part::Deadlines { bids } => {
            let (figures, findings) = deadline_race::run(&program, bids, &mut chance).await?;
            ("deadlines", serde_json::to_value(figures)?, findings)
        }
        Part::Kills { cycles, bidders, postgres } => {
            // Kept until the end of the part.
            let cluster = match postgres {
                true => Some(Cluster::start(Commits::Durable).await?),
                false => None,
            };
            let database_url = cluster.as_ref().map(|cluster| cluster.url("postgres"));
            let plan = kill_loop::KillPlan { program, cycles, bidders, seed, database_url };
            let (figures, findings) = kill_loop::run(&plan).await?;
            ("kills", serde_json::to_value(figures)?, findings)
        }
    };
    report(part, seed, figures, &findings)
}

/// Runs a part that brings or builds its own server; returns `false` if this is none.
async fn without_the_server(part: &Part, seed: u64) -> anyhow::Result<bool> {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let (part, tally, findings) = match *part {
        Part::Mutants { ref bugs } => {
            let (planted, missed) = mutants::run(bugs, seed).await?;
            let figures = json!({ "planted": planted, "caught": planted - missed.len() });
            println!("{}", json!({ "part": "mutants", "seed": seed, "figures": figures }));
            ensure!(missed.is_empty(), "not found: {}", missed.join(", "));
            return Ok(true);
        }
        Part::Evidence { ref folder } => {
            evidence::export(folder).await?;
            let containers = std::fs::read_dir(folder)?.count() - 1;
            ("evidence", json!({ "containers": containers }), Vec::new())
        }
        Part::Scenarios { count } => {
            let seeds = seed..seed.saturating_add(count);
            let played = tokio::task::spawn_blocking(move || sim::play_all(seeds, threads));
            let (tally, findings) = played.await??;
            ("scenarios", serde_json::to_value(tally)?, findings)
        }
        Part::Crashes { count } => {
            let seeds = seed..seed.saturating_add(count);
            let played = tokio::task::spawn_blocking(move || crash::play_all(seeds, threads));
            let (tally, findings) = played.await??;
            ("crashes", serde_json::to_value(tally)?, findings)
        }
        _ => return Ok(false),
    };
    println!("{}", json!({ "part": part, "seed": seed, "figures": tally }));
    ensure!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    Ok(true)
}

/// Runs a part in which something breaks while windows end.
async fn across_deadlines(
    part: &Part,
    program: &Program,
    chance: &mut Chance,
) -> anyhow::Result<(&'static str, serde_json::Value, Vec<Finding>)> {
    let (part, (figures, findings)) = match *part {
        Part::Clocks { postgres, rounds } => {
            ("clocks", clocks::run(program, postgres, rounds, chance).await?)
        }
        Part::Failover { rounds } => ("failover", failover::run(program, rounds, chance).await?),
        Part::Partitions { rounds } => {
            ("partitions", partitions::run(program, rounds, chance).await?)
        }
        Part::Stops { postgres } => {
            let (figures, findings) = stops::run(program, postgres).await?;
            return Ok(("stops", serde_json::to_value(figures)?, findings));
        }
        _ => anyhow::bail!("another part"),
    };
    Ok((part, serde_json::to_value(figures)?, findings))
}

fn report(
    part: &str,
    seed: u64,
    figures: serde_json::Value,
    findings: &[Finding],
) -> anyhow::Result<()> {
    for finding in findings {
        eprintln!("{finding}");
    }
    let kinds: Vec<_> = findings.iter().map(|finding| format!("{:?}", finding.kind)).collect();
    println!("{}", json!({ "part": part, "seed": seed, "figures": figures, "findings": kinds }));
    ensure!(findings.is_empty(), "{part}: {} findings", findings.len());
    Ok(())
}

/// Builds the server and says where it is: beside this program.
fn built() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "-p", "toruk-server", "-p", "toruk-tests", "--bin", "toruk"])
        .current_dir(root);
    ensure!(build.status()?.success(), "the server can't be built");
    let here = std::env::current_exe()?;
    Ok(here.parent().context("no build folder")?.join("toruk"))
}
