//! One auction day, played by real phones against a real server.
//!
//! Two auctions run side by side. The first is bid for and ends with a signed contract; the
//! second gets no offer, fails after 30 minutes and is created again. On the way every step of the
//! portal's user manual is checked where it happens.

mod bidders;
mod checks;
pub mod demo_folder;
mod diary;
mod doors;
mod host;
mod officials;
mod papers;
mod payment;
mod robots;
mod screens;
mod steps;
mod two_phones;

pub use bidders::fill_in;
pub use host::{PORT, Seat, host};
pub use officials::{Officials, paper};
pub use steps::Steps;

use crate::world::World;
use crate::world::clock::ScaledClock;
use anyhow::{Context as _, ensure};
use serde::Serialize;
use std::path::{Path, PathBuf};
use toruk_sync::domain::auction::{Failure, Status};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Speed of the day's clock, in times of real time.
pub const SPEED: u32 = 60;
/// From publication to the start of bidding, in the day's time.
const UNTIL_START: TimeSpan = TimeSpan::minutes(25);
/// The sample lots' seed.
const SEED: u64 = 20_261_123;

/// The day's result; the demo's last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The auction that was won.
    pub auction: String,
    /// The auction's last status, in the API's spelling.
    pub state: String,
    /// The winner's number as bidder.
    pub winner: u16,
    /// The winner's price, in tyiyn.
    pub price_tyiyn: i64,
    /// Raises in its log.
    pub bids_accepted: u64,
    /// Refusals in its log.
    pub bids_refused: u64,
    /// Applications that were signed without a connection and delivered later.
    pub offline_applications: u64,
    /// Answers of one application, given on two phones of which one was offline, that both have.
    pub answers_merged: u64,
    /// Pushes that reached a phone.
    pub pushes_delivered: u64,
    /// The result's protocol in three languages, by the hashes in the log.
    pub protocols: Vec<PathBuf>,
    /// Steps of the manual that were checked.
    pub steps_checked: usize,
}

/// Plays the day from beginning to end, with everything in `folder` but for the papers of the auction
/// that was won, which are left in `papers`.
///
/// # Errors
/// When anything is not as the manual and the rules say.
pub async fn play(
    folder: &Path,
    papers: &Path,
    began: tokio::time::Instant,
) -> anyhow::Result<Report> {
    let clock = ScaledClock::new(start_of_day()?, began, SPEED);
    let mut world = World::start(clock, RuleProfile::sandbox(SPEED), folder, 0).await?;
    let doors = doors::Doors::open(&mut world).await?;
    let mut steps = Steps::default();
    let officials = Officials::enrol(&world).await?;
    let mut bidders = bidders::sign_up(&world, &doors, &mut steps).await?;
    let lots = officials.import_lots(&world, SEED).await?;
    let start = world.clock.now() + UNTIL_START;
    let won = officials.publish(&world, lots[0], start).await?;
    let failing = officials.publish(&world, lots[1], start).await?;

    let answers_merged =
        two_phones::fill_in_together(&world, &bidders.aida, won).await.context("two phones")?;
    let offline_applications =
        bidders::apply_offline(&world, &mut bidders, won, failing, &mut steps).await?;
    officials.admit_all(&world, 5).await?;
    payment::pay((&world, &officials), &bidders, won, failing, &mut steps).await?;
    bidders::wait(&world, &bidders, won, failing, &mut steps).await?;
    bidders::bid(&mut bidders, won, &mut steps).await?;
    let closed = checks::wait_for(&world, won, Status::Qualification).await?;
    bidders::confirm(&mut bidders, won, &closed, &mut steps).await?;
    officials.sign_contract(&world, won).await?;
    let complete = checks::wait_for(&world, won, Status::Complete).await?;

    let failed = checks::wait_for(&world, failing, Status::Unsuccessful).await?;
    ensure!(failed.auction.failure == Some(Failure::NoFirstOffer), "failed for another reason");
    let start = world.clock.now() + UNTIL_START;
    let successor = officials.relaunch(&world, failing, start).await?;
    let heir = world.state().catalogue.view_for(&officials.organiser.official, successor).await?;
    let linked = heir.auction.birth.previous == Some(failing) && heir.auction.birth.attempt == 2;
    steps.check(24, linked, "without an offer the auction failed and was created again")?;

    checks::deposits_are_settled(&world, &officials, &bidders, won).await?;
    let tally = checks::recompute(&world, won, &complete).await?;
    let protocols = papers::save(&world, won, papers).await?;
    steps.all_checked()?;
    let pushes_delivered = bidders::pushes(&mut bidders);
    let report = Report {
        auction: complete.number.clone(),
        state: serde_json::to_value(complete.auction.status)?.as_str().unwrap_or("").to_owned(),
        winner: tally.winner,
        price_tyiyn: tally.price,
        bids_accepted: tally.accepted,
        bids_refused: tally.refused,
        offline_applications,
        answers_merged,
        pushes_delivered,
        protocols,
        steps_checked: steps.count(),
    };
    for phone in [&bidders.aida, &bidders.bek, &bidders.chyngyz] {
        phone.core.close();
    }
    world.stop_server().await;
    Ok(report)
}

/// A working morning in Bishkek.
fn start_of_day() -> anyhow::Result<Timestamp> {
    Timestamp::parse("2026-11-24T09:00:00+06:00").context("a date")
}
