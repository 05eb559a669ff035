//! Many phones at once (W5): all connect and pull in the same moment, and then each sends one change
//! a second.

use super::connection::Connection;
use super::site::SyncServer;
use crate::perf::files;
use crate::perf::table::{Table, percentile};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::draft::{Actor, Draft, draft_id};
use toruk_sync::protocol::operations::{Op, Operation, Push, PushReply, Verdict};
use toruk_sync::protocol::pull::{Pull, PullReply};

/// The phones' number in their accounts, as seeded.
const ACTOR: Actor = 1;
/// Auctions that there are to prepare for.
const AUCTIONS: usize = 100;
/// From one change of a phone to its next, and to its next try when the server is busy.
const BETWEEN: Duration = Duration::from_secs(1);
/// Times that a busy server is asked again.
const TRIES_MAX: u32 = 120;

/// One round for each number of phones, each phone with so many changes.
///
/// # Errors
/// When a phone is refused.
pub async fn run(clients: &[usize], changes: u32) -> anyhow::Result<()> {
    files::need(clients.iter().max().copied().unwrap_or(0))?;
    let mut table = Table::default();
    for &size in clients {
        table.add(round(size, changes).await?);
    }
    table.print(&[
        "clients",
        "busy",
        "all_pulled_ms",
        "pull_ms_p50",
        "pull_ms_p99",
        "changes_per_s",
        "change_ms_p50",
        "change_ms_p99",
        "server_cpu_ms",
        "server_rss_mb",
    ]);
    Ok(())
}

/// Times that one phone measured, in milliseconds.
struct PullSeen {
    pulled: f64,
    /// From the moment of a change until it is decided, tries included.
    changed: Vec<f64>,
    /// Times that the server was busy.
    busy: u32,
}

async fn round(size: usize, changes: u32) -> anyhow::Result<Value> {
    let site = SyncServer::open(AUCTIONS, size).await?;
    // The phones and who measures.
    let barrier = Arc::new(Barrier::new(size + 1));
    let mut phones = JoinSet::new();
    for (no, seat) in site.seats.iter().enumerate() {
        let (port, token, person) = (site.port, seat.token.clone(), seat.person);
        let auction = site.auctions[no % AUCTIONS];
        // Spread over the second, as people are.
        let offset = BETWEEN.mul_f64(no as f64 / size as f64);
        let barrier = Arc::clone(&barrier);
        phones.spawn(async move {
            let mut phone =
                CrowdPhone { port, token, person, auction, draft: Draft::default(), busy: 0 };
            phone.live(&barrier, offset, changes).await
        });
    }
    let before = site.process.memory_bytes()?;
    barrier.wait().await;
    let began = Instant::now();
    barrier.wait().await;
    let pulled = began.elapsed();
    let cpu = site.process.cpu_us()?;
    let began = Instant::now();
    let (mut pulls, mut sent, mut busy) = (Vec::new(), Vec::new(), 0);
    while let Some(seen) = phones.join_next().await {
        let seen = seen??;
        pulls.push(seen.pulled);
        busy += seen.busy;
        sent.extend(seen.changed);
    }
    let took = began.elapsed();
    pulls.sort_by(f64::total_cmp);
    sent.sort_by(f64::total_cmp);
    let megabytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    Ok(json!({
        "bench": "sync crowd",
        "workload": "W5",
        "way": "toruk",
        "clients": size,
        "busy": busy,
        "durability": "SQLite synchronous=FULL on the server",
        "all_pulled_ms": pulled.as_secs_f64() * 1_000.0,
        "pull_ms_p50": percentile(&pulls, 50),
        "pull_ms_p99": percentile(&pulls, 99),
        "changes": sent.len(),
        "changes_per_s": sent.len() as f64 / took.as_secs_f64(),
        "change_ms_p50": percentile(&sent, 50),
        "change_ms_p99": percentile(&sent, 99),
        "server_cpu_ms": (site.process.cpu_us()? - cpu) as f64 / 1_000.0,
        "server_rss_mb_idle": megabytes(before),
        "server_rss_mb": megabytes(site.process.memory_bytes()?),
    }))
}

struct CrowdPhone {
    port: u16,
    token: String,
    person: PersonId,
    auction: AuctionId,
    draft: Draft,
    busy: u32,
}

impl CrowdPhone {
    async fn live(
        &mut self,
        barrier: &Barrier,
        offset: Duration,
        changes: u32,
    ) -> anyhow::Result<PullSeen> {
        barrier.wait().await;
        let began = Instant::now();
        let pulled = self.arrive().await;
        let pulled_ms = began.elapsed().as_secs_f64() * 1_000.0;
        // Also when it failed, or nobody else would ever go on.
        barrier.wait().await;
        let mut connection = pulled?;
        let (start, mut changed) = (Instant::now() + offset, Vec::new());
        for no in 1..=changes {
            sleep_until(start + BETWEEN * no).await;
            let began = Instant::now();
            self.change(&mut connection, u64::from(no)).await?;
            changed.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok(PullSeen { pulled: pulled_ms, changed, busy: self.busy })
    }

    /// Connects, and pulls what is the person's.
    async fn arrive(&mut self) -> anyhow::Result<Connection> {
        let mut connection = Connection::open(self.port, &self.token).await?;
        let body = serde_json::to_vec(&Pull::default())?;
        let answer = self.insist(&mut connection, "/v1/sync/pull", &body).await?;
        let reply: PullReply = serde_json::from_slice(&answer)?;
        ensure!(!reply.more && reply.next_op_no == 1, "another phone's answer");
        Ok(connection)
    }

    async fn change(&mut self, connection: &mut Connection, op_no: u64) -> anyhow::Result<()> {
        let (auction, person) = (self.auction, self.person);
        let part = self.draft.set("full_name", Some(format!("Асанова Айгүл {op_no}")), ACTOR);
        let operation = Operation::EditDraft { draft: draft_id(person, auction), auction, part };
        let push = Push { ops: vec![Op { op_no, person, operation }] };
        let body = serde_json::to_vec(&push)?;
        let answer = self.insist(connection, "/v1/sync/push", &body).await?;
        let reply: PushReply = serde_json::from_slice(&answer)?;
        let outcome = reply.outcomes.first().context("no outcome")?;
        ensure!(matches!(outcome.verdict, Verdict::Merged { .. }), "{:?}", outcome.verdict);
        Ok(())
    }
    /// Asks until the server is not busy.
    async fn insist(
        &mut self,
        connection: &mut Connection,
        path: &str,
        body: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        for _ in 0..TRIES_MAX {
            if let Some(answer) = connection.ask(path, body).await? {
                return Ok(answer.to_vec());
            }
            self.busy += 1;
            sleep_until(Instant::now() + BETWEEN).await;
        }
        anyhow::bail!("the server stays busy")
    }
}
