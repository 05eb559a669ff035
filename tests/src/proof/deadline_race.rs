//! Bids aimed at deadlines, a few milliseconds before and after: the stamp decides, and nothing
//! else. Many auctions end one after the other; in each, one bidder raises and the others send
//! bids that are refused for one reason before the deadline and for another from then on.

use super::bidder::Bidder;
use super::chance::Chance;
use super::crowd::Crowd;
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, HistoryEvent, Kind, Operation};
use super::process::{Program, ServerProcess};
use super::wire::RawClient;
use crate::world::seed::seed;
use crate::world::seed::{SeedPlan as Seeding, unhurried};
use crate::world::until;
use anyhow::{Context as _, bail};
use futures_util::future::join_all;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;

/// Number of bidders in each auction who aim at its deadline. One more bids after it: a refusal that
/// the log has already would not be written again.
const BIDDERS: usize = 32;
/// Largest distance from the deadline at which a bid is aimed.
const AIM: Duration = Duration::from_millis(5);
/// So long before its time a bid looks how late the others came.
const AT_HAND: TimeSpan = TimeSpan::milliseconds(100);
/// Each bid corrects the next ones' aim by its unexpected lateness divided by this.
const LAG_SHARE: i64 = 16;
/// From one auction's deadline to the next one's.
const STAGGER: TimeSpan = TimeSpan::milliseconds(120);
/// Before the first deadline: time to seed the auctions and start the server.
const SETTLING: TimeSpan = TimeSpan::seconds(8);
/// A raise just before the deadline sets another one.
const RAISE_WINDOW: TimeSpan = TimeSpan::seconds(3);
/// Runs before an unlucky one is told.
const TRIES_MAX: usize = 3;
const DEMANDS: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(5)), is_complete: true };

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct DeadlineFigures {
    /// Bids aimed at a deadline.
    pub bids: usize,
    /// Of these, stamped within five milliseconds of it.
    pub stamped_close: usize,
    /// Of these, stamped at it or later.
    pub stamped_late: usize,
    /// Number of auctions that ended.
    pub closed: usize,
    /// Things that clients did and were told.
    pub operations: usize,
    /// The whole run, in seconds.
    pub took_s: f64,
}

impl DeadlineFigures {
    /// The reason why these figures show nothing about deadlines.
    fn show_nothing(&self) -> Option<&'static str> {
        let Self { bids, stamped_close, stamped_late, .. } = *self;
        [
            (stamped_close == 0, "no bid was stamped close to its deadline"),
            (stamped_late == 0, "no bid was stamped after its deadline"),
            (stamped_late == bids, "no bid was stamped in time"),
        ]
        .into_iter()
        .find_map(|(is_so, reason)| is_so.then_some(reason))
    }
}

/// Aims at least `bids` bids at deadlines, and once more if a busy machine made all of them miss. The
/// findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on, or no bid came close to a deadline from either side in any of
/// `TRIES_MAX` tries.
pub async fn run(
    program: &Program,
    bids: usize,
    chance: &mut Chance,
) -> anyhow::Result<(DeadlineFigures, Vec<Finding>)> {
    for _ in 1..TRIES_MAX {
        let (figures, findings) = race_all(program, bids, chance).await?;
        if !findings.is_empty() || figures.show_nothing().is_none() {
            return Ok((figures, findings));
        }
    }
    let (figures, findings) = race_all(program, bids, chance).await?;
    if let (true, Some(reason)) = (findings.is_empty(), figures.show_nothing()) {
        bail!("this run shows nothing: {reason}");
    }
    Ok((figures, findings))
}

