//! A process of its own that is a phone: it starts, shows the first screen, says what that took, and
//! does nothing for a while.

use super::body::{HandClock, open};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use toruk_mobile_core::api::CatalogueQuery;
use toruk_mobile_core::transport::{HttpRequest, HttpResponse, Transport, TransportError};

/// Cards of the first screen.
pub const FIRST_SCREEN: u32 = 20;

/// Starts the phone in `folder` without a connection, and prints one line of JSON.
///
/// # Errors
/// When the core does not open, or shows nothing.
pub fn run(folder: &Path, idle: Duration) -> anyhow::Result<()> {
    let began = Instant::now();
    let core = open(folder, "http://127.0.0.1:9", HandClock::start(), Some(Arc::new(NoRoute)))?;
    let opened = began.elapsed();
    let page = core.catalogue_page(everything(), None, FIRST_SCREEN)?;
    let first = began.elapsed();
    ensure!(page.items.len() == FIRST_SCREEN as usize, "{} cards", page.items.len());
    core.set_online(false)?;
    let memory = memory_kb()?;
    let switches = switches()?;
    let ends = Instant::now() + idle;
    let (lock, bell) = (std::sync::Mutex::new(()), std::sync::Condvar::new());
    while let Some(left) = ends.checked_duration_since(Instant::now()).filter(|l| !l.is_zero()) {
        let held = lock.lock().map_err(|_| anyhow::anyhow!("a lock broke"))?;
        let _ = bell.wait_timeout(held, left).map_err(|_| anyhow::anyhow!("a lock broke"))?;
    }
    let wakeups = switches_since(switches)?;
    let us = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    println!(
        "{}",
        json!({ "opened_us": us(opened), "first_us": us(first), "memory": memory,
            "idle_wakeups": wakeups })
    );
    Ok(())
}

/// An app's own transport, without a route: the first screen must not need anybody. The built-in one
/// would read the system's certificates first, which no phone does.
struct NoRoute;

#[async_trait::async_trait]
impl Transport for NoRoute {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        Err(TransportError::NotSent { reason: "no route".to_owned() })
    }
}

/// All auctions, the latest start first.
pub fn everything() -> CatalogueQuery {
    let (kinds, statuses) = (Vec::new(), Vec::new());
    CatalogueQuery { text: None, kinds, statuses, settlement: None, soonest_first: false }
}

/// The kernel's figures of this process's memory, in KiB.
fn memory_kb() -> anyhow::Result<Value> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let names = ["VmRSS", "RssAnon", "RssFile", "VmHWM"];
    let found: Option<Vec<u64>> = names.iter().map(|name| field(name)).collect();
    let found = found.context("no memory in /proc/self/status")?;
    Ok(names.iter().zip(found).map(|(name, kb)| ((*name).to_owned(), Value::from(kb))).collect())
}

/// Number of times that any thread of this process went to sleep so far.
fn switches() -> anyhow::Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let status = std::fs::read_to_string(task?.path().join("status"))?;
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
        sum += line
            .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
            .unwrap_or_default();
    }
    Ok(sum)
}

fn switches_since(before: u64) -> anyhow::Result<u64> {
    Ok(switches()?.saturating_sub(before))
}
