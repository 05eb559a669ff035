//! A day of a person who follows auctions and on whose phone nothing happens.

use super::body::{HandClock, open};
use super::counting::{Counted, Counting, Traffic};
use crate::perf::table::Table;
use anyhow::ensure;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use toruk_mobile_core::api::{Core, SyncReason};

const HOUR_US: i64 = 3_600 * 1_000_000;
/// Interval at which the platform lets an app sync in the background: the one that the apps ask
/// for.
const BACKGROUND_EVERY_HOURS: i64 = 4;
/// Interval at which the core is asked what is due, in the foreground.
const LOOK_EVERY_US: i64 = 60 * 1_000_000;
const BUDGET_MS: u64 = 10_000;

/// Plays the day in the background, in the foreground, and a while before a live screen.
///
/// # Errors
/// When a request fails.
pub async fn run(
    folder: &Path,
    server: &str,
    auction: &str,
    watched: Duration,
    table: &mut Table,
) -> anyhow::Result<()> {
    let (clock, traffic) = (HandClock::start(), Arc::new(Traffic::default()));
    let transport = Arc::new(Counting::new(Arc::clone(&traffic))?);
    let core = open(folder, server, Arc::clone(&clock), Some(transport))?;
    core.follow(auction.to_owned())?;
    sync(&core, SyncReason::Foreground).await?;
    traffic.take();
    for _ in 0..24 / BACKGROUND_EVERY_HOURS {
        core.suspend(BUDGET_MS).await?;
        clock.skip_us(BACKGROUND_EVERY_HOURS * HOUR_US);
        core.resume(true)?;
        sync(&core, SyncReason::Periodic).await?;
    }
    row(table, "24 h in the background, a sync every 4 h", traffic.take());
    for _ in 0..24 * HOUR_US / LOOK_EVERY_US {
        clock.skip_us(LOOK_EVERY_US);
        // Of no file: the engine looks at what is due, and that is all.
        core.upload_finished("-".to_owned()).await?;
    }
    row(table, "24 h in the foreground, on a list", traffic.take());
    sync(&core, SyncReason::PullToRefresh).await?;
    row(table, "one pull to refresh", traffic.take());
    core.watch(auction.to_owned())?;
    tokio::time::sleep(watched).await;
    let seen = traffic.take();
    core.unwatch(auction.to_owned())?;
    row(table, &format!("{} s before a live screen", watched.as_secs()), seen);
    core.close();
    Ok(())
}

async fn sync(core: &Core, reason: SyncReason) -> anyhow::Result<()> {
    let report = core.sync_now(reason, BUDGET_MS, None).await?;
    ensure!(report.pulled, "nothing came: {report:?}");
    Ok(())
}

fn row(table: &mut Table, what: &str, counted: Counted) {
    let Counted { requests, sent, received } = counted;
    table.add(json!({ "what": what, "requests": requests, "sent": sent, "received": received }));
}
