//! The service down across an open window: the clock is stopped, and nothing is closed in silence.

use crate::suspension::{announce, suspensions};
use anyhow::Context as _;
use sea_orm::TransactionTrait as _;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use std::time::Duration;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Status, SuspendedBy};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Decision;
use toruk_tests::world::api_client::random_uuid;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres;
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

#[tokio::test]
async fn short_outages_of_one_window_add_up() -> anyhow::Result<()> {
    for (outages, closes) in [(2, true), (3, false)] {
        let (mut stage, clients) = OpenAuction::open(2).await?;
        let open = stage.view().await?;
        let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
        let deadline = led.body.deadline.context("no deadline")?;
        let mut down_at = stage.clock.now();
        for _ in 0..outages {
            stage.clock.advance(TimeSpan::seconds(20));
            down_at = stage.clock.now();
            stage.world.stop_server().await;
            stage.clock.advance(TimeSpan::seconds(4));
            stage.world.start_server().await?;
        }
        stage.clock.set(deadline + open.auction.birth.rules.drain);
        until("the end of the window", || async {
            let auction = stage.view().await?.auction;
            let is_over = auction.status == Status::Qualification || auction.suspension.is_some();
            Ok(is_over.then_some(()))
        })
        .await?;
        let expected = if closes { vec![] } else { vec![(SuspendedBy::Watchdog, down_at)] };
        assert_eq!(suspensions(&stage).await?, expected, "{outages} outages of 4 s");
    }
    Ok(())
}

#[tokio::test]
async fn a_short_stop_across_a_deadline_closes_nothing() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let led_view = stage.view().await?;
    let deadline = led.body.deadline.context("no deadline")?;
    let down_at = deadline - TimeSpan::seconds(1);
    stage.clock.set(down_at);
    stage.world.stop_server().await;
    stage.clock.set(deadline + TimeSpan::milliseconds(500));
    stage.world.start_server().await?;
    assert_eq!(suspensions(&stage).await?, [(SuspendedBy::Watchdog, down_at)]);
    // It was sent before the deadline, to a server that did not read it.
    let receipt = clients[1].bid(&led_view, &clients[1].raise(&led_view)?).await?;
    assert_eq!(receipt.body.decision, Decision::Refused(BidRejection::Suspended));
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_not_trusted_closes_nothing_and_is_reset_in_an_outage() -> anyhow::Result<()>
{
    for jump in [TimeSpan::seconds(7), TimeSpan::hours(-1), TimeSpan::days(1)] {
        let (stage, clients) = OpenAuction::open(2).await?;
        let open = stage.view().await?;
        let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
        let deadline = led.body.deadline.context("no deadline")?;
        let led_view = stage.view().await?;
        let auctions = &stage.world.state().auctions;
        let lost_at = stage.clock.now();
        stage.clock.move_authority(jump);
        let bid = clients[1].raise(&led_view)?;
        let answer = clients[1].send(&led_view, &bid).await?;
        assert_eq!(answer.problem()?.1, ProblemCode::Busy, "{jump:?}");

        let drain = open.auction.birth.rules.drain;
        stage.clock.set(deadline + drain);
        assert_eq!(auctions.tick_due().await?, 0, "{jump:?}");
        assert_eq!(stage.view().await?.auction.status, Status::Bidding, "closed in silence");
        stage.world.stopwatch.leap(Duration::from_secs(10));
        until("the stop", || async { Ok((!suspensions(&stage).await?.is_empty()).then_some(())) })
            .await?;
        let (_, since) = suspensions(&stage).await?[0];
        assert!(since >= lost_at && since < deadline, "{jump:?}: {since:?}");
        until("trust", || async { Ok(stage.clock.is_trusted().then_some(())) }).await?;
        assert_eq!(stage.clock.now(), deadline + drain + jump);
        let receipt = clients[1].bid(&led_view, &bid).await?;
        assert_eq!(receipt.body.decision, Decision::Refused(BidRejection::Suspended));
    }
    Ok(())
}

