//! Bids that have to wait for the database: another connection holds SQLite's one write lock
//! while they arrive. HistoryEvent is decided afterwards shows what it was decided by.
//!
//! # Why
//! A server that is never made to wait decides every bid in the millisecond of its arrival, and
//! hides by what it judges time and order.

use super::crowd::{self, Crowd};
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, HistoryEvent, Kind};
use super::process::{Program, Server, ServerProcess};
use super::wire::{RawClient, Request};
use crate::world::seed::seed;
use crate::world::seed::{SeedPlan, unhurried};
use anyhow::Context as _;
use sea_orm::ConnectionTrait as _;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::db::Db;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::id::BidId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::receipt::Decision;

/// Number of bidders that wait at a time.
const BIDDERS: usize = 8;
/// Between two sendings whose order is looked at.
const APART: Duration = Duration::from_millis(20);
/// Time before the deadline at which a bid is sent that waits beyond it; and time after.
const AROUND: Duration = Duration::from_millis(250);
/// Times that the wait across a deadline is tried. A machine that is too busy for it makes the server
/// miss its signs of life as well; then the clock stops for everybody, which is right and shows nothing.
const TRIES_MAX: usize = 5;
/// Raises made while another writer is at the database.
const RAISES: usize = 150;
const DEMANDS: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(5)), is_complete: true };
/// For logs that were seeded with stamps and bids of their own.
const SEEDED: Demands = Demands { clocks_apart_max: None, is_complete: false };

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct SlowFigures {
    /// Things that clients did and were told.
    pub operations: usize,
    /// Bids that waited for a held lock.
    pub waited: usize,
    /// Bids whose senders hung up while they waited.
    pub hung_up: usize,
    /// Transactions of the other writer.
    pub other_commits: usize,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// Makes bids wait. The findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on.
pub async fn run(program: &Program) -> anyhow::Result<(SlowFigures, Vec<Finding>)> {
    let began = Instant::now();
    let (mut figures, mut findings) = (SlowFigures::default(), Vec::new());
    queued(program, &mut figures, &mut findings).await?;
    let mut tries = 0;
    while findings.is_empty()
        && beyond_the_deadline(program, &mut figures, &mut findings).await?
            == Some(Decision::Refused(BidRejection::Suspended))
    {
        tries += 1;
        anyhow::ensure!(tries < TRIES_MAX, "the clock was stopped in each of {tries} tries");
    }
    if findings.is_empty() {
        on_the_tick(program, &mut figures, &mut findings).await?;
    }
    if findings.is_empty() {
        second_writer(program, &mut figures, &mut findings).await?;
    }
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

struct HeldWriter {
    site: ServerProcess,
    crowd: Crowd,
    server: Server,
}

impl HeldWriter {
    async fn set(program: &Program, rules: RuleProfile) -> anyhow::Result<Self> {
        let site = ServerProcess::new(program, rules, None).await?;
        let mut crowd = crowd::open(&site, BIDDERS, &Arc::new(SystemClock::start())).await?;
        let server = site.start().await?;
        anyhow::ensure!(crowd.clear_up(site.port).await, "{}", site.said());
        Ok(Self { site, crowd, server })
    }

    async fn end(
        mut self,
        demands: Demands,
        figures: &mut SlowFigures,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        self.server.kill();
        let operations = self.crowd.operations();
        figures.operations += operations.len();
        findings.extend(audit(&self.site.config, self.crowd.auction, &operations, demands).await?);
        findings.extend(self.crowd.findings());
        Ok(())
    }
}

/// Bids sent one after the other while the database is held are decided in that order, also
/// those whose senders have hung up, and one that can't be decided takes no other with it.
async fn queued(
    program: &Program,
    figures: &mut SlowFigures,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let mut scene = HeldWriter::set(program, unhurried(TimeSpan::days(2))).await?;
    let port = scene.site.port;
    let db = Db::open(&scene.site.config.database_url).await?;
    let held = db.begin().await?;
    let mut sent: Vec<(PlaceBid, RawClient)> = Vec::new();
    for bidder in &mut scene.crowd.bidders {
        let raise = bidder.raise()?;
        let mut wire = RawClient::open(port).await?;
        bidder.send_unread(&mut wire, &raise).await?;
        sent.push((raise, wire));
        // A round trip behind it, and a while.
        RawClient::open(port).await?.call(&TIME).await?;
        sleep(APART).await;
    }
    let undecidable = reused(&mut scene, port, &sent[0].0).await?;
    // Every second one hangs up, but not the last: when it is answered, all are decided.
    let last = sent.len() - 1;
    let mut bids = Vec::new();
    let mut waiting = Vec::new();
    for (no, (bid, wire)) in sent.into_iter().enumerate() {
        bids.push(bid);
        if no % 2 == 0 || no == last {
            waiting.push((no, wire));
        }
    }
    figures.hung_up += bids.len() - waiting.len();
    figures.waited += bids.len();
    sleep(APART).await;
    held.rollback().await?;
    for (no, mut wire) in waiting {
        let bidder = &mut scene.crowd.bidders[no];
        bidder.hear(&mut wire, &bids[no]).await;
        if !bidder.unclear.is_empty() {
            let detail = format!("bid {no} of a queue got no decision");
            findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
        }
    }
    for (no, bid) in bids.iter().enumerate() {
        let bidder = &mut scene.crowd.bidders[no];
        bidder.ask_by_name(&mut RawClient::open(port).await?, bid).await;
        if seq_of(&scene.crowd, no, bid.bid).is_none() {
            let detail = format!("bid {no} of a queue is nowhere");
            findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
        }
    }
    drop(undecidable);
    let seqs: Vec<_> = (0..BIDDERS).map(|no| last_seq(&scene.crowd, no)).collect();
    if !seqs.is_sorted() {
        let detail = format!("sent one after the other, decided as {seqs:?}");
        findings.push(Finding::new(Kind::OvertakenInQueue, detail));
    }
    scene.end(DEMANDS, figures, findings).await
}

/// HistoryEvent anybody may ask.
const TIME: Request = Request { method: "GET", path: "/v1/time", token: "none", body: "" };

/// A bid that can't be decided: its id is that of one that waits, its content is another.
async fn reused(
    scene: &mut HeldWriter,
    port: u16,
    waiting: &PlaceBid,
) -> anyhow::Result<RawClient> {
    let bidder = &mut scene.crowd.bidders[0];
    let amount = waiting.amount.checked_add(bidder.seen.step).context("the limit")?;
    let (bid, noted) =
        (bidder.bid_named(waiting.bid, waiting.basis, amount)?, bidder.operations.len());
    let mut wire = RawClient::open(port).await?;
    bidder.send_unread(&mut wire, &bid).await?;
    // The history knows one bid of an id.
    bidder.operations.truncate(noted);
    Ok(wire)
}

/// A bid that arrived in time is in time, however late it is decided; one that came after the
/// deadline is late, even if the deadline had not passed when the transaction was asked for. Returns
/// the decision on the former.
async fn beyond_the_deadline(
    program: &Program,
    figures: &mut SlowFigures,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<Option<Decision>> {
    let window = TimeSpan::seconds(20);
    let rules = RuleProfile {
        drain: TimeSpan::seconds(2),
        raise_window: TimeSpan::milliseconds(1_500),
        ..unhurried(window)
    };
    let mut scene = HeldWriter::set(program, rules).await?;
    let (port, clock) = (scene.site.port, SystemClock::start());
    let db = Db::open(&scene.site.config.database_url).await?;
    // The first raise sets a deadline that is near.
    let first = scene.crowd.bidders[0].raise()?;
    let mut wire = RawClient::open(port).await?;
    scene.crowd.bidders[0].send(&mut wire, &first).await;
    let deadline = last_deadline(&scene.crowd).context("the first raise was not accepted")?;
    for bidder in &mut scene.crowd.bidders {
        bidder.look(&mut wire).await;
    }
    let around = TimeSpan(i64::try_from(AROUND.as_micros())?);
    clock.sleep_until(deadline - around).await;
    let held = db.begin().await?;
    let mut wires = Vec::new();
    for (no, at) in [(1, deadline - around), (2, deadline + around)] {
        clock.sleep_until(at).await;
        let bidder = &mut scene.crowd.bidders[no];
        let (bid, mut wire) = (bidder.raise()?, RawClient::open(port).await?);
        bidder.send_unread(&mut wire, &bid).await?;
        wires.push((no, bid, wire));
    }
    sleep(APART).await;
    held.rollback().await?;
    figures.waited += wires.len();
    for (no, bid, mut wire) in wires {
        scene.crowd.bidders[no].hear(&mut wire, &bid).await;
    }
    let in_time = decision(&scene.crowd, 1);
    let is_stopped = in_time == Some(Decision::Refused(BidRejection::Suspended));
    if in_time != Some(Decision::Accepted) && !is_stopped {
        let detail = format!("sent {AROUND:?} before the deadline, decided after it: {in_time:?}");
        findings.push(Finding::new(Kind::WronglyRefused, detail));
    }
    scene.end(DEMANDS, figures, findings).await?;
    Ok(in_time)
}

/// A bid whose stamp is the deadline itself is late; a tick before, it is in time.
async fn on_the_tick(
    program: &Program,
    figures: &mut SlowFigures,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    for ticks in [1, 2] {
        let site = ServerProcess::new(program, unhurried(TimeSpan::days(2)), None).await?;
        let clock = Arc::new(SystemClock::start());
        let now = clock.now();
        let (rules, start) = (site.config.rules.clone(), now - TimeSpan::seconds(1));
        let stamped_before_deadline = Some(TimeSpan(ticks));
        let plan = SeedPlan { stamped_before_deadline, ..SeedPlan::new(1, BIDDERS, rules, start) };
        let mut crowd = Crowd::new(&seed(&site.config, &plan, now).await?, 0, &clock)?;
        let server = site.start().await?;
        anyhow::ensure!(crowd.clear_up(site.port).await, "{}", site.said());
        let raise = crowd.bidders[1].raise()?;
        crowd.bidders[1].send(&mut RawClient::open(site.port).await?, &raise).await;
        let (said, in_time) = (decision(&crowd, 1), ticks == 2);
        if said.is_none() || (said == Some(Decision::Accepted)) != in_time {
            let kind = if in_time { Kind::WronglyRefused } else { Kind::AcceptedLate };
            findings.push(Finding::new(kind, format!("{said:?}, {ticks} ticks after the last")));
        }
        HeldWriter { site, crowd, server }.end(SEEDED, figures, findings).await?;
    }
    Ok(())
}

/// Another process writes to the database all the time: bids wait for it, and none fails.
async fn second_writer(
    program: &Program,
    figures: &mut SlowFigures,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let mut scene = HeldWriter::set(program, unhurried(TimeSpan::days(2))).await?;
    let db = Db::open(&scene.site.config.database_url).await?;
    let (done, mut is_done) = tokio::sync::oneshot::channel::<()>();
    let writing = tokio::spawn(async move {
        let mut commits = 0_usize;
        while is_done.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            let txn = db.begin().await?;
            txn.execute_unprepared("UPDATE person SET language = 'ru'").await?;
            db.commit(txn).await?;
            commits += 1;
            tokio::task::yield_now().await;
        }
        anyhow::Ok(commits)
    });
    let mut wire = RawClient::open(scene.site.port).await?;
    for no in 0..RAISES {
        if !scene.crowd.findings().is_empty() {
            break;
        }
        let bidder = &mut scene.crowd.bidders[no % 2];
        let raise = bidder.raise()?;
        bidder.send(&mut wire, &raise).await;
        let seen = bidder.seen;
        scene.crowd.bidders[(no + 1) % 2].seen = seen;
    }
    // The writer may have ended by an error of its own, which the next line tells.
    let _ = done.send(());
    figures.other_commits += writing.await??;
    scene.end(DEMANDS, figures, findings).await
}

fn receipts(
    crowd: &Crowd,
    no: usize,
) -> impl DoubleEndedIterator<Item = &toruk_sync::receipt::ReceiptBody> {
    crowd.bidders[no].operations.iter().filter_map(|operation| match &operation.what {
        HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => Some(&**body),
        _ => None,
    })
}

fn seq_of(crowd: &Crowd, no: usize, bid: BidId) -> Option<u64> {
    receipts(crowd, no).find(|body| body.bid == bid).map(|body| body.seq)
}

fn last_seq(crowd: &Crowd, no: usize) -> Option<u64> {
    receipts(crowd, no).next_back().map(|body| body.seq)
}

fn decision(crowd: &Crowd, no: usize) -> Option<Decision> {
    receipts(crowd, no).next_back().map(|body| body.decision)
}

fn last_deadline(crowd: &Crowd) -> Option<toruk_sync::domain::time::Timestamp> {
    receipts(crowd, 0).next_back().and_then(|body| body.deadline)
}
