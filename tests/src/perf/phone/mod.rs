//! Costs of the core on a phone: its start, its memory, an answer typed into a form, a day on which
//! nothing happens.

mod body;
pub mod child;
mod counting;
mod day;

use super::sync::site::SyncServer;
use super::table::{Table, percentile};
use anyhow::{Context as _, ensure};
use body::HandClock;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;
use toruk_mobile_core::api::{CatalogueQuery, Core, SyncReason};

/// A whole catalogue comes within this time.
const PULL_MS: u64 = 120_000;

/// Sizes of the benchmark of a phone.
pub struct PhoneWorkload {
    /// Auctions in the catalogue.
    pub auctions: usize,
    /// Number of processes that start, one after the other.
    pub starts: u32,
    /// Answers that are typed.
    pub edits: u32,
    /// Seconds that a process does nothing, and that a live screen is watched.
    pub idle: Duration,
}

/// Runs all parts.
///
/// # Errors
/// When one fails.
pub async fn run(workload: &PhoneWorkload) -> anyhow::Result<()> {
    let site = SyncServer::open(workload.auctions, 1).await?;
    let server = format!("http://localhost:{}", site.port);
    let folder = TempDir::new()?;
    let seat = site.seats.first().context("nobody's phone")?;
    body::sign_in(folder.path(), seat)?;
    let mut table = Table::default();
    let core = body::open(folder.path(), &server, HandClock::start(), None)?;
    let began = Instant::now();
    let report = core.sync_now(SyncReason::Foreground, PULL_MS, None).await?;
    ensure!(report.pulled, "the catalogue did not come: {report:?}");
    table.add(json!({
        "what": "first pull, published", "auctions": workload.auctions,
        "p50_ms": began.elapsed().as_secs_f64() * 1_000.0,
    }));
    core.close();
    drop(core);
    let account = folder.path().join("accounts").join(format!("{}.db", seat.person));
    table.add(json!({
        "what": "the store's file", "kb": std::fs::metadata(account)?.len() / 1_024,
    }));
    starts(folder.path(), workload, &mut table)?;
    let core = body::open(folder.path(), &server, HandClock::start(), None)?;
    pages(&core, &mut table)?;
    let auction = site.auctions.first().context("no auction")?.to_string();
    core.auction(auction.clone()).await?;
    edits(&core, &auction, workload.edits, &mut table)?;
    core.close();
    drop(core);
    day::run(folder.path(), &server, &auction, workload.idle, &mut table).await?;
    table.print(&["what", "p50_ms", "p99_ms", "kb", "requests", "sent", "received", "wakeups"]);
    Ok(())
}

/// Fresh processes that show the first screen.
fn starts(folder: &Path, workload: &PhoneWorkload, table: &mut Table) -> anyhow::Result<()> {
    let program: PathBuf = std::env::current_exe()?;
    let start = |idle: Duration| -> anyhow::Result<(Value, f64)> {
        let began = Instant::now();
        let mut command = Command::new(&program);
        command.arg("phone-starts").arg("--folder").arg(folder);
        command.args(["--idle-ms", &idle.as_millis().to_string()]);
        let output = command.stderr(Stdio::inherit()).output()?;
        let whole = began.elapsed().as_secs_f64() * 1_000.0;
        ensure!(output.status.success(), "a phone did not start");
        Ok((serde_json::from_slice(&output.stdout)?, whole))
    };
    let (mut opened, mut first, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..workload.starts {
        let (said, took) = start(Duration::ZERO)?;
        let ms = |name: &str| said[name].as_f64().map(|us| us / 1_000.0).context("no figure");
        opened.push(ms("opened_us")?);
        first.push(ms("first_us")?);
        whole.push(took);
    }
    spread(table, "start: Core::open", opened);
    spread(table, "start: first 20 cards", first);
    spread(table, "start: the whole process, to its end", whole);
    let (said, _) = start(workload.idle)?;
    for name in ["VmRSS", "RssAnon", "VmHWM"] {
        table.add(json!({ "what": format!("memory: {name}"), "kb": said["memory"][name] }));
    }
    table.add(json!({
        "what": format!("asleep for {} s", workload.idle.as_secs()),
        "wakeups": said["idle_wakeups"],
    }));
    Ok(())
}

/// Screens of an open core.
fn pages(core: &Core, table: &mut Table) -> anyhow::Result<()> {
    let query = child::everything();
    let search =
        CatalogueQuery { text: Some("участок 99".to_owned()), ..child::everything() };
    let nothing =
        CatalogueQuery { text: Some("жок нерсе".to_owned()), ..child::everything() };
    for (what, query) in [("a page", query), ("a search", search), ("a search in vain", nothing)] {
        let mut took = Vec::new();
        for _ in 0..100 {
            let began = Instant::now();
            core.catalogue_page(query.clone(), None, child::FIRST_SCREEN)?;
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        spread(table, what, took);
    }
    Ok(())
}

/// Answers, each durable when the call returns.
fn edits(core: &Core, auction: &str, edits: u32, table: &mut Table) -> anyhow::Result<()> {
    core.set_online(false)?;
    let mut took = Vec::new();
    for no in 0..edits {
        let value = Some(format!("Асанова Айгүл {no}"));
        let field = ["full_name", "phone", "email"][no as usize % 3];
        let began = Instant::now();
        core.draft_set(auction.to_owned(), field.to_owned(), value)?;
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    spread(table, "an answer, durable", took);
    Ok(())
}

fn spread(table: &mut Table, what: &str, mut took: Vec<f64>) {
    took.sort_by(f64::total_cmp);
    table.add(json!({
        "what": what, "rounds": took.len(),
        "p50_ms": percentile(&took, 50), "p99_ms": percentile(&took, 99),
    }));
}
