//! `cargo perf bids`: how many bids are decided a second, and how soon, beside the usual ways.
//!
//! Every way runs the full path over HTTP: the session, the phone's signature, the rule, a row on
//! disk, a signed receipt. All commit durably (`synchronous=FULL`, `fsync=on`) before they answer.
//! Servers and clients share this machine and this process; rounds of the ways take turns, so that
//! a busy neighbour meets all of them.

pub mod first_offers;
pub(super) mod load;
mod peers;
pub mod stamps;

use self::load::{Load, LoadBidder, Pace, Start};
use self::peers::Way;
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
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use toruk_server::clock::stopwatch::SystemStopwatch;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_server::deposit::gateway::Unconfigured;
use toruk_server::ids::SystemIds;
use toruk_server::ports::Ports;
use toruk_server::{Running, run as serve};
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;

/// Longer than any benchmark.
const WINDOW: TimeSpan = TimeSpan::hours(20);
/// Waits for the disk that are timed before each round.
const PROBES: usize = 40;
/// The peers' ways, by name.
const WAYS: [(&str, Way); 3] = [
    ("sqlite, a transaction a bid", Way::SqliteTransaction),
    ("postgres, row lock", Way::PostgresRowLock),
    ("postgres, function", Way::PostgresFunction),
];
/// Names of our server's variants in the table.
const OURS: [&str; 2] = ["toruk on sqlite", "toruk on postgres"];

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
}

impl BidWorkload {
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
    address: SocketAddr,
    bidders: Vec<Arc<LoadBidder>>,
    start: Start,
    _running: Option<Running>,
    _crowd: Option<WatcherCrowd>,
}

/// Runs the workload.
///
/// # Errors
/// When a server or client fails.
pub async fn run(workload: &BidWorkload) -> anyhow::Result<()> {
    let cluster = Cluster::start(Commits::Durable).await?;
    let mut table = Table::default();
    for &auctions in &workload.auctions {
        let folder = tempfile::tempdir()?;
        let contenders = contenders(workload, auctions, folder.path(), &cluster).await?;
        for &clients in &workload.clients {
            let mut rates: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
            for round in 1..=workload.rounds {
                for contender in &contenders {
                    let fdatasync = fdatasync_millis(folder.path())?;
                    let some = &contender.bidders[..clients];
                    let pace = workload.pace(clients);
                    let load = load::run(contender.address, some, contender.start, pace);
                    let load = load.await.with_context(|| contender.name)?;
                    rates.entry(contender.name).or_default().push(load.rate());
                    table.add(row(contender.name, auctions, clients, round, load, fdatasync));
                }
            }
            if workload.watchers == 0 {
                ratios(&mut table, auctions, clients, &rates);
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
        "ratio",
    ]);
    Ok(())
}

fn row(
    way: &str,
    auctions: usize,
    clients: usize,
    round: u32,
    mut load: Load,
    fdatasync_ms: f64,
) -> serde_json::Value {
    json!({
        "bench": "bids", "auctions": auctions, "clients": clients, "way": way, "round": round,
        "decided_per_s": load.rate(), "accepted": load.accepted, "failed": load.failed,
        "p50_ms": load.millis(500), "p99_ms": load.millis(990), "fdatasync_p50_ms": fdatasync_ms,
    })
}

/// Medians of the rounds, and how ours compare with each peer.
fn ratios(table: &mut Table, auctions: usize, clients: usize, rates: &BTreeMap<&str, Vec<f64>>) {
    let median = |name: &str| {
        let mut rates = rates.get(name).cloned().unwrap_or_default();
        rates.sort_by(f64::total_cmp);
        percentile(&rates, 50)
    };
    for ours in OURS {
        for (peer, _) in WAYS {
            table.add(json!({
                "bench": "bids", "auctions": auctions, "clients": clients,
                "way": format!("{ours} ÷ {peer}"), "decided_per_s": median(ours),
                "ratio": median(ours) / median(peer),
            }));
        }
    }
}

async fn contenders(
    workload: &BidWorkload,
    auctions: usize,
    folder: &Path,
    cluster: &Cluster,
) -> anyhow::Result<Vec<Contender>> {
    let most = workload.clients.iter().copied().max().unwrap_or(1);
    let mut contenders = Vec::new();
    if workload.watchers > 0 {
        for (name, watchers) in [("toruk, unwatched", 0), ("toruk, watched", workload.watchers)] {
            let config = Config::local(&folder.join(format!("watched-by-{watchers}")), 0);
            let mut one = ours(name, config, auctions, most).await?;
            let watch = Watch::auction(one.bidders[0].auction, None);
            one._crowd = Some(WatcherCrowd::gather(one.address.port(), &watch, watchers).await?);
            contenders.push(one);
        }
        return Ok(contenders);
    }
    for (no, name) in OURS.into_iter().enumerate() {
        let data = folder.join(format!("ours-{no}"));
        let mut config = Config::local(&data, 0);
        if no == 1 {
            config.database_url = database(cluster, &format!("ours_{auctions}")).await?;
        }
        contenders.push(ours(name, config, auctions, most).await?);
    }
    for (no, (name, way)) in WAYS.into_iter().enumerate() {
        let url = match way {
            Way::SqliteTransaction => format!("sqlite://{}", folder.join("peer.db").display()),
            _ => database(cluster, &format!("peer_{no}_{auctions}")).await?,
        };
        let like = &contenders[0];
        let signer = Config::local(&folder.join("ours-0"), 0)
            .signer(&SystemIds::new(Arc::new(SystemClock::start())))?;
        let (bidders, start) = (like.bidders.clone(), like.start);
        let address = peers::serve(way, &url, Arc::new(signer), &bidders, start).await?;
        contenders.push(Contender { name, address, bidders, start, _running: None, _crowd: None });
    }
    Ok(contenders)
}

async fn database(cluster: &Cluster, name: &str) -> anyhow::Result<String> {
    let admin = connect(&cluster.url("postgres")).await?;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    Ok(cluster.url(name))
}

/// Our server, in full, with everybody seated.
async fn ours(
    name: &'static str,
    config: Config,
    auctions: usize,
    most: usize,
) -> anyhow::Result<Contender> {
    let clock = Arc::new(SystemClock::start());
    let config = Config { limits: roomy(), ..config };
    // A single client has nobody to raise but itself.
    let rules = RuleProfile { allow_self_raise: true, ..unhurried(WINDOW) };
    let plan = SeedPlan::new(auctions, most, rules, clock.now() - TimeSpan::minutes(1));
    let seeded = seed(&config, &plan, clock.now()).await?;
    let ids = Arc::new(SystemIds::new(clock.clone()));
    let stopwatch = Arc::new(SystemStopwatch::start());
    let gateway = Arc::new(Unconfigured);
    let ports = Ports { clock, stopwatch, ids, gateway, push: None, scanner: None };
    let listener = any_port().await?;
    let running = serve(config, ports, listener).await?;
    let view = running.state.catalogue.view(seeded.auctions[0]).await?;
    let terms = view.auction.terms.context("no terms")?;
    let basis = view.auction.round.context("not open")?.basis();
    let spread = seeded.auctions.iter().copied().cycle();
    let bidders = seeded.seats.iter().zip(spread).enumerate();
    let bidders = bidders.map(|(index, (seat, auction))| seeded_bidder(seat, auction, index));
    Ok(Contender {
        name,
        address: running.address,
        bidders: bidders.collect::<anyhow::Result<_>>()?,
        start: Start { basis: Basis { ..basis }, step: terms.minimal_step },
        _running: Some(running),
        _crowd: None,
    })
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
