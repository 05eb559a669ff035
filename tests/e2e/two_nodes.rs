//! Several nodes on one PostgreSQL database, without a leader. On SQLite there is one node, and
//! these tests have nothing to show.

use anyhow::{Context as _, ensure};
use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use toruk_server::clock::{Clock as _, DatabaseClock, SystemClock};
use toruk_server::identity::Role;
use toruk_sync::domain::application::Status;
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::id::{AuctionId, BidId, IntentId};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::HEARTBEAT_MS;
use toruk_sync::receipt::{Decision, GENESIS, Hash, Receipt, Record, link};
use toruk_tests::world::answer;
use toruk_tests::world::api_client::{ApiClient, random_uuid};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres::{self, Cluster, Commits};
use toruk_tests::world::process::NodeProcess;
use toruk_tests::world::until;

/// Number of bidders that race.
const RACERS: usize = 20;
/// Raises in the log before a node is killed, and at the end.
const RAISES: [usize; 2] = [8, 20];
/// Bids that a watcher on the other node waits for.
const WATCHED: usize = 5;
/// A bid's receipt is asked for this often before it counts as never arrived.
const ASKED_MAX: u32 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_bidders_on_two_nodes_make_one_log_and_a_killed_node_takes_nothing_with_it()
-> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (mut stage, mut clients) = OpenAuction::open_at(SystemClock::start().now(), RACERS).await?;
    // Setting the stage took real time; to the nodes it must be no outage.
    stage.clock.set(SystemClock::start().now());
    stage.world.stop_server().await;
    let mut first = NodeProcess::serve(&stage.world).await?;
    let second = NodeProcess::node(&stage.world).await?;
    let survivor = second.origin.clone();
    for (position, client) in clients.iter_mut().enumerate() {
        if position % 2 == 1 {
            client.origin.clone_from(&survivor);
        }
    }
    let race = Arc::new(Race::default());
    let auction = stage.auction;
    let racers = clients.into_iter().map(|client| {
        let (race, survivor) = (race.clone(), survivor.clone());
        tokio::spawn(async move { race.run(client, auction, survivor).await })
    });
    let racers: Vec<_> = racers.collect();
    race.until(RAISES[0]).await?;
    first.kill()?;
    race.until(RAISES[1]).await?;
    race.is_over.store(true, Ordering::Relaxed);
    let mut receipts = Vec::new();
    for racer in racers {
        receipts.extend(racer.await??);
    }

    let log = log(&stage.world.http()?, &survivor, auction).await?;
    check(&log, &receipts, auction)?;
    let survived = receipts.iter().filter(|receipt| receipt.body.decision == Decision::Accepted);
    ensure!(survived.count() >= RAISES[1], "the race was not run");
    Ok(())
}

/// State that the racing bidders share.
#[derive(Default)]
struct Race {
    raises: AtomicUsize,
    is_over: AtomicBool,
}

