//! Rude neighbours: what strangers and restless participants send costs nobody else a bid.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{join, join_all, try_join};
use reqwest::Method;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use toruk_server::address::{ClientAddress, TrustedProxies, parse_network};
use toruk_server::blob;
use toruk_server::clock::Clock as _;
use toruk_server::disk::{DiskLimits, FreeSpace};
use toruk_sync::domain::auction::bidding::{Basis, BidRejection};
use toruk_sync::domain::auction::{Event, Status as AuctionStatus};
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::{DraftState, draft_id};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::StartRegistration;
use toruk_sync::protocol::limits::FILE_BYTES_MAX;
use toruk_sync::protocol::operations::{Operation, Verdict};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::{Decision, Receipt, Record};
use toruk_sync::verify::verify_receipts;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ApiClient, hash};
use toruk_tests::world::open_auction::{OpenAuction, UNTIL_START};
use toruk_tests::world::until;

/// Attempts of each of the two phones of a participant who never rests.
const ATTEMPTS: usize = 6;
/// Made-up tokens that arrive together: more than the bid queue has places.
const STRANGERS: usize = 1_200;
/// Longest wait of a stranger for an answer.
const STRANGERS_WAIT: Duration = Duration::from_secs(60);
/// Attempts of a participant meanwhile.
const RAISES: usize = 8;

/// Bids on a round that is not there, without a pause.
async fn never_rest(client: &ApiClient, view: &AuctionView) -> anyhow::Result<Vec<Receipt>> {
    let mut receipts = Vec::new();
    for _ in 0..ATTEMPTS {
        let mut bid = client.raise(view)?;
        bid.basis = Basis { round: 99, ..bid.basis };
        let bid = client.sign(view, bid);
        receipts.push(client.bid(view, &bid).await?);
    }
    Ok(receipts)
}

/// The rejections of the log, and how many of them repeat one of their window.
fn rejections(log: &[Record]) -> (usize, usize) {
    let (mut all, mut repeated, mut window) = (0, 0, BTreeSet::new());
    for record in log {
        match &record.event {
            Event::BidPlaced { .. } => window.clear(),
            Event::BidRefused { bidder, reason, .. } => {
                all += 1;
                repeated += usize::from(!window.insert((*bidder, format!("{reason:?}"))));
            }
            _ => {}
        }
    }
    (all, repeated)
}

#[tokio::test]
async fn a_participant_who_never_rests_fills_no_log_and_slows_nobody() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let view = stage.view().await?;
    let since = Instant::now();
    let restless = try_join(never_rest(aida, &view), never_rest(aida, &view));
    let raise = bek.raise(&view)?;
    let (restless, raised) = try_join(restless, bek.bid(&view, &raise)).await?;
    assert_eq!(raised.body.decision, Decision::Accepted);

    // Each attempt has its receipt: five were decided, the others came too fast and had to wait.
    let mut receipts = [restless.0, restless.1].concat();
    let count = |reason| {
        let refused = |it: &&Receipt| it.body.decision == Decision::Refused(reason);
        receipts.iter().filter(refused).count()
    };
    let hasty = 2 * ATTEMPTS - 5;
    assert_eq!(count(BidRejection::StaleBasis), 5);
    assert_eq!(count(BidRejection::RateLimited), hasty);
    assert!(since.elapsed().as_millis() >= 500 * (hasty as u128 / 2), "none was kept waiting");

    // Time alone brings an attempt back.
    stage.clock.advance(TimeSpan::seconds(1));
    let view = stage.view().await?;
    let raise = aida.raise(&view)?;
    receipts.push(aida.bid(&view, &raise).await?);
    assert_eq!(receipts.last().unwrap().body.decision, Decision::Accepted);

    let (log, key) = (stage.log().await?, aida.session.receipt_key.parse()?);
    let (all, repeated) = rejections(&log);
    assert_eq!(repeated, 0, "a window repeats a rejection");
    assert!((2..=4).contains(&all), "{all} rejections in the log");
    verify_receipts(&log, &receipts, &key)?;
    Ok(())
}

