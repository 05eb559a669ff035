//! `cargo perf bids`: how many bids are decided a second, how soon, and with how much processor
//! time, beside the usual ways and two ceilings.
//!
//! Every way runs over HTTP, in a process of its own: the session, the phone's signature, the rule,
//! a row on disk, a signed receipt. All but the ceilings commit durably (`synchronous=FULL`,
//! `fsync=on`) before they answer. Servers and clients share this machine; rounds of the ways take
//! turns, so that a busy neighbour meets all of them. The processor time is that of the way's
//! process: what PostgreSQL's own processes use is not in it.

mod ceilings;
pub mod contest;
pub mod first_offers;
pub(super) mod load;
mod peers;
pub mod stamps;
pub mod way;

use self::contest::ServedProcess;
use self::load::{Load, LoadBidder, Pace, Start};
use self::way::{KnownPhone, ServedWay, Way};
use super::crowd::WatcherCrowd;
use super::server::roomy;
use super::table::{Table, percentile};
use crate::outside::listening::any_port;
use crate::world::postgres::{Cluster, Commits, connect};
use crate::world::seed::seed;
use crate::world::seed::{SeedPlan, SeededBidder, unhurried};
use crate::world::watcher::Watch;
use anyhow::Context as _;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use toruk_server::clock::stopwatch::SystemStopwatch;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_server::db::Db;
use toruk_server::deposit::gateway::Unconfigured;
use toruk_server::entity::auction;
use toruk_server::ids::SystemIds;
use toruk_server::ports::Ports;
use toruk_server::{Running, run as serve};
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;

/// Longer than any benchmark.
const WINDOW: TimeSpan = TimeSpan::hours(20);
/// Waits for the disk that are timed before each round.
const PROBES: usize = 40;
/// Settings of a benchmark of bids.
#[derive(Debug, Clone)]
pub struct BidWorkload {
    /// Numbers of clients; one round for each.
    pub clients: Vec<usize>,
    /// Numbers of auctions they are spread over.
    pub auctions: Vec<usize>,
    /// Rounds of each way to take bids.
    pub rounds: u32,
    /// Duration of a round of one way.
    pub span: Duration,
    /// Bids a second of all clients together; as many as are answered when there is none.
    pub bids_per_s: Option<u32>,
    /// If any: our server alone, without and with so many who watch the first auction.
    pub watchers: usize,
    /// The ways that take part.
    pub ways: Vec<Way>,
    /// Another build of this program, for the ways that are named after it.
    pub other: Option<PathBuf>,
}

impl BidWorkload {
    /// The program whose server is measured, of a way.
    fn program(&self, way: Way) -> anyhow::Result<PathBuf> {
        match way.is_of_the_other() {
            true => self.other.clone().context("the other program is not given"),
            false => Ok(std::env::current_exe()?),
        }
    }

    fn pace(&self, clients: usize) -> Pace {
        let every = self.bids_per_s.map(|rate| {
            Duration::from_secs(1) * u32::try_from(clients).unwrap_or(u32::MAX) / rate.max(1)
        });
        Pace { span: self.span, every, spread: Duration::ZERO }
    }
}

/// A way that serves.
struct Contender {
    name: &'static str,
    process: ServedProcess,
    bidders: Vec<Arc<LoadBidder>>,
    start: Start,
    _crowd: Option<WatcherCrowd>,
}

/// Medians of a way's rounds, of one number of clients.
#[derive(Default)]
struct Medians {
    rates: Vec<f64>,
    cpu: Vec<f64>,
    p50: Vec<f64>,
}

/// Runs the workload.
///
/// # Errors
/// When a server or client fails.
pub async fn run(workload: &BidWorkload) -> anyhow::Result<()> {
    let needs_postgres = workload.ways.iter().any(|way| way.is_on_postgres());
    let cluster = match needs_postgres && workload.watchers == 0 {
        true => Some(Cluster::start(Commits::Durable).await?),
        false => None,
    };
    let mut table = Table::default();
    for &auctions in &workload.auctions {
        let folder = tempfile::tempdir()?;
        let contenders = contenders(workload, auctions, folder.path(), cluster.as_ref()).await?;
        for &clients in &workload.clients {
            let mut medians: BTreeMap<&str, Medians> = BTreeMap::new();
            for round in 1..=workload.rounds {
                for contender in &contenders {
                    let fdatasync = fdatasync_millis(folder.path())?;
                    let some = &contender.bidders[..clients];
                    let (pace, process) = (workload.pace(clients), &contender.process);
                    let used = process.cpu_us()?;
                    let load = load::run(process.address, some, contender.start, pace);
                    let mut load = load.await.with_context(|| contender.name)?;
                    let used = process.cpu_us()? - used;
                    let of_bid = used as f64 / load.decided.max(1) as f64;
                    let kept = medians.entry(contender.name).or_default();
                    kept.rates.push(load.rate());
                    kept.cpu.push(of_bid);
                    kept.p50.push(load.millis(500));
                    let counts = (auctions, clients, round);
                    table.add(row(contender.name, counts, load, (of_bid, fdatasync)));
                }
            }
            if workload.watchers == 0 {
                ratios(&mut table, (auctions, clients), &workload.ways, &medians);
            }
        }
    }
    table.print(&[
        "auctions",
        "clients",
        "way",
        "round",
        "decided_per_s",
        "p50_ms",
        "p99_ms",
        "cpu_us_per_bid",
        "ratio",
        "cpu_ratio",
        "p50_ratio",
    ]);
    Ok(())
}

