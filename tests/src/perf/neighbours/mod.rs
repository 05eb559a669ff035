//! `cargo perf neighbours`: what bidders notice of rude neighbours behind the same address.
//!
//! The same load goes by turns to the server and to a socket that only closes what connects, so
//! that the work of the strangers themselves is in both figures; the bidders always bid at the
//! server, a process of its own with the limits that are shipped.

mod strangers;

use self::strangers::{Making, Requests, Rudeness, Tally, start as start_strangers};
use super::bids::load::{self, Load, LoadBidder, Pace, Start};
use super::bids::seeded_bidder;
use super::files;
use super::server::BenchServer;
use super::table::{Table, percentile};
use crate::outside::listening::{any_port, client};
use crate::world::answer::Answer;
use crate::world::api_client::hash;
use crate::world::seed::{SeedPlan, Seeded, SeededBidder, seed, unhurried};
use crate::world::watcher::Watch;
use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::{DraftState, draft_id};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::ACCOUNT_PENDING_BYTES_MAX;
use toruk_sync::protocol::operations::{Op, Operation, Push};

/// Longer than any benchmark.
const WINDOW: TimeSpan = TimeSpan::hours(20);
/// From the start of the first auction to that of the second, to which one may still apply.
const NEXT_AUCTION: TimeSpan = TimeSpan::minutes(150);
/// People who upload as much as they may.
const UPLOADERS: usize = 4;
/// Size of each file, and the pause of each person before the next request.
const FILE_BYTES: usize = 512 * 1024;
const UPLOAD_EVERY: Duration = Duration::from_millis(250);
/// Time for the strangers to be there before the bidders are timed.
const WARM_UP: Duration = Duration::from_secs(5);
/// The rounds' two targets.
const WAYS: [&str; 2] = ["a socket that closes", "the server"];

/// Settings of the benchmark.
#[derive(Debug, Clone)]
pub struct NeighboursWorkload {
    pub bidders: usize,
    /// Bids a second of all bidders together.
    pub bids_per_s: u32,
    /// Pairs of rounds.
    pub rounds: u32,
    /// Duration of a round.
    pub span: Duration,
    /// Kinds of neighbours that stay away, to see what each costs.
    pub without: Vec<Neighbour>,
}

/// A kind of rude neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs)] // Named as what they send.
pub enum Neighbour {
    Tokens,
    Streams,
    HalfOpen,
    Ceremonies,
    Uploads,
}

const RUDENESS: Rudeness =
    Rudeness { tokens_per_s: 2_000, streams: 3_000, half_open: 1_000, ceremonies_per_s: 100 };

impl NeighboursWorkload {
    fn rudeness(&self) -> Rudeness {
        let of = |kind, count| if self.without.contains(&kind) { 0 } else { count };
        Rudeness {
            tokens_per_s: of(Neighbour::Tokens, RUDENESS.tokens_per_s),
            streams: of(Neighbour::Streams, RUDENESS.streams),
            half_open: of(Neighbour::HalfOpen, RUDENESS.half_open),
            ceremonies_per_s: of(Neighbour::Ceremonies, RUDENESS.ceremonies_per_s),
        }
    }
}

/// Runs the workload.
///
/// # Errors
/// When the server, a bidder or the harness fails.
pub async fn run(workload: &NeighboursWorkload) -> anyhow::Result<()> {
    files::need(usize::try_from(RUDENESS.streams + RUDENESS.half_open)? + 500)?;
    let folder = tempfile::tempdir()?;
    let port = any_port().await?.local_addr()?.port();
    let config = Config::local(folder.path(), port);
    let clock = SystemClock::start();
    let rules = RuleProfile { allow_self_raise: true, ..unhurried(WINDOW) };
    let plan = SeedPlan {
        onlookers: UPLOADERS,
        stagger: NEXT_AUCTION,
        ..SeedPlan::new(2, workload.bidders, rules, clock.now() - TimeSpan::seconds(1))
    };
    let seeded = seed(&config, &plan, clock.now()).await?;
    let _server = BenchServer::start_as_shipped(folder.path(), port).await?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let auction = seeded.auctions[0];
    for person in &seeded.onlookers {
        begin_draft(port, person, seeded.auctions[1]).await?;
    }
    let bidders: Vec<Arc<LoadBidder>> = seeded
        .seats
        .iter()
        .enumerate()
        .map(|(index, seat)| seeded_bidder(seat, auction, index))
        .collect::<Result<_, _>>()?;
    let closing = closing_socket().await?;
    let every =
        Duration::from_secs(1) * u32::try_from(workload.bidders)? / workload.bids_per_s.max(1);
    let pace = Pace { span: workload.span, every: Some(every), spread: every };

    let (mut table, mut latencies) = (Table::default(), BTreeMap::<&str, [Vec<f64>; 2]>::new());
    for round in 1..=workload.rounds {
        for (way, target) in WAYS.into_iter().zip([closing, address]) {
            let tally = Tally::default();
            let mut requests = requests(&seeded, port, u64::from(round));
            if workload.without.contains(&Neighbour::Uploads) {
                requests.uploads.clear();
            }
            let strangers = start_strangers(target, workload.rudeness(), &requests, &tally);
            sleep(WARM_UP).await;
            let start = standing(port, auction).await?;
            let bidding = bidders.clone();
            let mut load =
                on_their_own_thread(async move { load::run(address, &bidding, start, pace).await })
                    .await?;
            drop(strangers);
            let (p50, p99) = (load.millis(500), load.millis(990));
            let of_way = latencies.entry(way).or_default();
            of_way[0].push(p50);
            of_way[1].push(p99);
            table.add(row(way, round, &load, [p50, p99], &tally));
            // What they have left behind ends before the next round.
            sleep(WARM_UP).await;
        }
    }
    let medians = WAYS.map(|way| {
        latencies.remove(way).unwrap_or_default().map(|mut values| {
            values.sort_by(f64::total_cmp);
            percentile(&values, 50)
        })
    });
    let [[closed_p50, closed_p99], [served_p50, served_p99]] = medians;
    table.add(json!({
        "bench": "neighbours", "way": "the server ÷ a socket that closes",
        "p50_ms": served_p50 / closed_p50, "p99_ms": served_p99 / closed_p99,
        "cores": std::thread::available_parallelism()?.get(),
    }));
    table.print(&["way", "round", "bids", "failed", "p50_ms", "p99_ms", "load"]);
    Ok(())
}

