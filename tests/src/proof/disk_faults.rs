//! Every write and sync on the way of a bid's commit fails once, in each way it can fail.
//!
//! # What is right then
//! SQLite gives the error to the commit, and the commit may be on the disk all the same. So the
//! process has to end without an answer to the bid, and what is true is found on the disk: the
//! bid once or not at all, and never something that was denied.

use super::crowd::{self, Crowd};
use super::db_audit::audit;
use super::history::{Demands, Finding, Kind};
use super::process::{Program, Server, ServerProcess};
use super::strace::{SYSCALLS, Tracer};
use super::wire::RawClient;
use crate::world::seed::unhurried;
use anyhow::Context as _;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toruk_server::clock::SystemClock;
use toruk_sync::domain::time::TimeSpan;

/// Time that a sync is held up to see that the answer waits for it.
const HELD_UP: Duration = Duration::from_millis(300);
/// Looks whether the server has ended, a hundred a second.
const LOOKS_MAX: u32 = 300;
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// A stamp is the server's, on this machine; strace holds processes up, not clocks.
const DEMANDS: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(5)), is_complete: true };

/// The way in which a call fails.
#[derive(Debug, Clone, Copy)]
enum Blow {
    /// `EIO`: the disk can't do it.
    InputOutput,
    /// The disk is full.
    NoSpace,
    /// The process dies before the call.
    Kill,
}

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct FaultFigures {
    /// Calls that were made to fail, and did.
    pub faults: usize,
    /// Calls that were not made when they were to fail.
    pub missed: usize,
    /// Calls on the way of one bid: writes, data syncs, syncs, truncations.
    pub calls: Vec<usize>,
    /// Things that clients did and were told.
    pub operations: usize,
    /// Bids that were cleared up by asking again.
    pub unknowns_resolved: usize,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// Breaks each call in each way. The findings are empty when all is well.
///
/// # Errors
/// When strace can't trace, or the harness itself can't go on.
pub async fn run(program: &Program) -> anyhow::Result<(FaultFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let (mut figures, mut findings) = (FaultFigures::default(), Vec::new());
    let mut scene = FaultyServer::set(program).await?;
    figures.calls = scene.count().await?;
    scene.hold_up(&mut findings).await?;
    scene.end(&mut figures, &mut findings).await?;
    for (syscall, calls) in SYSCALLS.into_iter().zip(figures.calls.clone()) {
        for blow in [Blow::InputOutput, Blow::NoSpace, Blow::Kill] {
            if calls == 0 || !findings.is_empty() {
                continue;
            }
            let mut scene = FaultyServer::set(program).await?;
            for place in 1..=calls {
                if !findings.is_empty() {
                    break;
                }
                scene.strike(syscall, place, blow, &mut figures, &mut findings).await?;
            }
            scene.end(&mut figures, &mut findings).await?;
        }
    }
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

/// One database, one auction, two bidders.
struct FaultyServer {
    site: ServerProcess,
    crowd: Crowd,
    /// Place of the bidder who raises next.
    turn: usize,
}

impl FaultyServer {
    async fn set(program: &Program) -> anyhow::Result<Self> {
        let site = ServerProcess::new(program, unhurried(TimeSpan::days(2)), None).await?;
        let crowd = crowd::open(&site, 2, &Arc::new(SystemClock::start())).await?;
        Ok(Self { site, crowd, turn: 0 })
    }

    fn files(&self) -> Vec<PathBuf> {
        let file = self.site.database_file();
        let wal = PathBuf::from(format!("{}-wal", file.display()));
        vec![file, wal]
    }

    /// Starts the server and lets one bid pass, so that what follows is a bid like any other.
    async fn begin(&mut self) -> anyhow::Result<Server> {
        let server = self.site.start().await?;
        anyhow::ensure!(self.crowd.clear_up(self.site.port).await, "{}", self.site.said());
        self.raise().await.context("the first bid")?;
        Ok(server)
    }

    /// One raise by the bidder who does not lead. Returns the time that the answer took.
    async fn raise(&mut self) -> anyhow::Result<Duration> {
        let bidder = &mut self.crowd.bidders[self.turn];
        self.turn = 1 - self.turn;
        let mut wire = RawClient::open(self.site.port).await?;
        bidder.look(&mut wire).await;
        let raise = bidder.raise()?;
        let sent = tokio::time::Instant::now();
        bidder.send(&mut wire, &raise).await;
        Ok(sent.elapsed())
    }

    async fn trace(&self, server: &Server, fault: Option<&str>) -> anyhow::Result<Tracer> {
        let folder = self.site.file("strace");
        std::fs::create_dir_all(&folder)?;
        Tracer::attach(server.id(), &self.files(), fault, &folder).await
    }

    /// Numbers of calls that one bid makes, by kind.
    async fn count(&mut self) -> anyhow::Result<Vec<usize>> {
        let server = self.begin().await?;
        let tracer = self.trace(&server, None).await?;
        self.raise().await?;
        SYSCALLS.iter().map(|syscall| tracer.count(syscall)).collect()
    }

    /// The answer must not come before the sync is done.
    async fn hold_up(&mut self, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
        let server = self.begin().await?;
        let fault = format!("fdatasync,fsync:delay_enter={}", HELD_UP.as_micros());
        let _tracer = self.trace(&server, Some(&fault)).await?;
        let took = self.raise().await?;
        if took < HELD_UP {
            let detail = format!("answered after {took:?} while the sync takes {HELD_UP:?}");
            findings.push(Finding::new(Kind::NotSynced, detail));
        }
        Ok(())
    }

    async fn strike(
        &mut self,
        syscall: &str,
        place: usize,
        blow: Blow,
        figures: &mut FaultFigures,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        let mut server = self.begin().await?;
        let fault = match blow {
            Blow::InputOutput => format!("{syscall}:error=EIO:when={place}"),
            Blow::NoSpace => format!("{syscall}:error=ENOSPC:when={place}"),
            Blow::Kill => format!("{syscall}:signal=SIGKILL:when={place}"),
        };
        let tracer = self.trace(&server, Some(&fault)).await?;
        // Its connection may break: that is an answer too.
        let _ = self.raise().await;
        if !tracer.has_struck()? {
            figures.missed += 1;
            return Ok(());
        }
        figures.faults += 1;
        for _ in 0..LOOKS_MAX {
            if server.ended()?.is_some() {
                figures.unknowns_resolved += self.unclear();
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        findings.push(Finding::new(Kind::OutlivedFailedCommit, fault));
        Ok(())
    }

    /// Starts once more, clears up and reads the books.
    async fn end(
        mut self,
        figures: &mut FaultFigures,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        let mut server = self.begin().await?;
        server.kill();
        let operations = self.crowd.operations();
        figures.operations += operations.len();
        findings.extend(audit(&self.site.config, self.crowd.auction, &operations, DEMANDS).await?);
        // That an answer was an error is no finding here: something was wrong.
        let told = self.crowd.findings().into_iter();
        findings.extend(told.filter(|finding| finding.kind != Kind::SoundBidTurnedAway));
        Ok(())
    }

    fn unclear(&self) -> usize {
        self.crowd.bidders.iter().map(|bidder| bidder.unclear.len()).sum()
    }
}