fn row(
    way: &str,
    (auctions, clients, round): (usize, usize, u32),
    mut load: Load,
    (cpu_us, fdatasync_ms): (f64, f64),
) -> serde_json::Value {
    json!({
        "bench": "bids", "auctions": auctions, "clients": clients, "way": way, "round": round,
        "decided_per_s": load.rate(), "accepted": load.accepted, "failed": load.failed,
        "p50_ms": load.millis(500), "p99_ms": load.millis(990), "cpu_us_per_bid": cpu_us,
        "fdatasync_p50_ms": fdatasync_ms,
    })
}

/// Medians of the rounds, and how ours compare with each of the others.
fn ratios(
    table: &mut Table,
    (auctions, clients): (usize, usize),
    ways: &[Way],
    medians: &BTreeMap<&str, Medians>,
) {
    let median = |name: &str, of: fn(&Medians) -> &Vec<f64>| {
        let mut values = medians.get(name).map(of).cloned().unwrap_or_default();
        values.sort_by(f64::total_cmp);
        percentile(&values, 50)
    };
    for ours in ways.iter().filter(|way| way.is_of_this_program()).map(|way| way.name()) {
        for peer in ways.iter().filter(|way| !way.is_of_this_program()).map(|way| way.name()) {
            let ratio = |of: fn(&Medians) -> &Vec<f64>| median(ours, of) / median(peer, of);
            table.add(json!({
                "bench": "bids", "auctions": auctions, "clients": clients,
                "way": format!("{ours} ÷ {peer}"),
                "decided_per_s": median(ours, |of| &of.rates),
                "cpu_us_per_bid": median(ours, |of| &of.cpu),
                "p50_ms": median(ours, |of| &of.p50),
                "ratio": ratio(|of| &of.rates),
                "cpu_ratio": ratio(|of| &of.cpu),
                "p50_ratio": ratio(|of| &of.p50),
            }));
        }
    }
}

async fn contenders(
    workload: &BidWorkload,
    auctions: usize,
    folder: &Path,
    cluster: Option<&Cluster>,
) -> anyhow::Result<Vec<Contender>> {
    let most = workload.clients.iter().copied().max().unwrap_or(1);
    let program = std::env::current_exe()?;
    let mut contenders = Vec::new();
    if workload.watchers > 0 {
        for (name, watchers) in [("toruk, unwatched", 0), ("toruk, watched", workload.watchers)] {
            let config = Config::local(&folder.join(format!("watched-by-{watchers}")), 0);
            let served = (Way::TorukSqlite, program.as_path(), folder);
            let mut one = Contender { name, ..ours(served, config, auctions, most).await? };
            let watch = Watch::auction(one.bidders[0].auction, None);
            let port = one.process.address.port();
            one._crowd = Some(WatcherCrowd::gather(port, &watch, watchers).await?);
            contenders.push(one);
        }
        return Ok(contenders);
    }
    for (no, way) in workload.ways.iter().copied().enumerate() {
        let data = folder.join(format!("way-{no}"));
        let mut config = Config::local(&data, 0);
        if way.is_on_postgres() {
            let cluster = cluster.context("no PostgreSQL")?;
            config.database_url = database(cluster, &format!("way_{no}_{auctions}")).await?;
        }
        let program = workload.program(way)?;
        if way.is_ours() {
            let served = (way, program.as_path(), folder);
            contenders.push(ours(served, config, auctions, most).await?);
            continue;
        }
        std::fs::create_dir_all(&data)?;
        let like = contenders.first().context("a way of ours comes first, for its bidders")?;
        let (bidders, start) = (like.bidders.clone(), like.start);
        let phones = phones(&bidders);
        let served = ServedWay { way, data, url: config.database_url, phones, start };
        let process = ServedProcess::start(&program, folder, &served)?;
        contenders.push(Contender { name: way.name(), process, bidders, start, _crowd: None });
    }
    Ok(contenders)
}