fn row(
    way: &str,
    round: u32,
    load: &Load,
    [p50, p99]: [f64; 2],
    tally: &Tally,
) -> serde_json::Value {
    let machine = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({
        "bench": "neighbours", "way": way, "round": round, "bids": load.decided,
        "failed": load.failed, "p50_ms": p50, "p99_ms": p99, "strangers": tally.outcomes(),
        "load": machine.split(' ').next().unwrap_or_default(),
    })
}

/// The bidders' phones are no part of the strangers' machine: what a bidder measures must not wait
/// for the strangers' thousands of sockets to be read.
async fn on_their_own_thread<T: Send + 'static>(
    bidding: impl Future<Output = anyhow::Result<T>> + Send + 'static,
) -> anyhow::Result<T> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(bidding)
    };
    tokio::task::spawn_blocking(run).await?
}

/// A listener that closes at once what connects to it.
async fn closing_socket() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            drop(socket);
        }
    });
    Ok(address)
}

/// What the auction shows now.
async fn standing(port: u16, auction: AuctionId) -> anyhow::Result<Start> {
    let url = format!("http://127.0.0.1:{port}/v1/auctions/{auction}");
    loop {
        let answer = Answer::read(client()?.get(&url).send().await?).await?;
        // Strangers have used up what the address may ask without a session.
        if answer.status == 429 {
            sleep(Duration::from_millis(20)).await;
            continue;
        }
        let view: AuctionView = answer.json()?;
        let round = view.auction.round.ok_or_else(|| anyhow::anyhow!("not open"))?;
        let step = view.auction.terms.ok_or_else(|| anyhow::anyhow!("no terms"))?.minimal_step;
        return Ok(Start { basis: Basis { ..round.basis() }, step });
    }
}

async fn begin_draft(port: u16, by: &SeededBidder, auction: AuctionId) -> anyhow::Result<()> {
    let (draft, part) = (draft_id(by.person, auction), DraftState::default());
    let operation = Operation::EditDraft { draft, auction, part };
    let push = Push { ops: vec![Op { op_no: 1, person: by.person, operation }] };
    let url = format!("http://127.0.0.1:{port}/v1/sync/push");
    let answer = client()?.post(url).bearer_auth(&by.token).json(&push).send().await?;
    ensure!(answer.status().is_success(), "no draft: {}", answer.status());
    Ok(())
}

fn requests(seeded: &Seeded, port: u16, round: u64) -> Requests {
    let auction = seeded.auctions[0];
    let token: Making = Arc::new(move |no| {
        // Half of them look as tokens do now, half as they did once.
        let token = if no % 2 == 0 { format!("{no:064}") } else { format!("made-up-{no}") };
        post(&format!("/v1/auctions/{auction}/bids"), &token, "application/json", b"{}")
    });
    let ceremony: Making = Arc::new(|_| {
        let who = json!({ "name": "Айбек", "language": "ky" }).to_string();
        post("/v1/registrations", "", "application/json", who.as_bytes())
    });
    let stream = Watch::auction(auction, None).request(port).into_bytes();
    let uploads = seeded.onlookers.iter().map(|person| uploads(person, round)).collect();
    Requests { token, stream, ceremony, uploads, upload_every: UPLOAD_EVERY }
}

/// Announces and sends files until the account has no room for more.
fn uploads(by: &SeededBidder, round: u64) -> Vec<Vec<u8>> {
    // Each round has its part of what an account may keep.
    let most = usize::try_from(ACCOUNT_PENDING_BYTES_MAX).unwrap_or(usize::MAX) / FILE_BYTES / 4;
    let files = (0..most).flat_map(|no| {
        let mut content = format!("%PDF-1.4\n{round} {no} {}\n", by.person).into_bytes();
        content.resize(FILE_BYTES, b' ');
        let sha256 = hash(&content);
        let metadata = [("sha256", sha256.as_str()), ("mime", "application/pdf")]
            .map(|(name, value)| format!("{name} {}", STANDARD.encode(value)))
            .join(",");
        let announce = format!(
            "POST /v1/blobs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             tus-resumable: 1.0.0\r\nupload-length: {FILE_BYTES}\r\nupload-metadata: {metadata}\r\n\
             content-length: 0\r\n\r\n",
            by.token
        );
        let mut send = format!(
            "PATCH /v1/blobs/{sha256} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
             tus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
             content-type: application/offset+octet-stream\r\n\
             content-length: {FILE_BYTES}\r\n\r\n",
            by.token
        )
        .into_bytes();
        send.extend(content);
        [announce.into_bytes(), send]
    });
    files.collect()
}

fn post(path: &str, token: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let authorization = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}content-type: {kind}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}
