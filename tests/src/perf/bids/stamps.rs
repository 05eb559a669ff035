//! `cargo perf stamps`: who was first, under the load of a crowd. Pairs of bids are sent a known time
//! apart, each on a connection of its own, to a server in a process of its own; their receipts say
//! in which order they were stamped.

use super::load::{self, LoadBidder, Pace, Start, head};
use super::seeded_bidder;
use crate::outside::listening::{any_port, client};
use crate::perf::server::BenchServer;
use crate::perf::table::Table;
use crate::world::seed::{SeedPlan, seed, unhurried};
use anyhow::{Context as _, ensure};
use ring::rand::SystemRandom;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::protocol::catalogue::AuctionView;

/// Head starts of the first bid of a pair, in microseconds; they take turns.
const HEAD_STARTS_US: [u64; 5] = [0, 200, 500, 1_000, 1_500];
/// Pairs sent before their answers are read.
const AT_ONCE: usize = 25;
/// An inversion by more than this is unfair, microseconds.
const INVERTED_MAX_US: i64 = 1_000;
/// Duration of one round of the crowd.
const CROWD_ROUND: Duration = Duration::from_secs(2);
/// Far longer than an answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// What was seen of the pairs with one head start.
#[derive(Debug, Default, Clone, Copy)]
struct PairFigures {
    pairs: usize,
    undecided: usize,
    inverted: usize,
    inverted_over_1ms: usize,
    inversion_us_max: i64,
    lost_head_start_us_max: i64,
}

/// Sends at least so many pairs while so many clients bid as fast as they are answered.
///
/// # Errors
/// When the server or a client fails.
pub async fn run(pairs: usize, crowd: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let port = any_port().await?.local_addr()?.port();
    let (config, clock) = (Config::local(folder.path(), port), SystemClock::start());
    let rules = RuleProfile { allow_self_raise: true, ..unhurried(TimeSpan::hours(20)) };
    let (began, bidders) = (clock.now(), crowd + 2 * AT_ONCE);
    // The first auction is the crowd's, and each pair has one of its own: what a stamp must follow
    // in the log of one auction hides nothing here.
    let plan = SeedPlan::new(1 + AT_ONCE, bidders, rules, began - TimeSpan::minutes(1));
    let seeded = seed(&config, &plan, began).await?;
    let server = BenchServer::start_on(folder.path(), port).await?;
    let url = format!("http://localhost:{port}/v1/auctions/{}", seeded.auctions[0]);
    let view: AuctionView = client()?.get(url).send().await?.error_for_status()?.json().await?;
    let basis = view.auction.round.context("not open")?.basis();
    let step = view.auction.terms.context("no terms")?.minimal_step;
    let start = Start { basis, step };
    let mut all = Vec::with_capacity(bidders);
    for (no, seat) in seeded.seats.iter().enumerate() {
        let auction = if no < crowd { 0 } else { 1 + (no - crowd) / 2 };
        all.push(seeded_bidder(seat, seeded.auctions[auction], no)?);
    }
    let pairing = all.split_off(crowd);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let done = Arc::new(AtomicBool::new(false));
    let is_done = done.clone();
    let sending = tokio::task::spawn_blocking(move || {
        let sent = send(address, &pairing, start, pairs);
        is_done.store(true, Ordering::Release);
        sent
    });
    let (mut decided, loaded) = (0, Instant::now());
    while !done.load(Ordering::Acquire) {
        let pace = Pace { span: CROWD_ROUND, every: None, spread: Duration::ZERO };
        decided += load::run(address, &all, start, pace).await?.decided;
    }
    let rate = decided as f64 / loaded.elapsed().as_secs_f64();
    drop(server);
    print(&sending.await??, crowd, rate);
    Ok(())
}

fn print(figures: &BTreeMap<u64, PairFigures>, crowd: usize, decided_per_s: f64) {
    let mut table = Table::default();
    for (head_start_us, of) in figures {
        table.add(json!({
            "bench": "stamps", "crowd": crowd, "head_start_us": head_start_us,
            "pairs": of.pairs, "undecided": of.undecided, "inverted": of.inverted,
            "inverted_over_1ms": of.inverted_over_1ms,
            "inversion_us_max": of.inversion_us_max,
            "lost_head_start_us_max": of.lost_head_start_us_max,
            "crowd_decided_per_s": decided_per_s,
        }));
    }
    table.print(&[
        "crowd",
        "head_start_us",
        "pairs",
        "undecided",
        "inverted",
        "inverted_over_1ms",
        "inversion_us_max",
        "lost_head_start_us_max",
        "crowd_decided_per_s",
    ]);
}

