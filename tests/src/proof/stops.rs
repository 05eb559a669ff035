//! A server that stands still across a deadline, alone or as one of two nodes: a bid that was sent in
//! time is decided as such, or the clock is stopped; it is never late, and nothing closes over it.

use super::bidder::Bidder;
use super::crowd::Crowd;
use super::history::{BidAnswer, Finding, HistoryEvent, Kind};
use super::process::{Program, Server, ServerProcess};
use super::wire::RawClient;
use crate::outside::listening::client;
use crate::world::postgres::{Cluster, Commits};
use crate::world::seed::{SeedPlan, seed, unhurried};
use crate::world::until;
use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use serde::Serialize;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Decision;

/// How long the server stands still: a little over a second, as long as others wait for a node, and
/// longer.
const STOPS: [Duration; 3] =
    [Duration::from_millis(1_400), Duration::from_millis(3_300), Duration::from_millis(9_000)];
/// From the stop to the deadline.
const BEFORE: TimeSpan = TimeSpan::milliseconds(300);
/// From the bid to the stop: it is stamped and perhaps decided; `None`: the bid is sent to a server
/// that stands still, which reads it after the deadline.
const AFTER_THE_BID: [Option<Duration>; 4] = [
    None,
    Some(Duration::from_micros(0)),
    Some(Duration::from_millis(2)),
    Some(Duration::from_millis(20)),
];
/// After the first raise; the first deadline is this far away.
const RAISE_WINDOW: TimeSpan = TimeSpan::seconds(4);

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct StopFigures {
    /// Times that a server stood still across a deadline.
    pub stops: usize,
    /// Of the bids sent before, those accepted.
    pub accepted: usize,
    /// Of the stops, those after which the auction's clock was stopped.
    pub suspended: usize,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// Stops a server on SQLite, or with `postgres` one of two nodes, in each way. The findings are
/// empty when all is well.
///
/// # Errors
/// When the harness itself can't go on.
pub async fn run(program: &Program, postgres: bool) -> anyhow::Result<(StopFigures, Vec<Finding>)> {
    let began = tokio::time::Instant::now();
    let (mut figures, mut findings) = (StopFigures::default(), Vec::new());
    for stop in STOPS {
        // Each with a server of its own; all stand still at the same time.
        let cases = AFTER_THE_BID.map(|after_the_bid| Case { stop, after_the_bid });
        for outcome in try_join_all(cases.map(|case| case.play(program, postgres))).await? {
            figures.stops += 1;
            figures.accepted += usize::from(outcome.accepted);
            figures.suspended += usize::from(outcome.suspended);
            findings.extend(outcome.findings);
        }
    }
    figures.took_s = began.elapsed().as_secs_f64();
    Ok((figures, findings))
}

#[derive(Debug, Default)]
struct Outcome {
    accepted: bool,
    suspended: bool,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    stop: Duration,
    after_the_bid: Option<Duration>,
}

impl Case {
    async fn play(self, program: &Program, postgres: bool) -> anyhow::Result<Outcome> {
        let cluster = match postgres {
            true => Some(Cluster::start(Commits::Durable).await?),
            false => None,
        };
        let url = cluster.as_ref().map(|cluster| cluster.url("postgres"));
        let rules = RuleProfile { raise_window: RAISE_WINDOW, ..unhurried(TimeSpan::minutes(10)) };
        let site = ServerProcess::new(program, rules.clone(), url.as_deref()).await?;
        let clock = Arc::new(SystemClock::start());
        let now = clock.now();
        let plan = SeedPlan::new(1, 2, rules, now - TimeSpan::seconds(1));
        let mut crowd = Crowd::new(&seed(&site.config, &plan, now).await?, 0, &clock)?;
        let server = site.start().await?;
        // The node that goes on, if there are two.
        let other = match url {
            Some(_) => Some(site.another().await?),
            None => None,
        };
        let _other = match &other {
            Some(other) => Some(other.start().await?),
            None => None,
        };
        ensure!(crowd.clear_up(site.port).await, "{}", site.said());
        let deadline = raised(&mut crowd.bidders[0], site.port).await?;
        let mut wire = RawClient::open(site.port).await?;
        crowd.bidders[1].look(&mut wire).await;
        let bid = crowd.bidders[1].raise()?;
        clock.sleep_until(deadline - BEFORE).await;
        if let Some(after_the_bid) = self.after_the_bid {
            crowd.bidders[1].send_unread(&mut wire, &bid).await?;
            sleep(after_the_bid).await;
        }
        signal(&server, "STOP")?;
        if self.after_the_bid.is_none() {
            crowd.bidders[1].send_unread(&mut wire, &bid).await?;
        }
        sleep(self.stop).await;
        signal(&server, "CONT")?;
        crowd.bidders[1].hear(&mut wire, &bid).await;
        let answer = answer(&crowd.bidders[1]);
        let end = self.end(&site, &crowd, deadline, &clock).await?;
        let mut outcome = Outcome {
            accepted: answer == Some(Decision::Accepted),
            suspended: end.suspension.is_some(),
            findings: Vec::new(),
        };
        // Accepted, or nothing closed and everyone is told the same.
        let is_stopped = outcome.suspended && end.status == Status::Bidding;
        if !outcome.accepted && !is_stopped {
            let detail = format!("{self:?}: {answer:?}, then {:?}", end.status);
            outcome.findings.push(Finding::new(Kind::ShutOut, detail));
        }
        if let Some(Decision::Refused(reason)) = answer
            && reason != BidRejection::Suspended
        {
            let detail = format!("{self:?}: sent in time, refused: {reason}");
            outcome.findings.push(Finding::new(Kind::WronglyRefused, detail));
        }
        Ok(outcome)
    }

    /// The auction once its window has ended, with or without another raise.
    async fn end(
        self,
        site: &ServerProcess,
        crowd: &Crowd,
        deadline: Timestamp,
        clock: &SystemClock,
    ) -> anyhow::Result<Auction> {
        let url = format!("{}/v1/auctions/{}", site.config.public_origin, crowd.auction);
        let http = client()?;
        until("the end of the window", || async {
            let view: AuctionView = http.get(&url).send().await?.json().await?;
            let auction = view.auction;
            let is_raised = auction.closes_at().is_some_and(|closes_at| closes_at > deadline);
            let is_over = auction.suspension.is_some()
                || auction.status != Status::Bidding
                || (is_raised && clock.now() > deadline);
            Ok(is_over.then_some(auction))
        })
        .await
    }
}

/// Makes the first raise; returns the deadline that it sets.
async fn raised(bidder: &mut Bidder, port: u16) -> anyhow::Result<Timestamp> {
    let (mut wire, bid) = (RawClient::open(port).await?, bidder.raise()?);
    bidder.send(&mut wire, &bid).await;
    let last = bidder.operations.last().context("no answer")?;
    match &last.what {
        HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => {
            body.deadline.context("no deadline")
        }
        other => anyhow::bail!("the first raise: {other:?}"),
    }
}

fn answer(bidder: &Bidder) -> Option<Decision> {
    match &bidder.operations.last()?.what {
        HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => Some(body.decision),
        _ => None,
    }
}

fn signal(server: &Server, name: &str) -> anyhow::Result<()> {
    let sent =
        Command::new("kill").arg(format!("-{name}")).arg(server.id().to_string()).status()?;
    ensure!(sent.success(), "the signal {name} was not sent");
    Ok(())
}
