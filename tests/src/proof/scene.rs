//! One bid across one deadline, while something breaks: it is sent before the deadline, and again
//! under the same id until it is decided. It is accepted, or the clock is stopped; it is never late,
//! and nothing closes over it.

use super::bidder::Bidder;
use super::crowd::Crowd;
use super::db_audit::audit;
use super::history::{BidAnswer, Demands, Finding, HistoryEvent, Kind};
use super::process::{Server, ServerProcess};
use super::wire::RawClient;
use crate::outside::listening::client;
use crate::world::seed::{SeedPlan, seed, unhurried};
use crate::world::until;
use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Decision;

/// From the first sending of the bid to the deadline: what keeps it from being decided for all that
/// time is an outage, which is a second or more.
const BEFORE: TimeSpan = TimeSpan::milliseconds(1_200);
/// A bid that this harness itself has sent later than so long before the deadline says nothing.
const SENT_BEFORE: TimeSpan = TimeSpan::milliseconds(1_000);
/// After the first raise.
const RAISE_WINDOW: TimeSpan = TimeSpan::seconds(4);
/// Longest wait for one answer; then the bid is sent again.
const ANSWER_WAIT: Duration = Duration::from_secs(4);
/// First, and last, answers named in a finding.
const ANSWERS_SHOWN: usize = 4;
/// Between two sendings of a bid that was not decided.
const AGAIN: Duration = Duration::from_millis(20);
/// A bid is sent again for so long.
const INSISTS: Duration = Duration::from_secs(45);

/// Totals of a run.
#[derive(Debug, Default, Serialize)]
pub struct SceneFigures {
    /// Deadlines across which something broke.
    pub rounds: usize,
    /// Of the bids sent before, those accepted.
    pub accepted: usize,
    /// Of the rounds, those in which the auction's clock was stopped.
    pub suspended: usize,
    /// Of the rounds, those that show nothing: a busy machine kept the harness from sending in time,
    /// or no bid was accepted while something broke.
    pub void: usize,
    /// Calls of all bidders, all held against the log.
    pub operations: usize,
    /// The whole run, in seconds.
    pub took_s: f64,
}

/// The end of one round.
#[derive(Debug, Default)]
pub struct SceneEnd {
    accepted: bool,
    suspended: bool,
    is_void: bool,
    operations: usize,
    findings: Vec<Finding>,
}

impl SceneFigures {
    /// Counts a round; returns its findings.
    pub fn count(&mut self, end: SceneEnd) -> Vec<Finding> {
        self.rounds += 1;
        self.accepted += usize::from(end.accepted);
        self.suspended += usize::from(end.suspended);
        self.void += usize::from(end.is_void);
        self.operations += end.operations;
        end.findings
    }

    /// Closes the totals of a run that began at `began`.
    ///
    /// # Errors
    /// When there are no findings only because nothing was shown: no round was played, or more than
    /// half of them are void.
    pub fn conclude(
        mut self,
        began: Instant,
        findings: Vec<Finding>,
    ) -> anyhow::Result<(Self, Vec<Finding>)> {
        self.took_s = began.elapsed().as_secs_f64();
        let (void, rounds) = (self.void, self.rounds);
        if findings.is_empty() {
            ensure!(rounds > 0, "this run shows nothing: no round was played");
            ensure!(
                void.saturating_mul(2) <= rounds,
                "this run shows nothing: {void} of {rounds} rounds are void, on a machine too busy \
                 to send a bid {} ms before the deadline, or without a bid accepted",
                SENT_BEFORE.0 / 1_000,
            );
        }
        Ok((self, findings))
    }
}

/// The rules of a round's auction.
pub fn rules() -> RuleProfile {
    RuleProfile { raise_window: RAISE_WINDOW, ..unhurried(TimeSpan::minutes(10)) }
}

/// An auction in its bidding, with one raise, and the nodes that run it.
pub struct Scene {
    pub crowd: Crowd,
    /// The machine's clock, which nothing breaks.
    pub clock: Arc<SystemClock>,
    /// The end of the window.
    pub deadline: Timestamp,
    config: Config,
    sites: Vec<ServerProcess>,
    servers: Vec<Server>,
}