fn phones(bidders: &[Arc<LoadBidder>]) -> Vec<KnownPhone> {
    bidders.iter().map(|bidder| bidder.phone()).collect()
}

async fn database(cluster: &Cluster, name: &str) -> anyhow::Result<String> {
    let admin = connect(&cluster.url("postgres")).await?;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    Ok(cluster.url(name))
}

/// Our server, in full, with everybody seated, in a process of its own.
async fn ours(
    (way, program, folder): (Way, &Path, &Path),
    config: Config,
    auctions: usize,
    most: usize,
) -> anyhow::Result<Contender> {
    let (bidders, start) = seats(&config, auctions, most).await?;
    let (data, url) = (config.data_dir, config.database_url);
    let served = ServedWay { way, data, url, phones: Vec::new(), start };
    let process = ServedProcess::start(program, folder, &served)?;
    Ok(Contender { name: way.name(), process, bidders, start, _crowd: None })
}

/// Seeds open auctions and their bidders.
async fn seats(
    config: &Config,
    auctions: usize,
    most: usize,
) -> anyhow::Result<(Vec<Arc<LoadBidder>>, Start)> {
    let now = SystemClock::start().now();
    // A single client has nobody to raise but itself.
    let rules = RuleProfile { allow_self_raise: true, ..unhurried(WINDOW) };
    let plan = SeedPlan::new(auctions, most, rules, now - TimeSpan::minutes(1));
    let seeded = seed(config, &plan, now).await?;
    let start = start(config, seeded.auctions[0]).await?;
    let spread = seeded.auctions.iter().copied().cycle();
    let bidders = seeded.seats.iter().zip(spread).enumerate();
    let bidders = bidders.map(|(index, (seat, auction))| seeded_bidder(seat, auction, index));
    Ok((bidders.collect::<anyhow::Result<_>>()?, start))
}

/// The state of a seeded auction, of which all are alike.
async fn start(config: &Config, auction: AuctionId) -> anyhow::Result<Start> {
    let db = Db::open(&config.database_url).await?;
    let row = auction::Entity::find_by_id(auction.0).one(db.read()).await?;
    let state: Auction = serde_json::from_str(&row.context("no auction")?.state)?;
    db.close().await?;
    let terms = state.terms.context("no terms")?;
    Ok(Start { basis: state.round.context("not open")?.basis(), step: terms.minimal_step })
}

/// Our server in this process, which can look into it.
pub(super) struct ServedHere {
    bidders: Vec<Arc<LoadBidder>>,
    start: Start,
    running: Running,
}

/// Serves seeded auctions on SQLite, in this process.
async fn ours_here(config: Config, auctions: usize, most: usize) -> anyhow::Result<ServedHere> {
    let config = Config { limits: roomy(), ..config };
    let (bidders, start) = seats(&config, auctions, most).await?;
    let clock = Arc::new(SystemClock::start());
    let ids = Arc::new(SystemIds::new(clock.clone()));
    let stopwatch = Arc::new(SystemStopwatch::start());
    let gateway = Arc::new(Unconfigured);
    let ports = Ports { clock, stopwatch, ids, gateway, push: None, scanner: None };
    let running = serve(config, ports, any_port().await?).await?;
    Ok(ServedHere { bidders, start, running })
}

pub(super) fn seeded_bidder(
    seat: &SeededBidder,
    auction: AuctionId,
    index: usize,
) -> anyhow::Result<Arc<LoadBidder>> {
    let public_key = seat.key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    let key = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &seat.key.to_bytes(),
        &public_key,
        &SystemRandom::new(),
    );
    let key = key.map_err(|error| anyhow::anyhow!("a key: {error}"))?;
    let number = u16::try_from(index + 1)?;
    let (token, person, device) = (seat.token.clone(), seat.person, seat.device);
    Ok(Arc::new(LoadBidder { token, key, public_key, person, device, auction, number }))
}

/// The median wait for one small write to reach the disk, milliseconds.
fn fdatasync_millis(folder: &Path) -> anyhow::Result<f64> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut waits = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        file.write_all(&[7; 512])?;
        let began = Instant::now();
        file.as_file().sync_data()?;
        waits.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    waits.sort_by(f64::total_cmp);
    Ok(percentile(&waits, 50))
}