#[tokio::test]
async fn strangers_take_no_places_and_cost_a_participant_none() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let stranger = ApiClient::register(&stage.world, "Stranger").await?;
    let view = stage.view().await?;
    // Somebody with an account who takes no part gets no place either.
    let refused = stranger.send(&view, &stranger.raise(&view)?).await?;
    assert_eq!(refused.problem()?, (403, ProblemCode::Forbidden));

    let (http, url) = (stage.world.http()?, format!("/v1/auctions/{}/bids", stage.auction));
    let url = format!("{}{url}", stage.world.origin);
    let body = serde_json::to_string(&stranger.raise(&view)?)?;
    let made_up = (0..STRANGERS).map(|no| {
        // Half of them look as tokens do now, half as they did once.
        let token = if no % 2 == 0 { format!("{no:064}") } else { format!("made-up-{no}") };
        let request = http.request(Method::POST, &url).bearer_auth(token);
        // Theirs may take long: they are looked up one at a time.
        let request = request.timeout(STRANGERS_WAIT);
        let request = request.header("content-type", "application/json").body(body.clone());
        async { Answer::read(request.send().await?).await }
    });
    let bidding = async {
        let mut expected = None;
        for attempt in 0..RAISES {
            let view = stage.view().await?;
            let client = &clients[attempt % 2];
            let receipt = client.bid(&view, &client.raise(&view)?).await?;
            assert_eq!(receipt.body.decision, Decision::Accepted);
            expected = receipt.body.bidder;
            stage.clock.advance(TimeSpan::seconds(1));
        }
        anyhow::Ok(expected)
    };
    let (answers, leader) = join(join_all(made_up), bidding).await;
    assert!(matches!(leader?, Some(BidderNo(1 | 2))));
    for answer in answers {
        let (status, code) = answer?.problem()?;
        let refused = (status, code) == (401, ProblemCode::SignedOut);
        assert!(refused || (status, code) == (503, ProblemCode::Busy), "{status} {code:?}");
    }
    Ok(())
}

/// A disk of this many bytes, less the reserve.
#[derive(Debug)]
struct SmallDisk(AtomicU64);

impl FreeSpace for SmallDisk {
    fn free_bytes(&self, folder: &Path) -> std::io::Result<u64> {
        let reserve = std::fs::metadata(folder.join("reserve")).map_or(0, |file| file.len());
        Ok(self.0.load(Ordering::Acquire).saturating_sub(reserve))
    }
}

impl SmallDisk {
    /// Sets the bytes, and waits until the server sees what follows.
    async fn set(&self, bytes: u64, stage: &OpenAuction, status: u16) -> anyhow::Result<()> {
        self.0.store(bytes, Ordering::Release);
        until("the disk's measurement", || async {
            Ok((start_registration(stage).await?.status == status).then_some(()))
        })
        .await
    }
}

async fn start_registration(stage: &OpenAuction) -> anyhow::Result<Answer> {
    let start = StartRegistration { name: "Айбек".to_owned(), language: "ky".to_owned() };
    let url = format!("{}/v1/registrations", stage.world.origin);
    Answer::read(stage.world.http()?.post(url).json(&start).send().await?).await
}

async fn announce(client: &ApiClient, from: &str, name: &str) -> anyhow::Result<Answer> {
    let metadata = |text: &str| STANDARD.encode(text);
    let (sha256, mime) = (metadata(&hash(name.as_bytes())), metadata("application/pdf"));
    let request = client
        .request(Method::POST, "/v1/blobs")
        .header("x-forwarded-for", from)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 1_000)
        .header("upload-metadata", format!("sha256 {sha256},mime {mime}"));
    Answer::read(request.send().await?).await
}

