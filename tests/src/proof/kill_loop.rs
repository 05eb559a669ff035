//! `kill -9` at any moment of a crowd's bidding, again and again, on one database; and in the end an
//! older copy of that database, on which the server must not start.

use super::chance::Chance;
use super::crowd::{self, Crowd};
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, HistoryEvent, Kind};
use super::process::{Program, ServerProcess};
use crate::world::seed::unhurried;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use toruk_server::clock::SystemClock;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::receipt::Decision;

/// A server lives for less than this under load.
const LIFE_MAX: Duration = Duration::from_millis(80);
/// After so many kills the books are read.
const AUDIT_EVERY: u32 = 20;
/// Name of the copy of the database that was made after the first kill.
const OLDER: &str = "older.db";
/// Looks, `LIFE_MAX` apart, until a server that should end counts as serving.
const ENDS_WITHIN_LOOKS: u32 = 250;
/// The server and the harness read the same machine's clock.
const CLOCKS_APART_MAX: TimeSpan = TimeSpan::milliseconds(5);

/// Settings of a run.
#[derive(Debug, Clone)]
pub struct KillPlan {
    pub program: Program,
    /// Number of times that the server is killed.
    pub cycles: u32,
    /// Number of bidders that bid at the same time.
    pub bidders: usize,
    /// Seed of the random choices.
    pub seed: u64,
    /// Another database than SQLite.
    pub database_url: Option<String>,
}

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct KillFigures {
    /// Number of times that the server was killed.
    pub cycles: u32,
    /// Things that clients did and were told, all held against the log.
    pub operations: usize,
    /// Bids that were answered "accepted".
    pub accepted: usize,
    /// Bids that were answered "refused".
    pub refused: usize,
    /// Bids without an answer that were cleared up by asking again.
    pub unknowns_resolved: usize,
    /// The log's length in the end.
    pub records: usize,
    /// From a process's start to the first answers of all bidders, in milliseconds, on average.
    pub start_ms: f64,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// Kills and looks. The findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on.
pub async fn run(plan: &KillPlan) -> anyhow::Result<(KillFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let clock = Arc::new(SystemClock::start());
    let rules = unhurried(TimeSpan::days(2));
    let site = ServerProcess::new(&plan.program, rules, plan.database_url.as_deref()).await?;
    let mut crowd = crowd::open(&site, plan.bidders, &clock).await?;
    let (mut chance, mut figures) = (Chance::new(plan.seed), KillFigures::default());
    let mut starting = Duration::ZERO;
    let demands = Demands { clocks_apart_max: Some(CLOCKS_APART_MAX), is_complete: true };
    let mut findings = Vec::new();
    while findings.is_empty() && figures.cycles <= plan.cycles {
        let started = tokio::time::Instant::now();
        let mut server = site.start().await?;
        figures.unknowns_resolved +=
            crowd.bidders.iter().map(|one| one.unclear.len()).sum::<usize>();
        if !crowd.clear_up(site.port).await {
            let detail = format!("after kill {}: {}", figures.cycles, site.said());
            findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
        }
        starting += started.elapsed();
        let is_last = figures.cycles == plan.cycles || !findings.is_empty();
        if !is_last {
            let bidding = crowd.bid_until_broken(site.port, &mut chance);
            tokio::time::sleep(chance.time_below(LIFE_MAX)).await;
            server.kill();
            crowd = bidding.await?;
        }
        server.kill();
        if figures.cycles == 0 && plan.database_url.is_none() {
            copy_database(&site.database_file(), &site.file(OLDER))?;
        }
        figures.cycles += 1;
        if is_last || figures.cycles.is_multiple_of(AUDIT_EVERY) {
            findings.extend(crowd.findings());
            findings
                .extend(audit(&site.config, crowd.auction, &crowd.operations(), demands).await?);
        }
    }
    if findings.is_empty() && plan.database_url.is_none() && KillFigures::accepted_any(&crowd) {
        copy_database(&site.file(OLDER), &site.database_file())?;
        findings.extend(unnoticed(&site).await?);
    }
    figures.start_ms = starting.as_secs_f64() * 1_000.0 / f64::from(figures.cycles.max(1));
    figures.cycles = figures.cycles.min(plan.cycles);
    figures.took_s = began.elapsed().as_secs_f64();
    figures.count(&crowd);
    Ok((figures, findings))
}

/// Copies SQLite's files, of which the WAL holds what was committed last.
fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let name = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        let (from, to) = (name(from), name(to));
        if from.exists() {
            std::fs::copy(from, to)?;
        } else if to.exists() {
            std::fs::remove_file(to)?;
        }
    }
    Ok(())
}

/// A finding, if the server does not end and name what its database has lost.
async fn unnoticed(site: &ServerProcess) -> anyhow::Result<Option<Finding>> {
    // Its socket may be there before it has looked at the database.
    if let Ok(mut server) = site.start().await {
        for _ in 0..ENDS_WITHIN_LOOKS {
            if server.ended()?.is_some() {
                break;
            }
            tokio::time::sleep(LIFE_MAX).await;
        }
    }
    let said = site.said();
    Ok((!said.contains("are missing")).then(|| Finding::new(Kind::LossUnnoticed, said)))
}

impl KillFigures {
    fn accepted_any(crowd: &Crowd) -> bool {
        let mut counted = Self::default();
        counted.count(crowd);
        counted.accepted > 0
    }

    fn count(&mut self, crowd: &Crowd) {
        let operations = crowd.operations();
        self.operations = operations.len();
        for operation in &operations {
            let seq = match &operation.what {
                HistoryEvent::Read { seq, .. } => *seq,
                HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => {
                    match body.decision {
                        Decision::Accepted => self.accepted += 1,
                        Decision::Refused(_) => self.refused += 1,
                    }
                    body.seq
                }
                HistoryEvent::Bid { .. } => 0,
            };
            self.records = self.records.max(usize::try_from(seq).unwrap_or(usize::MAX));
        }
    }
}
