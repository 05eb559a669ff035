//! Bids whose connections end right behind the last byte, and bids that come in a burst: each is
//! decided, in the order in which they came.
//!
//! # Why
//! A client that waits for its answer on an idle server hides both: that its bid is only decided
//! because it stayed, and that the bid was stamped when its turn came and not when it arrived.

use super::crowd::{self, Crowd};
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, Findings, HistoryEvent, Kind};
use super::process::{Program, ServerProcess};
use super::wire::{Ending, RawClient};
use crate::world::seed::unhurried;
use anyhow::ensure;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use toruk_server::clock::SystemClock;
use toruk_sync::domain::id::BidId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::PlaceBid;

/// Bids of each way to end a connection.
const ENDINGS: usize = 20;
/// Bids of a burst that keep the server busy.
const FIRST: usize = 32;
/// Bids sent while it is.
const SECOND: usize = 8;
/// Pause between the two.
const APART: Duration = Duration::from_millis(2);
/// The shortest head start that must count, and the largest inversion of stamps that may be.
const HEAD_START: TimeSpan = TimeSpan::milliseconds(1);
/// A bid that is answered within this must have been decided before all that came later: the server
/// lets those wait for it.
const ANSWERED_WITHIN: TimeSpan = TimeSpan::milliseconds(400);
const BURSTS: usize = 12;
/// Pause before asking again what became of a bid, and how often it is asked.
const ASK_EVERY: Duration = Duration::from_millis(20);
const ASKS_MAX: usize = 250;
const DEMANDS: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(5)), is_complete: true };

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct ArrivalFigures {
    /// Bids whose connection ended right behind the last byte.
    pub hung_up: usize,
    /// Of these, the ones that were answered on a half-closed connection.
    pub answered: usize,
    /// Pairs of bids of one burst, the earlier one with a head start of over a millisecond.
    pub pairs: usize,
    /// From a bid's sending to its stamp, at most, in milliseconds.
    pub stamped_after_ms_max: f64,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// Hangs up, and bids in bursts. The findings are empty when all is well.
///
/// # Errors
/// When the harness itself can't go on.
pub async fn run(program: &Program) -> anyhow::Result<(ArrivalFigures, Vec<Finding>)> {
    let began = Instant::now();
    let site = ServerProcess::new(program, unhurried(TimeSpan::days(2)), None).await?;
    let mut crowd = crowd::open(&site, FIRST + SECOND, &Arc::new(SystemClock::start())).await?;
    let mut server = site.start().await?;
    ensure!(crowd.clear_up(site.port).await, "{}", site.said());
    let (mut figures, mut findings) = (ArrivalFigures::default(), Findings::default());
    for no in 0..ENDINGS {
        for ending in [Ending::Closed, Ending::Reset, Ending::HalfClosed] {
            if !findings.is_empty() {
                break;
            }
            hang_up(&mut crowd, no % 2, site.port, ending, &mut figures, &mut findings).await?;
        }
    }
    for _ in 0..BURSTS {
        if findings.is_empty() {
            burst(&mut crowd, site.port, &mut figures, &mut findings).await?;
        }
    }
    server.kill();
    let mut findings = findings.into_vec();
    findings.extend(crowd.findings());
    findings.extend(audit(&site.config, crowd.auction, &crowd.operations(), DEMANDS).await?);
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

/// Sends a bid, ends the connection, and asks on another one what became of it.
async fn hang_up(
    crowd: &mut Crowd,
    no: usize,
    port: u16,
    ending: Ending,
    figures: &mut ArrivalFigures,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut wire = RawClient::open(port).await?;
    let bidder = &mut crowd.bidders[no];
    bidder.look(&mut wire).await;
    let bid = bidder.raise()?;
    let mut ended = RawClient::open(port).await?;
    bidder.send_unread(&mut ended, &bid).await?;
    figures.hung_up += 1;
    if let Some(mut ended) = ended.end(ending).await? {
        if bidder.hear(&mut ended, &bid).await {
            figures.answered += 1;
        } else {
            findings.add(Kind::SoundBidTurnedAway, || format!("{ending:?}: no answer"));
        }
    }
    for _ in 0..ASKS_MAX {
        crowd.bidders[no].ask_by_name(&mut wire, &bid).await;
        if stamp(crowd, no, bid.bid).is_some() {
            return Ok(());
        }
        sleep(ASK_EVERY).await;
    }
    findings.add(Kind::SoundBidTurnedAway, || format!("{ending:?}: {} is nowhere", bid.bid));
    Ok(())
}

/// All bid, each after the one before; the last of them while the first are being checked.
async fn burst(
    crowd: &mut Crowd,
    port: u16,
    figures: &mut ArrivalFigures,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut ready: Vec<(RawClient, PlaceBid)> = Vec::new();
    for bidder in &mut crowd.bidders {
        let mut wire = RawClient::open(port).await?;
        bidder.look(&mut wire).await;
        ready.push((wire, bidder.raise()?));
    }
    for (no, (wire, bid)) in ready.iter_mut().enumerate() {
        if no == FIRST {
            sleep(APART).await;
        }
        crowd.bidders[no].send_unread(wire, bid).await?;
    }
    let sent: Vec<_> = (0..ready.len()).map(|no| last_sent(crowd, no)).collect();
    let mut answered = Vec::with_capacity(ready.len());
    for (no, (wire, bid)) in ready.iter_mut().enumerate() {
        crowd.bidders[no].hear(wire, bid).await;
        let last = crowd.bidders[no].operations.last();
        answered.push(last.and_then(|last| last.returned).unwrap_or(Timestamp(i64::MAX)));
    }
    let bids = ready.iter().enumerate();
    let stamps: Vec<_> = bids.map(|(no, (_, bid))| stamp(crowd, no, bid.bid)).collect();
    for (sent, stamp) in sent.iter().zip(&stamps) {
        let Some(stamp) = stamp else { continue };
        let after = (*stamp - *sent).0 as f64 / 1_000.0;
        figures.stamped_after_ms_max = figures.stamped_after_ms_max.max(after);
    }
    for early in 0..FIRST {
        for late in FIRST..sent.len() {
            let (Some(first), Some(second)) = (stamps[early], stamps[late]) else { continue };
            // The next one was sent when this one had been.
            let head_start = sent[late] - sent[early + 1];
            if head_start <= HEAD_START {
                continue;
            }
            figures.pairs += 1;
            let by = first - second;
            let is_quick = answered[early] - sent[early] < ANSWERED_WITHIN;
            if by > HEAD_START || is_quick && by > TimeSpan::ZERO {
                findings.add(Kind::OvertakenOnArrival, || {
                    format!("sent {} us earlier, stamped {} us later", head_start.0, by.0)
                });
            }
        }
    }
    Ok(())
}

fn last_sent(crowd: &Crowd, no: usize) -> Timestamp {
    crowd.bidders[no].operations.last().map_or(Timestamp(0), |last| last.invoked)
}

fn stamp(crowd: &Crowd, no: usize, bid: BidId) -> Option<Timestamp> {
    crowd.bidders[no].operations.iter().rev().find_map(|operation| match &operation.what {
        HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } if body.bid == bid => {
            Some(body.received_at)
        }
        _ => None,
    })
}