#[tokio::test]
async fn only_who_may_apply_uploads_and_little_without_a_draft() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Aida").await?;
    let (blobs, person) = (&stage.world.state().blobs, client.session.person);
    let (half, here) = (FILE_BYTES_MAX / 2 + 1, ClientAddress::UNKNOWN);
    let add = async |name: &str| {
        blobs.announce(person, here, &hash(name.as_bytes()), half, "application/pdf").await
    };
    add("one").await?;
    assert!(matches!(add("two").await, Err(blob::Error::NoDraft)));
    let (draft, part) = (draft_id(person, stage.auction), DraftState::default());
    let edit = Operation::EditDraft { draft, auction: stage.auction, part };
    assert!(matches!(client.deliver(edit).await?, Verdict::Merged { .. }));
    add("two").await?;
    // With the close of applications nobody may apply any more.
    stage.clock.set(stage.terms().await?.start);
    until("the close of applications", || async {
        let is_over = stage.view().await?.auction.status == AuctionStatus::Unsuccessful;
        Ok(is_over.then_some(()))
    })
    .await?;
    let refused = announce(&client, "198.51.100.1", "three").await?;
    assert_eq!(refused.problem()?, (409, ProblemCode::WrongState));
    Ok(())
}

#[tokio::test]
async fn a_full_disk_stops_strangers_and_not_the_bids() -> anyhow::Result<()> {
    const MB: u64 = 1024 * 1024;
    const BUSY: (u16, ProblemCode) = (503, ProblemCode::Busy);
    let (mut stage, clients) = OpenAuction::open(2).await?;
    // Another auction, for which they may still apply.
    let officials = &stage.officials;
    let lot = officials.import_lots(&stage.world, 8).await?[0];
    let start = stage.clock.now() + UNTIL_START;
    officials.publish(&stage.world, lot, start).await?;
    let disk = Arc::new(SmallDisk(AtomicU64::new(500 * MB)));
    stage.world.stop_server().await;
    let limits = DiskLimits { floor_bytes: 100 * MB, reserve_bytes: 20 * MB, probe: disk.clone() };
    stage.world.config.disk = limits;
    stage.world.config.uploads_bytes_max = 2_500;
    let networks = vec![parse_network("127.0.0.1")?];
    stage.world.config.proxies = TrustedProxies { networks, ..TrustedProxies::default() };
    stage.world.start_server().await?;
    let reserve = stage.world.config.data_dir.join("reserve");
    assert_eq!(std::fs::metadata(&reserve)?.len(), 20 * MB);

    // Uploads of one address have a limit, which is half of that of all accounts together.
    const HERE: &str = "198.51.100.1";
    assert_eq!(announce(&clients[0], HERE, "one").await?.status, 201);
    let refused = announce(&clients[1], HERE, "two").await?.problem()?;
    assert_eq!(refused, (429, ProblemCode::TooManyRequests));
    assert_eq!(announce(&clients[1], "198.51.100.2", "two").await?.status, 201);
    assert_eq!(announce(&clients[0], "198.51.100.3", "three").await?.problem()?, BUSY);

    // Below the floor strangers wait, and bids go on; on a full disk they use up the reserve.
    for (bytes, kept) in [(60 * MB, true), (24 * MB, false)] {
        disk.set(bytes, &stage, 503).await?;
        assert_eq!(announce(&clients[0], HERE, "three").await?.problem()?, BUSY);
        let view = stage.view().await?;
        let client = &clients[usize::from(!kept)];
        let receipt = client.bid(&view, &client.raise(&view)?).await?;
        assert_eq!(receipt.body.decision, Decision::Accepted);
        // On PostgreSQL no bid removes it; the next measurement does.
        until("the reserve's use", || async { Ok((reserve.exists() == kept).then_some(())) })
            .await?;
    }

    // Without any room nothing is written, and nothing breaks.
    disk.set(2 * MB, &stage, 503).await?;
    let view = stage.view().await?;
    let raise = clients[0].raise(&view)?;
    // A PostgreSQL has a disk of its own.
    if stage.world.config.database_url.starts_with("sqlite:") {
        assert_eq!(clients[0].send(&view, &raise).await?.problem()?, BUSY);
    }

    // A server that starts on a full disk serves; with room again everything goes on.
    disk.set(20 * MB, &stage, 503).await?;
    stage.world.stop_server().await;
    stage.world.start_server().await?;
    let view = stage.view().await?;
    let raise = clients[0].raise(&view)?;
    assert_eq!(clients[0].bid(&view, &raise).await?.body.decision, Decision::Accepted);
    disk.set(500 * MB, &stage, 200).await?;
    until("the reserve", || async { Ok(reserve.exists().then_some(())) }).await
}