#[tokio::test]
async fn a_close_waits_for_a_node_that_may_hold_bids_and_stops_without_it() -> anyhow::Result<()> {
    for comes_back in [true, false] {
        let (stage, clients) = OpenAuction::open(2).await?;
        let open = stage.view().await?;
        let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
        let deadline = led.body.deadline.context("no deadline")?;
        let stuck_at = deadline - MINUTE;
        let owner = connect(&stage).await?;
        let id = random_uuid()?.simple().to_string();
        let id = if postgres::is_chosen() { format!("'{id}'") } else { format!("X'{id}'") };
        let values = format!("({id}, 7, {at}, {at})", at = stuck_at.0);
        let node = format!("INSERT INTO node (id, beats, alive_at, decided_to) VALUES {values}");
        owner.execute_unprepared(&node).await?;
        stage.clock.set(deadline + open.auction.birth.rules.drain);
        let auctions = &stage.world.state().auctions;
        assert_eq!(auctions.tick_due().await?, 0);
        assert_eq!(stage.view().await?.auction.status, Status::Bidding, "closed without it");
        if comes_back {
            let beat = format!("UPDATE node SET beats = 8, decided_to = {}", deadline.0);
            owner.execute_unprepared(&format!("{beat} WHERE id = {id}")).await?;
            until("the close", || async {
                Ok((stage.view().await?.auction.status == Status::Qualification).then_some(()))
            })
            .await?;
            assert!(suspensions(&stage).await?.is_empty());
        } else {
            until("the stop", || async {
                stage.world.stopwatch.leap(Duration::from_millis(700));
                Ok((!suspensions(&stage).await?.is_empty()).then_some(()))
            })
            .await?;
            assert_eq!(suspensions(&stage).await?, [(SuspendedBy::Watchdog, stuck_at)]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_node_that_the_others_gave_up_on_does_not_decide_what_it_holds() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let auctions = &stage.world.state().auctions;
    until("a beat", || async { Ok(auctions.alive_at().await?) }).await?;
    let owner = connect(&stage).await?;
    // The bid waits for its row while the others give the node up.
    let held = owner.begin().await?;
    held.execute_unprepared("SELECT 1 FROM auction FOR UPDATE").await?;
    let bid = clients[0].raise(&open)?;
    let given_up = async {
        until("the bid in its queue", || async {
            Ok((!auctions.bids_wait().is_zero()).then_some(()))
        })
        .await?;
        owner.execute_unprepared("DELETE FROM node").await?;
        auctions.record_heartbeat().await?;
        anyhow::Ok(held.rollback().await?)
    };
    let (answer, given_up) = tokio::join!(clients[0].send(&open, &bid), given_up);
    given_up?;
    assert_eq!(answer?.problem()?.1, ProblemCode::Unknown);
    let receipt = clients[0].bid(&open, &bid).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted, "asked again, it is decided");
    Ok(())
}

#[tokio::test]
async fn bids_that_a_held_row_keeps_undecided_across_the_deadline_stop_the_clock()
-> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    let led_view = stage.view().await?;
    stage.clock.set(deadline - Timestamp::TICK);
    let auctions = &stage.world.state().auctions;
    let owner = connect(&stage).await?;
    let held = owner.begin().await?;
    held.execute_unprepared("SELECT 1 FROM auction FOR UPDATE").await?;
    let bid = clients[1].raise(&led_view)?;
    let over = async {
        until("the bid in its queue", || async {
            Ok((!auctions.bids_wait().is_zero()).then_some(()))
        })
        .await?;
        stage.clock.set(deadline);
        anyhow::Ok(())
    };
    let (answer, over) = tokio::join!(clients[1].send(&led_view, &bid), over);
    over?;
    assert_eq!(answer?.problem()?.1, ProblemCode::Busy);
    held.rollback().await?;
    stage.clock.set(deadline + open.auction.birth.rules.drain);
    until("the stop", || async { Ok((!suspensions(&stage).await?.is_empty()).then_some(())) })
        .await?;
    assert_eq!(stage.view().await?.auction.status, Status::Bidding, "closed over a bid in time");
    Ok(())
}

/// The database keeps a beat for three seconds, as a cut cable does: it was a sign of life when it
/// began, and none when it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_beat_that_is_kept_waiting_across_a_deadline_hides_no_outage() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.clock.set(deadline - TimeSpan::seconds(2));
    let owner = connect(&stage).await?;
    let held = owner.begin().await?;
    held.execute_unprepared("SELECT 1 FROM node FOR UPDATE").await?;
    let beat = tokio::spawn({
        let auctions = stage.world.state().auctions.clone();
        async move { auctions.record_heartbeat().await }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND wait_event_type = 'Lock'";
    until("a beat that waits", || async {
        let row = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, waits)).await?;
        let waiting: i64 = row.context("no row")?.try_get_by_index(0)?;
        Ok((waiting > 0).then_some(()))
    })
    .await?;
    stage.world.stopwatch.leap(Duration::from_secs(3));
    stage.clock.set(deadline + TimeSpan::seconds(1));
    held.rollback().await?;
    beat.await??;
    stage.clock.set(deadline + open.auction.birth.rules.drain);
    until("the stop", || async { Ok((!suspensions(&stage).await?.is_empty()).then_some(())) })
        .await?;
    assert_eq!(stage.view().await?.auction.status, Status::Bidding, "closed over an outage");
    Ok(())
}

/// A connection for what no server does: of the role that owns the tables.
async fn connect(stage: &OpenAuction) -> anyhow::Result<DatabaseConnection> {
    let url = stage.world.owner_url().unwrap_or(&stage.world.config.database_url);
    Ok(Database::connect(url).await?)
}
