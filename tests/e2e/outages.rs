//! The service down across an open window: the clock is stopped, and nothing is closed in silence.

use crate::suspension::{announce, suspensions};
use anyhow::Context as _;
use std::time::Duration;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Status, SuspendedBy};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Decision;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

const MINUTE: TimeSpan = TimeSpan::minutes(1);

#[tokio::test]
async fn a_server_down_across_an_open_window_finds_the_clock_stopped_and_nothing_closed()
-> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    stage.clock.advance(MINUTE);
    let down_at = stage.clock.now();
    stage.world.stop_server().await;
    // Much later than the deadline.
    stage.clock.advance(TimeSpan::hours(1));
    stage.world.start_server().await?;
    let found = stage.view().await?.auction;
    assert_eq!(found.status, Status::Bidding, "closed in silence");
    assert_eq!(suspensions(&stage).await?, [(SuspendedBy::Watchdog, down_at)]);
    assert_eq!(found.wake_at(), None, "a deadline runs");

    let resume_at = stage.clock.now() + TimeSpan::minutes(15);
    announce(&stage, resume_at).await?;
    stage.play_until(resume_at).await?;
    let resumed = stage.view().await?;
    let receipt = clients[1].bid(&resumed, &clients[1].raise(&resumed)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);

    // The announced moment of a second resumption passes while nobody is there.
    stage.clock.advance(MINUTE);
    stage.world.stop_server().await;
    stage.clock.advance(MINUTE);
    stage.world.start_server().await?;
    announce(&stage, stage.clock.now() + TimeSpan::minutes(15)).await?;
    stage.world.stop_server().await;
    stage.clock.advance(TimeSpan::hours(1));
    stage.world.start_server().await?;
    let standing = stage.view().await?.auction.suspension.context("resumed for nobody")?;
    assert_eq!(standing.resume_at, None, "not to be announced again");
    Ok(())
}

#[tokio::test]
async fn a_short_stop_and_one_before_the_start_change_nothing() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let before = stage.view().await?;
    let least = before.auction.birth.rules.outage_min;
    stage.world.stop_server().await;
    stage.clock.advance(TimeSpan(least.0 - 1));
    stage.world.start_server().await?;
    assert_eq!(stage.view().await?.auction, before.auction);
    let receipt = clients[0].bid(&before, &clients[0].raise(&before)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);

    let mut early = OpenAuction::published().await?;
    for name in ["Аида", "Бек"] {
        early.eligible(name).await?;
    }
    let terms = early.terms().await?;
    let rules = early.world.config.rules.clone();
    early.play_until(terms.tender_end + rules.drain).await?;
    assert_eq!(early.view().await?.auction.status, Status::Waiting);
    early.world.stop_server().await;
    early.clock.set(terms.start - MINUTE);
    early.world.start_server().await?;
    early.play_until(terms.start).await?;
    assert_eq!(early.view().await?.auction.status, Status::Bidding);
    assert!(suspensions(&early).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_start_that_nobody_was_there_for_is_not_made_late() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    for name in ["Аида", "Бек"] {
        stage.eligible(name).await?;
    }
    let terms = stage.terms().await?;
    stage.play_until(terms.tender_end + stage.world.config.rules.drain).await?;
    stage.world.stop_server().await;
    stage.clock.set(terms.start + MINUTE);
    stage.world.start_server().await?;
    assert_eq!(suspensions(&stage).await?, [(SuspendedBy::Watchdog, terms.start)]);
    let resume_at = stage.clock.now() + TimeSpan::minutes(15);
    announce(&stage, resume_at).await?;
    stage.play_until(resume_at).await?;
    let auction = stage.view().await?.auction;
    assert_eq!(auction.closes_at(), Some(resume_at + auction.birth.rules.first_window));
    Ok(())
}

#[tokio::test]
async fn a_deadline_that_passed_before_the_outage_closes_as_usual() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.clock.set(deadline);
    stage.world.stop_server().await;
    stage.clock.advance(TimeSpan::hours(1));
    stage.world.start_server().await?;
    until("the close", || async {
        Ok((stage.view().await?.auction.status == Status::Qualification).then_some(()))
    })
    .await?;
    assert!(suspensions(&stage).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_writer_stuck_for_ten_seconds_is_an_outage_and_a_clock_that_leaps_is_none()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let shared = stage.world.state().context.clone();
    let beaten = |at: Timestamp| {
        let auctions = &stage.world.state().auctions;
        async move {
            until("a beat", || async { Ok((auctions.alive_at().await? >= Some(at)).then_some(())) })
                .await
        }
    };
    // The clock of decisions leaps while the service works: nobody lost anything.
    stage.clock.advance(MINUTE);
    beaten(stage.clock.now()).await?;
    assert!(suspensions(&stage).await?.is_empty(), "a leap is no outage");

    let (alive_at, before) = (stage.clock.now(), stage.view().await?.auction);
    let stuck = shared.db.begin().await?;
    stage.world.stopwatch.leap(Duration::from_secs(10));
    // Past the deadline, and the close is due. Somebody still tries.
    stage.clock.advance(TimeSpan::minutes(10));
    let view = AuctionView { auction: before, ..open };
    let bid = clients[1].raise(&view)?;
    let (refused, ()) = tokio::join!(clients[1].bid(&view, &bid), async { drop(stuck) });
    let suspended = Decision::Refused(BidRejection::Suspended);
    assert_eq!(refused?.body.decision, suspended, "late by the outage");
    until("the stop", || async { Ok((!suspensions(&stage).await?.is_empty()).then_some(())) })
        .await?;
    assert_eq!(suspensions(&stage).await?, [(SuspendedBy::Watchdog, alive_at)]);
    assert_eq!(stage.view().await?.auction.status, Status::Bidding, "closed in silence");
    Ok(())
}