/// A bidder of a pair, at a socket of their own.
struct Racer {
    bidder: Arc<LoadBidder>,
    socket: TcpStream,
    basis: Basis,
    sent: u32,
}

/// From a thread that does nothing else meanwhile: its clock reads are what the stamps are held
/// against.
fn send(
    address: SocketAddr,
    bidders: &[Arc<LoadBidder>],
    start: Start,
    pairs: usize,
) -> anyhow::Result<BTreeMap<u64, PairFigures>> {
    let mut racers = Vec::with_capacity(bidders.len());
    for bidder in bidders {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        racers.push(Racer { bidder: bidder.clone(), socket, basis: start.basis, sent: 0 });
    }
    let (random, clock) = (SystemRandom::new(), SystemClock::start());
    let mut figures = BTreeMap::new();
    let mut wanted = HEAD_STARTS_US.into_iter().cycle();
    let mut left = pairs;
    while left > 0 {
        let mut requests = Vec::with_capacity(racers.len());
        for racer in &mut racers {
            racer.sent += 1;
            let made = (racer.sent, clock.now());
            requests.push(racer.bidder.request(made, racer.basis, start.step, &random)?);
        }
        let mut head_starts = Vec::with_capacity(AT_ONCE);
        for (pair, both) in racers.chunks_exact_mut(2).zip(requests.chunks_exact(2)) {
            let head_start = wanted.next().unwrap_or_default();
            pair[0].socket.write_all(&both[0])?;
            let first = Instant::now();
            while first.elapsed() < Duration::from_micros(head_start) {
                std::hint::spin_loop();
            }
            let passed = i64::try_from(first.elapsed().as_micros())?;
            pair[1].socket.write_all(&both[1])?;
            head_starts.push((head_start, passed));
        }
        for (pair, (head_start, passed)) in racers.chunks_exact_mut(2).zip(head_starts) {
            let (first, second) = (pair[0].stamp()?, pair[1].stamp()?);
            let of: &mut PairFigures = figures.entry(head_start).or_default();
            of.count(first, second, passed);
            left = left.saturating_sub(1);
            // The next raise of both is on what the later one saw.
            let (one, other) = (pair[0].basis, pair[1].basis);
            let basis = if one.round > other.round { one } else { other };
            (pair[0].basis, pair[1].basis) = (basis, basis);
        }
    }
    Ok(figures)
}

impl PairFigures {
    fn count(&mut self, first: Option<Timestamp>, second: Option<Timestamp>, passed: i64) {
        self.pairs += 1;
        let (Some(first), Some(second)) = (first, second) else {
            self.undecided += 1;
            return;
        };
        let inversion = (first - second).0;
        if inversion <= 0 {
            return;
        }
        self.inverted += 1;
        self.inverted_over_1ms += usize::from(inversion > INVERTED_MAX_US);
        self.inversion_us_max = self.inversion_us_max.max(inversion);
        self.lost_head_start_us_max = self.lost_head_start_us_max.max(passed);
    }
}

impl Racer {
    /// The stamp of the bid under way; `None` if it was not decided.
    fn stamp(&mut self) -> anyhow::Result<Option<Timestamp>> {
        let mut read = Vec::new();
        let (status, from, length) = loop {
            if let Some(found) = head(&read)? {
                break found;
            }
            self.more(&mut read)?;
        };
        while read.len() < from + length {
            self.more(&mut read)?;
        }
        if status >= 300 {
            return Ok(None);
        }
        let body = serde_json::from_slice::<BidReply>(&read[from..from + length])?.receipt.body;
        self.basis = Basis { round: body.round, price: body.price };
        Ok(Some(body.received_at))
    }

    fn more(&mut self, read: &mut Vec<u8>) -> anyhow::Result<()> {
        ensure!(read.len() < ANSWER_BYTES_MAX, "the answer is too long");
        let mut piece = [0; 4_096];
        let bytes = self.socket.read(&mut piece)?;
        ensure!(bytes > 0, "cut off");
        read.extend_from_slice(&piece[..bytes]);
        Ok(())
    }
}