impl Race {
    /// Bids on the price shown until the race is over. Returns the bidder's receipts. When the
    /// bidder's node is gone, the bidder turns to the surviving node and asks it what became of the
    /// bid.
    async fn run(
        &self,
        mut client: ApiClient,
        auction: AuctionId,
        survivor: String,
    ) -> anyhow::Result<Vec<Receipt>> {
        let mut receipts = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            let view = match view(&client, auction).await {
                Ok(view) => view,
                Err(_) if client.origin != survivor => {
                    client.origin.clone_from(&survivor);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let bid = client.raise(&view)?;
            let receipt = match client.send(&view, &bid).await {
                Ok(answer) => client.receipt(&bid, &answer)?,
                Err(error) => {
                    ensure!(client.origin != survivor, "the survivor fell silent: {error:?}");
                    client.origin.clone_from(&survivor);
                    settle(&client, &view, &bid).await?
                }
            };
            if receipt.body.decision == Decision::Accepted {
                self.raises.fetch_add(1, Ordering::Relaxed);
            }
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    async fn until(&self, raises: usize) -> anyhow::Result<()> {
        until("enough raises", || async {
            Ok((self.raises.load(Ordering::Relaxed) >= raises).then_some(()))
        })
        .await
    }
}

/// The fate of a bid whose answer was lost: known, or it is sent again.
pub async fn settle(
    client: &ApiClient,
    view: &AuctionView,
    bid: &PlaceBid,
) -> anyhow::Result<Receipt> {
    for _ in 0..ASKED_MAX {
        let asked = client.get(&format!("/v1/bids/{}", bid.bid)).await?;
        if asked.status == 200 {
            return client.receipt(bid, &asked);
        }
        let sent = client.send(view, bid).await?;
        if sent.status < 300 {
            return client.receipt(bid, &sent);
        }
    }
    anyhow::bail!("nobody knows what became of {}", bid.bid)
}

/// The log is gapless, prices rise by one step, and every receipt says what stands in it.
pub fn check(log: &[Record], receipts: &[Receipt], auction: AuctionId) -> anyhow::Result<()> {
    let mut heads: BTreeMap<u64, Hash> = BTreeMap::new();
    let mut head = GENESIS;
    for (position, record) in log.iter().enumerate() {
        ensure!(record.seq == position as u64 + 1, "a gap before {}", record.seq);
        ensure!(record.auction == auction, "another auction's record");
        head = link(&head, record);
        heads.insert(record.seq, head);
    }
    let placed = |record: &Record| match record.event {
        Event::BidPlaced { bid, .. } => Some(bid),
        _ => None,
    };
    let mut placed: Vec<BidId> = log.iter().filter_map(placed).collect();
    let accepted = receipts.iter().filter(|known| known.body.decision == Decision::Accepted);
    let mut accepted: Vec<(u64, BidId)> =
        accepted.map(|receipt| (receipt.body.seq, receipt.body.bid)).collect();
    accepted.sort();
    ensure!(
        accepted.iter().map(|(_, bid)| *bid).collect::<Vec<_>>() == placed,
        "receipts and log differ"
    );
    placed.sort();
    placed.dedup();
    ensure!(placed.len() == accepted.len(), "a bid counts twice");
    for receipt in receipts {
        let body = &receipt.body;
        let known = heads.get(&body.seq).map(hex::encode);
        ensure!(known.as_ref() == Some(&body.head), "a receipt of another log: {body:?}");
        ensure!(body.received_at <= body.decided_at, "decided before it came: {body:?}");
    }
    Ok(())
}

async fn view(client: &ApiClient, auction: AuctionId) -> anyhow::Result<AuctionView> {
    client.get(&format!("/v1/auctions/{auction}")).await?.json()
}

/// The whole log, page by page.
pub async fn log(
    http: &reqwest::Client,
    origin: &str,
    auction: AuctionId,
) -> anyhow::Result<Vec<Record>> {
    let mut log: Vec<Record> = Vec::new();
    loop {
        let after = log.last().map_or(0, |record| record.seq);
        let url = format!("{origin}/v1/auctions/{auction}/log?after={after}");
        let page: Vec<Record> = answer::read(http.get(url)).await?;
        if page.is_empty() {
            return Ok(log);
        }
        log.extend(page);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_on_one_node_sees_what_was_bid_on_the_other_before_its_own_next_look()
-> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(2).await?;
    let other = stage.world.start_node().await?;
    let url = format!("{}/v1/live?follow={}", other.origin, stage.auction);
    let stream = reqwest::Client::new().get(url).send().await?.error_for_status()?;
    let mut chunks = stream.bytes_stream();
    let (mut seen, mut waits) = (String::new(), Vec::new());
    for round in 0..WATCHED {
        let client = &clients[round % 2];
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        let receipt = client.bid(&view, &bid).await?;
        assert_eq!(receipt.body.decision, Decision::Accepted);
        let told = Instant::now();
        let id = bid.bid.to_string();
        let look = async {
            while !seen.contains(&id) {
                let chunk = chunks.next().await.context("the stream ended")??;
                seen.push_str(std::str::from_utf8(&chunk)?);
            }
            anyhow::Ok(())
        };
        timeout(Duration::from_millis(HEARTBEAT_MS) * 5, look).await.context("never seen")??;
        waits.push(told.elapsed());
        stage.clock.advance(TimeSpan::seconds(2));
    }
    waits.sort();
    let median = waits[WATCHED / 2];
    assert!(median < Duration::from_millis(HEARTBEAT_MS) / 3, "not woken: {waits:?}");
    other.running.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_what_is_due_once() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(3).await?;
    let other = stage.world.start_node().await?;
    let view = stage.view().await?;
    let bid = clients[0].raise(&view)?;
    clients[0].bid(&view, &bid).await?;
    let drained = stage.view().await?.auction.wake_at().context("nothing is due")?;
    stage.clock.set(drained);
    let nodes = [stage.world.state().clone(), other.running.state.clone()];
    for _ in 0..5 {
        try_join_all(nodes.iter().map(|node| node.auctions.tick_due())).await?;
    }
    let log = log(&stage.world.http()?, &other.origin, stage.auction).await?;
    let closed = log.iter().filter(|known| matches!(known.event, Event::BiddingClosed { .. }));
    assert_eq!(closed.count(), 1);
    for (position, record) in log.iter().enumerate() {
        assert_eq!(record.seq, position as u64 + 1);
    }
    other.running.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_a_receipt_key_of_its_own_does_not_start() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let mut stage = OpenAuction::published().await?;
    let elsewhere = tempfile::tempdir()?;
    stage.world.config.data_dir = elsewhere.path().to_owned();
    let error = stage.world.start_node().await.err().context("it serves")?.to_string();
    assert!(error.contains("receipt.key"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_two_nodes_hear_of_is_credited_once() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let stage = OpenAuction::published().await?;
    let other = stage.world.start_node().await?;
    let nodes = [stage.world.state().clone(), other.running.state.clone()];
    let cashier = stage.world.official(Role::Finance, "Cashier").await?.official;
    let mut expected = 0;
    for round in 0..5 {
        let client = ApiClient::register(&stage.world, &format!("Payer {round}")).await?;
        let application = client.apply(&stage.view().await?).await?;
        let id = IntentId(random_uuid()?);
        let begun = client.begin_payment(application, id, Channel::WalletCode).await?;
        let intent: Intent = begun.json()?;
        // The payment system calls back, and both workers ask, all at the same moment.
        stage.world.payments.pay_code(&intent.code.context("no code")?, intent.amount.get())?;
        try_join_all(nodes.iter().map(|node| node.deposits.reconcile(id))).await?;
        let settled = client.mine(application).await?.application.status;
        assert_eq!(settled, Status::Eligible, "round {round}");
        expected += intent.amount.get();
    }
    let balances = nodes[1].deposits.balances(&cashier).await?;
    let of = |account: &str| {
        balances.iter().find(|known| known.account == account).map(|known| known.amount_tyiyn)
    };
    assert_eq!((of("deposits"), of("unmatched")), (Some(expected), Some(0)));
    other.running.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nodes_clock_shows_the_databases_time_and_says_so_when_it_can_not() -> anyhow::Result<()>
{
    if !postgres::is_chosen() {
        return Ok(());
    }
    let cluster = Cluster::start(Commits::Fast).await?;
    let clock = DatabaseClock::connect(&cluster.url("postgres")).await?;
    // Both read this machine's clock, so their distance is what the way costs.
    let machine = SystemClock::start();
    for _ in 0..100 {
        let (before, shown, after) = (machine.now(), clock.read(), machine.now());
        let early = shown.now + shown.uncertainty < before;
        let late = shown.now - shown.uncertainty > after;
        assert!(!early && !late, "{before:?} {shown:?} {after:?}");
    }
    assert!(clock.is_trusted());
    drop(cluster);
    let doubt = TimeSpan(clock.uncertainty().0 + 500);
    until("doubt", || async { Ok((clock.uncertainty() > doubt).then_some(())) }).await?;
    Ok(())
}
