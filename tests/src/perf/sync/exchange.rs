//! One phone and the server: the first pull of a catalogue (W1), a pull after some of it changed
//! (W3), pulls with nothing new (W7) and a queue that drains (W4); RxDB and PouchDB with the same
//! cards in the same rounds.

use super::median::middle;
use super::npm::{Npm, PEERS};
use super::phone::{BenchPhone, Pushed, REFUSED_EVERY};
use super::site::SyncServer;
use crate::perf::server::cpu_us;
use crate::perf::table::Table;
use anyhow::ensure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// Shares of the catalogue that change, in percent.
const SHARES: [usize; 2] = [1, 10];
/// Pulls with nothing new, in a round.
const IDLE_PULLS: usize = 500;
/// More cards than this take the peers minutes.
const PEERS_ROWS_MAX: usize = 10_000;
/// Auctions whose drafts a queue is about.
const DRAFTS: usize = 200;
/// Durability of both ends of ours, as the table states it.
const DURABILITY: &str = "SQLite synchronous=FULL at both ends, sealed on the phone";
/// Between two measurements, for the server to write down what the last one left.
const BREATH: Duration = Duration::from_millis(300);

/// Settings of a benchmark of exchanges.
#[derive(Debug, Clone)]
pub struct ExchangeWorkload {
    /// Sizes of the catalogue.
    pub rows: Vec<usize>,
    /// Lengths of the queue.
    pub ops: Vec<u64>,
    /// Rounds of each measurement; the median is reported.
    pub rounds: usize,
    /// `true` to measure RxDB and PouchDB in turn with our server.
    pub peers: bool,
}

/// Runs the workload.
///
/// # Errors
/// When something is lost.
pub async fn run(workload: &ExchangeWorkload) -> anyhow::Result<()> {
    let npm = workload.peers.then(Npm::install).transpose()?;
    let mut table = Table::default();
    for &rows in &workload.rows {
        let site = SyncServer::open(rows, workload.rounds).await?;
        let mut rounds: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for no in 0..workload.rounds {
            let folder = TempDir::new()?;
            let mut lines = ours(&site, no, &workload.ops, folder.path()).await?;
            if let Some(npm) = npm.as_ref().filter(|_| rows <= PEERS_ROWS_MAX) {
                for peer in PEERS {
                    lines.extend(npm.run(peer, &folder.path().join(CARDS), rows).await?);
                }
            }
            for line in lines {
                println!("{line}");
                let key = format!("{} {} {}", line["workload"], line["changed"], line["way"]);
                rounds.entry(key).or_default().push(line);
            }
        }
        rounds.values().for_each(|rounds| table.add(middle(rounds)));
    }
    table.print(&[
        "workload",
        "rows",
        "changed",
        "way",
        "ms",
        "rows_per_s",
        "bytes_per_row",
        "deflated_per_row",
        "server_cpu_ms",
        "client_cpu_ms",
        "server_rss_mb",
    ]);
    Ok(())
}

/// The file in which a peer finds the cards.
const CARDS: &str = "cards.ndjson";

async fn ours(
    site: &SyncServer,
    round: usize,
    ops: &[u64],
    folder: &Path,
) -> anyhow::Result<Vec<Value>> {
    let mut phone = BenchPhone::open(site.port, &site.seats[round], folder).await?;
    let rows = site.auctions.len();
    let mut lines = Vec::new();

    let meter = Meter::start(site, &phone).await?;
    let pulled = phone.pull(false).await?;
    lines.push(meter.stop(site, &phone, "W1", pulled.rows)?);
    ensure!(pulled.rows == rows, "{} of {rows} cards came", pulled.rows);
    let cards = phone.cards().await?;
    let mut file = String::new();
    for card in cards.iter().filter_map(|row| row.value.as_ref()) {
        file.push_str(&format!("{card}\n"));
    }
    std::fs::write(folder.join(CARDS), file)?;

    // Once more, from nothing, to see what deflate would make of it: not timed.
    if cfg!(feature = "peers") && round == 0 {
        let again = TempDir::new()?;
        let mut fresh = BenchPhone::open(site.port, &site.seats[round], again.path()).await?;
        let pulled = fresh.pull(true).await?;
        lines[0]["deflated_per_row"] = json!(pulled.deflated as f64 / pulled.rows as f64);
    }

    for share in SHARES {
        let changed = &site.auctions[..rows * share / 100];
        site.change(changed).await?;
        let meter = Meter::start(site, &phone).await?;
        let pulled = phone.pull(false).await?;
        lines.push(meter.stop(site, &phone, "W3", pulled.rows)?);
        ensure!(pulled.rows == changed.len(), "{} changes came", pulled.rows);
        phone.cards().await?;
    }

    let meter = Meter::start(site, &phone).await?;
    for _ in 0..IDLE_PULLS {
        ensure!(phone.pull(false).await?.rows == 0, "something was new");
    }
    lines.push(per_pull(&meter.stop(site, &phone, "W7", 0)?));

    let about = &site.auctions[..DRAFTS.min(rows)];
    for &count in ops {
        let queued = phone.queue(count, about)?;
        let meter = Meter::start(site, &phone).await?;
        let pushed = phone.push(&queued).await?;
        lines.push(meter.stop(site, &phone, "W4", queued.len())?);
        let refused = queued.iter().filter(|op| op.op_no.is_multiple_of(REFUSED_EVERY)).count();
        let outcomes = queued.len();
        ensure!(pushed == Pushed { outcomes, refused }, "{pushed:?} of {outcomes}, {refused}");
    }
    Ok(lines)
}

/// Counters as they were before a measurement.
struct Meter {
    began: Instant,
    down: u64,
    up: u64,
    server_us: u64,
    client_us: u64,
}

impl Meter {
    async fn start(site: &SyncServer, phone: &BenchPhone) -> anyhow::Result<Self> {
        sleep(BREATH).await;
        Ok(Self {
            down: phone.connection.down,
            up: phone.connection.up,
            server_us: site.process.cpu_us()?,
            client_us: cpu_us("self")?,
            began: Instant::now(),
        })
    }

    fn stop(
        &self,
        site: &SyncServer,
        phone: &BenchPhone,
        workload: &str,
        changed: usize,
    ) -> anyhow::Result<Value> {
        let took = self.began.elapsed().as_secs_f64();
        let (down, up) = (phone.connection.down - self.down, phone.connection.up - self.up);
        let each = |total: f64| (changed > 0).then(|| total / changed as f64);
        Ok(json!({
            "bench": "sync",
            "way": "toruk",
            "workload": workload,
            "rows": site.auctions.len(),
            "changed": changed,
            "durability": DURABILITY,
            "ms": took * 1_000.0,
            "rows_per_s": changed as f64 / took,
            "bytes_down": down,
            "bytes_up": up,
            "bytes_per_row": each((down + up) as f64),
            "server_cpu_ms": (site.process.cpu_us()? - self.server_us) as f64 / 1_000.0,
            "client_cpu_ms": (cpu_us("self")? - self.client_us) as f64 / 1_000.0,
            "server_rss_mb": site.process.memory_bytes()? as f64 / f64::from(1 << 20),
        }))
    }
}

/// The figures of one of many pulls.
fn per_pull(total: &Value) -> Value {
    let mut one = total.clone();
    for name in ["ms", "server_cpu_ms", "client_cpu_ms", "bytes_down", "bytes_up"] {
        let total = total[name].as_f64().unwrap_or_default();
        one[name] = json!(total / IDLE_PULLS as f64);
    }
    one["pulls"] = json!(IDLE_PULLS);
    one
}