impl Scene {
    /// Starts these nodes on a new auction. `config` names the database as this process reaches it.
    ///
    /// # Errors
    /// When a node does not start, or the first raise is not accepted.
    pub async fn begin(config: &Config, sites: Vec<ServerProcess>) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock::start());
        let now = clock.now();
        let plan = SeedPlan::new(1, 2, config.rules.clone(), now - TimeSpan::seconds(1));
        let mut crowd = Crowd::new(&seed(config, &plan, now).await?, 0, &clock)?;
        let mut servers = Vec::new();
        for site in &sites {
            servers.push(site.start().await?);
        }
        let first = sites.first().context("no node")?;
        let mut wire = RawClient::open_at(first.address()).await?;
        for bidder in &mut crowd.bidders {
            ensure!(bidder.look(&mut wire).await, "{}", first.said());
        }
        let deadline = raised(&mut crowd.bidders[0], &mut wire).await?;
        crowd.bidders[1].look(&mut wire).await;
        let config = config.clone();
        Ok(Self { crowd, clock, deadline, config, sites, servers })
    }

    /// Completes so long before the deadline, by the machine's clock.
    pub fn moment_before(&self, before: TimeSpan) -> impl Future<Output = ()> + use<> {
        self.clock.sleep_until(self.deadline - before)
    }

    /// The address of a node.
    pub fn address(&self, node: usize) -> SocketAddr {
        self.sites[node].address()
    }

    /// Sends the second bidder's raise to a node `BEFORE` the deadline, and again until it is
    /// decided; then holds everything against what is left in the database.
    ///
    /// # Errors
    /// When the harness itself can't go on.
    pub async fn bid_across(mut self, node: usize, case: &str) -> anyhow::Result<SceneEnd> {
        let address = self.address(node);
        let bid = self.crowd.bidders[1].raise()?;
        self.moment_before(BEFORE).await;
        let decision = insist(&mut self.crowd.bidders[1], address, &bid).await;
        let auction = self.end().await?;
        let mut end = SceneEnd {
            accepted: decision == Some(Decision::Accepted),
            suspended: auction.suspension.is_some(),
            is_void: self.sent_at(&bid).is_none_or(|at| at > self.deadline - SENT_BEFORE),
            operations: self.crowd.operations().len(),
            findings: self.crowd.findings(),
        };
        let is_stopped = end.suspended && auction.status == Status::Bidding;
        if !end.is_void && !end.accepted && !is_stopped {
            let detail = format!("then {:?}; {}", auction.status, self.answers(&bid));
            end.findings.push(Finding::new(Kind::ShutOut, detail));
        }
        if let Some(Decision::Refused(reason)) = decision
            && !end.is_void
            && reason != BidRejection::Suspended
        {
            let detail = format!("refused: {reason}; {}", self.answers(&bid));
            end.findings.push(Finding::new(Kind::WronglyRefused, detail));
        }
        end.findings.extend(self.audited().await?);
        for finding in &mut end.findings {
            finding.detail = format!("{case}: {}", finding.detail);
        }
        Ok(end)
    }

    /// Both bidders raise by turns until `stop`, whatever breaks; then what is unclear is cleared up
    /// and everything held against the log: no acknowledged bid is lost.
    ///
    /// # Errors
    /// When the harness itself can't go on.
    pub async fn bid_until(
        mut self,
        stop: impl Future<Output = anyhow::Result<()>>,
        case: &str,
    ) -> anyhow::Result<SceneEnd> {
        let address = self.address(0);
        let all = self.crowd.bidders.iter_mut().map(|bidder| raise_on(bidder, address));
        tokio::select! {
            _ = join_all(all) => {}
            stopped = stop => stopped?,
        }
        for bidder in &mut self.crowd.bidders {
            for bid in std::mem::take(&mut bidder.unclear) {
                insist(bidder, address, &bid).await;
            }
        }
        let auction = self.end().await?;
        let operations = self.crowd.operations();
        let all_accepted = operations.iter().filter(|operation| {
            matches!(&operation.what, HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. }
                if body.decision == Decision::Accepted)
        });
        // The first raise was made before anything broke.
        let accepted = all_accepted.count() > 1;
        let mut findings = self.crowd.findings();
        findings.extend(self.audited().await?);
        for finding in &mut findings {
            finding.detail = format!("{case}: {}", finding.detail);
        }
        let (suspended, operations) = (auction.suspension.is_some(), operations.len());
        Ok(SceneEnd { accepted, suspended, is_void: !accepted, operations, findings })
    }

    /// The calls about a bid, by their moments.
    fn calls<'a>(
        &'a self,
        bid: &'a PlaceBid,
    ) -> impl Iterator<Item = (Timestamp, &'a BidAnswer)> + 'a {
        let all = self.crowd.bidders[1].operations.iter();
        all.filter_map(|operation| match &operation.what {
            HistoryEvent::Bid { bid: of, answer } if of.id == bid.bid => {
                Some((operation.invoked, answer))
            }
            _ => None,
        })
    }

    fn sent_at(&self, bid: &PlaceBid) -> Option<Timestamp> {
        self.calls(bid).map(|(at, _)| at).next()
    }

    /// The first and last answers to a bid, with the milliseconds until the deadline.
    fn answers(&self, bid: &PlaceBid) -> String {
        let told = self.calls(bid).map(|(at, answer)| {
            let left = (self.deadline - at).0 / 1_000;
            match answer {
                BidAnswer::Decided(body) => format!("{left} ms before: {:?}", body.decision),
                other => format!("{left} ms before: {other:?}"),
            }
        });
        let told: Vec<String> = told.collect();
        let shown = told.iter().take(ANSWERS_SHOWN).chain(told.iter().rev().take(ANSWERS_SHOWN));
        shown.cloned().collect::<Vec<_>>().join(", ")
    }

    async fn audited(&mut self) -> anyhow::Result<Vec<Finding>> {
        self.servers.clear();
        let demands = Demands { clocks_apart_max: None, is_complete: true };
        audit(&self.config, self.crowd.auction, &self.crowd.operations(), demands).await
    }

    /// The auction once its window has ended, with or without another raise.
    async fn end(&self) -> anyhow::Result<Auction> {
        let urls = self
            .sites
            .iter()
            .map(|site| format!("http://{}/v1/auctions/{}", site.address(), self.crowd.auction));
        let urls: Vec<String> = urls.collect();
        let http = client()?;
        until("the end of the window", || async {
            for url in &urls {
                // A node that does not answer yet is asked again.
                let Ok(answer) = http.get(url).send().await else { continue };
                let Ok(view) = answer.json::<AuctionView>().await else { continue };
                let auction = view.auction;
                let is_raised = auction.closes_at().is_some_and(|end| end > self.deadline);
                let is_over = auction.suspension.is_some()
                    || auction.status != Status::Bidding
                    || (is_raised && self.clock.now() > self.deadline);
                if is_over {
                    return Ok(Some(auction));
                }
            }
            Ok(None)
        })
        .await
    }
}

