//! `cargo perf first-offers`: the first offers of many auctions at the same moment (B1b). Each
//! concerns all participants of its auction, who get a notice of it.

use super::load::{self, Pace};
use crate::perf::table::Table;
use anyhow::ensure;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde::Serialize;
use std::time::Duration;
use tokio::time::Instant;
use toruk_server::config::Config;
use toruk_server::entity::{auction, notification};

/// Longest wait for the last notice.
const NOTICES_WITHIN: Duration = Duration::from_secs(600);
/// Pause between two counts of the notices.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What was measured.
#[derive(Debug, Serialize)]
pub struct FirstOffers {
    /// Auctions, each with one first offer.
    pub auctions: usize,
    /// Participants of each auction.
    pub participants: usize,
    /// Offers that were accepted.
    pub accepted: usize,
    /// From the first byte sent to the last byte read, half of the offers, in milliseconds.
    pub p50_ms: f64,
    /// As `p50_ms`, of 99 in 100 offers.
    pub p99_ms: f64,
    /// As `p50_ms`, of all.
    pub max_ms: f64,
    /// Auctions whose clock was stopped.
    pub suspended: usize,
    /// Notices that were made: one for each participant but the one who offered.
    pub notices: u64,
    /// From the first offer until the last notice was made, in seconds.
    pub notices_s: f64,
}

/// Runs it on a server of its own on SQLite; the offers are sent in this time, one after the other.
///
/// # Errors
/// When the server fails, or a notice is missing.
pub async fn measure(
    auctions: usize,
    participants: usize,
    spread: Duration,
) -> anyhow::Result<FirstOffers> {
    ensure!(auctions <= participants, "each auction needs a bidder of its own");
    let folder = tempfile::tempdir()?;
    let config = Config::local(folder.path(), 0);
    let served = super::ours_here(config, auctions, participants).await?;
    let bidders = &served.bidders[..auctions];
    // One bid of each client: the next one would be an hour later.
    let (span, every) = (Duration::from_millis(1), Some(Duration::from_secs(3_600)));
    let pace = Pace { span, every, spread };
    let began = Instant::now();
    let mut load = load::run(served.running.address, bidders, served.start, pace).await?;
    let db = served.running.state.context.db.read();
    let expected = u64::try_from(auctions * (participants - 1))?;
    let of_offers = notification::Column::Kind.eq("first_offer_made");
    let mut notices = 0;
    while notices < expected {
        ensure!(began.elapsed() < NOTICES_WITHIN, "{notices} of {expected} notices");
        tokio::time::sleep(LOOK_EVERY).await;
        notices = notification::Entity::find().filter(of_offers.clone()).count(db).await?;
    }
    let notices_s = began.elapsed().as_secs_f64();
    let states = auction::Entity::find().all(db).await?;
    let suspended = states.iter().filter(|row| !row.state.contains("\"suspension\":null"));
    Ok(FirstOffers {
        auctions,
        participants,
        accepted: load.accepted,
        p50_ms: load.millis(500),
        p99_ms: load.millis(990),
        max_ms: load.millis(1_000),
        suspended: suspended.count(),
        notices,
        notices_s,
    })
}

/// Prints what [`measure`] finds.
///
/// # Errors
/// As there.
pub async fn run(
    auctions: usize,
    participants: usize,
    spread: Duration,
    rounds: u32,
) -> anyhow::Result<()> {
    let mut table = Table::default();
    for _ in 0..rounds {
        table.add(serde_json::to_value(measure(auctions, participants, spread).await?)?);
    }
    table.print(&[
        "auctions",
        "participants",
        "accepted",
        "p50_ms",
        "p99_ms",
        "max_ms",
        "suspended",
        "notices",
        "notices_s",
    ]);
    Ok(())
}