async fn race_all(
    program: &Program,
    bids: usize,
    chance: &mut Chance,
) -> anyhow::Result<(DeadlineFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let auctions = bids.div_ceil(BIDDERS);
    let spread = TimeSpan(STAGGER.0 * i64::try_from(auctions)?);
    // All have opened when the server starts, and none has ended.
    let first_window = TimeSpan(spread.0 + SETTLING.0);
    let rules = RuleProfile { raise_window: RAISE_WINDOW, ..unhurried(first_window) };
    let site = ServerProcess::new(program, rules.clone(), None).await?;
    let clock = Arc::new(SystemClock::start());
    let now = clock.now();
    let start = now - spread;
    let plan = Seeding { stagger: STAGGER, ..Seeding::new(auctions, BIDDERS + 1, rules, start) };
    let seeded = seed(&site.config, &plan, now).await?;
    let crowds: Vec<_> =
        (0..auctions).map(|no| Crowd::new(&seeded, no, &clock)).collect::<Result<_, _>>()?;
    let mut server = site.start().await?;
    let deadline = |no: usize| {
        start + first_window + TimeSpan(STAGGER.0 * i64::try_from(no).unwrap_or_default())
    };
    let port = site.port;
    let lag = Arc::new(AtomicI64::new(0));
    let racing = crowds.into_iter().enumerate().map(|(no, crowd)| {
        tokio::spawn(race(crowd, port, deadline(no), clock.clone(), lag.clone(), chance.branch()))
    });
    let racing: Vec<_> = racing.collect();
    let (mut figures, mut findings) = (DeadlineFigures::default(), Vec::new());
    let mut crowds = Vec::with_capacity(auctions);
    for (no, crowd) in racing.into_iter().enumerate() {
        let crowd = crowd.await??;
        figures.count(&crowd, deadline(no));
        crowds.push(crowd);
    }
    for crowd in &mut crowds {
        after_the_close(crowd, port, &site).await?;
        figures.closed += 1;
    }
    server.kill();
    for crowd in crowds {
        let operations = crowd.operations();
        figures.operations += operations.len();
        findings.extend(audit(&site.config, crowd.auction, &operations, DEMANDS).await?);
        findings.extend(crowd.findings());
    }
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

/// All bidders of one auction aim at its deadline.
async fn race(
    crowd: Crowd,
    port: u16,
    deadline: Timestamp,
    clock: Arc<SystemClock>,
    lag: Arc<AtomicI64>,
    mut chance: Chance,
) -> anyhow::Result<Crowd> {
    // Close to the deadline, so that only a few auctions' sockets are open at a time.
    clock.sleep_until(deadline - TimeSpan::seconds(2)).await;
    let mut crowd = crowd;
    crowd.bidders[0].look(&mut RawClient::open(port).await?).await;
    let seen = crowd.bidders[0].seen;
    let raiser = chance.below(BIDDERS as u64 * 2);
    let mut witness = crowd.bidders.pop().context("no bidders")?;
    witness.seen = seen;
    let aimed = crowd.bidders.into_iter().enumerate().map(|(no, mut bidder)| {
        let offset = i64::try_from(chance.time_below(AIM * 2).as_micros()).unwrap_or(0);
        let at =
            deadline - TimeSpan(i64::try_from(AIM.as_micros()).unwrap_or(0)) + TimeSpan(offset);
        let (clock, lag) = (clock.clone(), lag.clone());
        async move {
            let mut wire = RawClient::open(port).await?;
            bidder.seen = seen;
            let mut bid = bidder.raise()?;
            if no as u64 != raiser {
                let mut stale = bid.basis;
                stale.round += 7;
                bid = bidder.bid(stale, bid.amount)?;
            }
            // As much earlier as bids have been late so far: timers and sockets take their time.
            clock.sleep_until(at - AT_HAND).await;
            let usual = lag.load(Ordering::Relaxed);
            clock.sleep_until(at - TimeSpan(usual)).await;
            bidder.send(&mut wire, &bid).await;
            if let Some(stamp) = last_stamp(&bidder) {
                let late = (stamp - at).0 + usual;
                lag.store(usual + (late - usual) / LAG_SHARE, Ordering::Relaxed);
            }
            anyhow::Ok(bidder)
        }
    });
    let mut bidders: Vec<_> = join_all(aimed).await.into_iter().collect::<Result<_, _>>()?;
    bidders.push(witness);
    Ok(Crowd { auction: crowd.auction, bidders })
}

/// Waits until an auction has ended; a bid that comes then is late, too, and changes nothing.
async fn after_the_close(crowd: &mut Crowd, port: u16, site: &ServerProcess) -> anyhow::Result<()> {
    let url = format!("{}/v1/auctions/{}", site.config.public_origin, crowd.auction);
    let http = crate::outside::listening::client()?;
    until("the close", || async {
        let view: AuctionView = http.get(&url).send().await?.json().await?;
        Ok((view.auction.status != Status::Bidding).then_some(()))
    })
    .await?;
    let bidder = crowd.bidders.last_mut().context("no bidders")?;
    let raise = bidder.raise()?;
    bidder.send(&mut RawClient::open(port).await?, &raise).await;
    if bidder.operations.last().is_none_or(|last| !is_decided(last)) {
        let detail = format!("{}: a bid after the close", raise.bid);
        bidder.findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
    }
    Ok(())
}

fn last_stamp(bidder: &Bidder) -> Option<Timestamp> {
    match &bidder.operations.last()?.what {
        HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => Some(body.received_at),
        _ => None,
    }
}

fn is_decided(operation: &Operation) -> bool {
    matches!(&operation.what, HistoryEvent::Bid { answer: BidAnswer::Decided(_), .. })
}

impl DeadlineFigures {
    fn count(&mut self, crowd: &Crowd, deadline: Timestamp) {
        for operation in crowd.operations() {
            let HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } = &operation.what else {
                continue;
            };
            let off = body.received_at - deadline;
            self.bids += 1;
            self.stamped_close += usize::from(off.0.unsigned_abs() <= AIM.as_micros() as u64);
            self.stamped_late += usize::from(off >= TimeSpan::ZERO);
        }
    }
}
