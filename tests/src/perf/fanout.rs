//! One change of one auction to many watchers: how long until the last one has its last byte, what
//! a connection costs the server, and what a delivery does.
//!
//! The clock starts when the bid is about to be sent: its whole way is in the figures, signature,
//! decision, commit to the disk (SQLite, `synchronous=FULL`) and answer included.

use super::crowd::WatcherCrowd;
use super::files;
use super::server::BenchServer;
use super::table::{Table, percentile};
use crate::world::open_auction::OpenAuction;
use crate::world::watcher::Watch;
use anyhow::{Context as _, ensure};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::receipt::Decision;

/// Between two changes: one bidder may not bid twice a second, and there are two of them.
const BETWEEN: Duration = Duration::from_millis(700);
/// Time during which an idle server is watched.
const IDLE: Duration = Duration::from_secs(10);

/// One round for each number of watchers.
///
/// # Errors
/// When a step fails.
pub async fn run(watchers: &[usize], changes: u32) -> anyhow::Result<()> {
    files::need(watchers.iter().max().copied().unwrap_or(0))?;
    let mut table = Table::default();
    for size in watchers {
        table.add(round(*size, changes).await?);
    }
    table.print(&[
        "watchers",
        "last_ms_p50",
        "last_ms_p99",
        "each_ms_p50",
        "each_ms_p99",
        "bid_ms_p50",
        "bid_ms_p99",
        "bytes_per_connection",
        "cpu_us_per_delivery",
        "idle_cpu_percent",
        "load",
    ]);
    Ok(())
}

async fn round(size: usize, changes: u32) -> anyhow::Result<serde_json::Value> {
    // The process has a real clock, so the auction has to be open by real time.
    let (mut stage, clients) = OpenAuction::open_at(SystemClock::start().now(), 2).await?;
    let port: u16 = stage.world.origin.rsplit(':').next().context("no port")?.parse()?;
    stage.world.stop_server().await;
    let process = BenchServer::start(&stage).await?;
    // One of each, so that what the first costs is not counted to the crowd.
    let watch = Watch::auction(stage.auction, Some(stage.view().await?.seq));
    let first = WatcherCrowd::gather(port, &watch, 1).await?;
    let empty = process.memory_bytes()?;
    let crowd = WatcherCrowd::gather(port, &watch, size).await?;
    let full = process.memory_bytes()?;
    let idle = process.cpu_us()?;
    sleep(IDLE).await;
    let idle_us = process.cpu_us()? - idle;

    let (mut last, mut each, mut bids) = (Vec::new(), Vec::new(), Vec::new());
    let busy = process.cpu_us()?;
    let began = Instant::now();
    for (client, _) in clients.iter().cycle().zip(0..changes) {
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        crowd.forget();
        let start = Instant::now();
        let receipt = client.bid(&view, &bid).await?;
        bids.push(start.elapsed().as_secs_f64() * 1_000.0);
        ensure!(receipt.body.decision == Decision::Accepted, "{:?}", receipt.body.decision);
        let heard = crowd.hear(start).await?;
        last.extend(heard.last());
        each.extend(heard);
        sleep(BETWEEN).await;
    }
    let took_us = u64::try_from(began.elapsed().as_micros())?;
    // What heartbeats cost is known from the idle time.
    let idle_share = idle_us as f64 / IDLE.as_micros() as f64;
    let busy_us = (process.cpu_us()? - busy) as f64 - idle_share * took_us as f64;
    drop(first);
    for values in [&mut last, &mut each, &mut bids] {
        values.sort_by(f64::total_cmp);
    }
    let load = std::fs::read_to_string("/proc/loadavg")?;
    Ok(json!({
        "bench": "fanout",
        "watchers": crowd.size(),
        "changes": changes,
        "durability": "sqlite, synchronous=FULL",
        "last_ms_p50": percentile(&last, 50),
        "last_ms_p99": percentile(&last, 99),
        "each_ms_p50": percentile(&each, 50),
        "each_ms_p99": percentile(&each, 99),
        "bid_ms_p50": percentile(&bids, 50),
        "bid_ms_p99": percentile(&bids, 99),
        "bytes_per_connection": full.saturating_sub(empty) / size as u64,
        "memory_bytes": full,
        "cpu_us_per_delivery": busy_us / (f64::from(changes) * size as f64),
        "idle_cpu_percent": idle_share * 100.0,
        "load": load.split(' ').next().unwrap_or_default(),
        "cores": std::thread::available_parallelism()?.get(),
    }))
}