/// Sends a bid again and again, under one id, until it is decided.
async fn insist(bidder: &mut Bidder, address: SocketAddr, bid: &PlaceBid) -> Option<Decision> {
    let until = Instant::now() + INSISTS;
    while Instant::now() < until {
        if let Some(decision) = send(bidder, address, bid).await {
            return Some(decision);
        }
        sleep(AGAIN).await;
    }
    None
}

/// Sends a bid once; its decision, if there is one.
async fn send(bidder: &mut Bidder, address: SocketAddr, bid: &PlaceBid) -> Option<Decision> {
    let mut wire = timeout(ANSWER_WAIT, RawClient::open_at(address)).await.ok()?.ok()?;
    bidder.send_unread(&mut wire, bid).await.ok()?;
    match timeout(ANSWER_WAIT, bidder.hear(&mut wire, bid)).await {
        Ok(true) => decided(bidder, bid),
        _ => None,
    }
}

async fn raise_on(bidder: &mut Bidder, address: SocketAddr) {
    loop {
        if let Ok(Ok(mut wire)) = timeout(ANSWER_WAIT, RawClient::open_at(address)).await {
            let _ = timeout(ANSWER_WAIT, bidder.look(&mut wire)).await;
        }
        let Ok(bid) = bidder.raise() else { return };
        // Unclear until it is decided, also if this is broken off.
        bidder.unclear.push(bid.clone());
        if send(bidder, address, &bid).await.is_some() {
            bidder.unclear.retain(|unclear| unclear.bid != bid.bid);
        }
        sleep(AGAIN).await;
    }
}

/// Makes the first raise, as often as a node that has just started is too busy for it; returns the
/// deadline that it sets.
async fn raised(bidder: &mut Bidder, wire: &mut RawClient) -> anyhow::Result<Timestamp> {
    let (bid, until) = (bidder.raise()?, Instant::now() + INSISTS);
    loop {
        bidder.send(wire, &bid).await;
        let last = bidder.operations.last().context("no answer")?;
        match &last.what {
            HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => {
                return body.deadline.context("no deadline");
            }
            other => ensure!(Instant::now() < until, "the first raise: {other:?}"),
        }
        sleep(AGAIN).await;
    }
}

fn decided(bidder: &Bidder, bid: &PlaceBid) -> Option<Decision> {
    match &bidder.operations.last()?.what {
        HistoryEvent::Bid { bid: of, answer: BidAnswer::Decided(body) } if of.id == bid.bid => {
            Some(body.decision)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concluded(void: usize, rounds: usize, findings: Vec<Finding>) -> Result<usize, String> {
        let mut figures = SceneFigures::default();
        for round in 0..rounds {
            figures.count(SceneEnd { is_void: round < void, ..SceneEnd::default() });
        }
        let concluded = figures.conclude(Instant::now(), findings);
        concluded.map(|(figures, _)| figures.void).map_err(|error| error.to_string())
    }

    #[test]
    fn a_run_that_is_void_for_more_than_half_is_an_error_and_not_a_proof() {
        for (void, rounds) in [(0, 1), (1, 2), (4, 8), (4, 9)] {
            assert_eq!(concluded(void, rounds, Vec::new()), Ok(void), "{void} of {rounds}");
        }
        for (void, rounds) in [(1, 1), (2, 3), (5, 8), (9, 9)] {
            let error = concluded(void, rounds, Vec::new()).unwrap_err();
            assert!(error.contains(&format!("{void} of {rounds} rounds are void")), "{error}");
        }
        assert!(concluded(0, 0, Vec::new()).unwrap_err().contains("no round"));
        // What was found counts, however little was shown.
        let found = vec![Finding::new(Kind::ShutOut, String::new())];
        assert_eq!(concluded(3, 3, found), Ok(3));
    }
}
