//! HTTP as proxies, caches, browsers and other clients expect it.

use crate::support::access_fixture::AccessFixture;
use flate2::read::GzDecoder;
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue,
    LINK,
};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::io::Read as _;
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Decision;
use toruk_tests::world::answer::read;
use toruk_tests::world::open_auction::OpenAuction;

fn public_reads(scene: &AccessFixture) -> Vec<String> {
    let auction = format!("/v1/auctions/{}", scene.open);
    let parts = ["", "/log", "/documents", "/openings"].map(|part| format!("{auction}{part}"));
    [vec!["/v1/auctions".to_owned()], parts.to_vec()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_says_what_would_be_taken() {
    let scene = AccessFixture::new().await.unwrap();
    let unknown = scene.ask(Method::GET, "/v1/devices").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.headers()["www-authenticate"], "Bearer realm=\"toruk\"");

    let pull = || scene.participant.request(Method::POST, "/v1/sync/pull");
    let old =
        pull().header("sync-protocol", "0").body("{}").header("content-type", "application/json");
    let old = old.send().await.unwrap();
    assert_eq!(old.status(), StatusCode::UPGRADE_REQUIRED);
    assert_eq!(old.headers()["upgrade"], "sync-protocol");
    assert_eq!(old.headers()["connection"], "upgrade");

    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let other = pull().header("content-type", kind).body("{}").send().await.unwrap();
        assert_eq!(other.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert_eq!(other.headers()["content-type"], "application/problem+json", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sessions_in_one_request_none_counts() {
    let scene = AccessFixture::new().await.unwrap();
    let devices = || scene.participant.request(Method::GET, "/v1/devices");
    let once = devices().send().await.unwrap();
    assert_eq!(once.status(), StatusCode::OK);
    let rival = format!("Bearer {}", scene.rival.session.token);
    for path in ["/v1/devices", "/v1/live?viewer=a"] {
        let both = scene.participant.request(Method::GET, path).header(AUTHORIZATION, &rival);
        assert_eq!(both.send().await.unwrap().status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_bid_names_the_address_of_its_receipt() {
    let scene = AccessFixture::new().await.unwrap();
    let path = format!("/v1/auctions/{}/bids", scene.open);
    let sent = scene.participant.request(Method::POST, &path).json(&scene.bid).send();
    let placed = sent.await.unwrap();
    assert_eq!(placed.status(), StatusCode::CREATED);
    let location = placed.headers()["location"].to_str().unwrap().to_owned();
    let placed: BidReply = placed.json().await.unwrap();
    let found: BidReply = read(scene.participant.request(Method::GET, &location)).await.unwrap();
    assert_eq!(found.receipt, placed.receipt);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_cache_has_is_not_sent_again_until_it_changes() {
    let scene = AccessFixture::new().await.unwrap();
    for path in public_reads(&scene) {
        let first = scene.ask(Method::GET, &path).send().await.unwrap();
        assert_eq!(first.headers()[CACHE_CONTROL], "public, no-cache", "{path}");
        let tag = first.headers()[ETAG].clone();
        let again = scene.ask(Method::GET, &path).header("if-none-match", &tag).send().await;
        let again = again.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(again.headers()[ETAG], tag, "{path}");
        assert!(again.bytes().await.unwrap().is_empty(), "{path}");
        let other = scene.ask(Method::GET, &path).header("if-none-match", "W/\"0\"").send().await;
        assert_eq!(other.unwrap().status(), StatusCode::OK, "{path}");
    }
    let path = format!("/v1/auctions/{}", scene.open);
    let before = scene.ask(Method::GET, &path).send().await.unwrap().headers()[ETAG].clone();
    let bids = format!("{path}/bids");
    let _: BidReply =
        read(scene.participant.request(Method::POST, &bids).json(&scene.bid)).await.unwrap();
    let after = scene.ask(Method::GET, &path).header("if-none-match", &before).send().await;
    assert_eq!(after.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_answer_to_a_change_is_never_told_that_an_older_copy_is_current() {
    let (stage, clients) = OpenAuction::open(2).await.unwrap();
    let path = format!("{}/v1/auctions/{}", stage.world.origin, stage.auction);
    let http = stage.world.http().unwrap();
    let mut known = HeaderValue::from_static("W/\"0\"");
    // As many as two people may place without a pause.
    for raise in 0..10 {
        let view = stage.view().await.unwrap();
        let client = &clients[raise % 2];
        let placed = client.bid(&view, &client.raise(&view).unwrap()).await.unwrap();
        assert_eq!(placed.body.decision, Decision::Accepted, "raise {raise}");
        let asked = |tag: &HeaderValue| http.get(&path).header("if-none-match", tag).send();
        let changed = asked(&known).await.unwrap();
        assert_eq!(changed.status(), StatusCode::OK, "raise {raise}");
        known = changed.headers()[ETAG].clone();
        // Made, kept, and given again.
        for _ in 0..3 {
            let current = asked(&known).await.unwrap();
            assert_eq!(current.status(), StatusCode::NOT_MODIFIED, "raise {raise}");
            assert_eq!(current.headers()[ETAG], known);
            assert_eq!(current.headers()[CACHE_CONTROL], "public, no-cache");
            assert_eq!(current.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_read_in_pages_and_only_its_last_one_changes() {
    let scene = AccessFixture::new().await.unwrap();
    let log = format!("/v1/auctions/{}/log", scene.open);
    let whole: Vec<Value> = read(scene.ask(Method::GET, &log)).await.unwrap();
    assert!(whole.len() > 2);
    let (mut next, mut pages) = (Some(format!("{log}?limit=2")), Vec::new());
    while let Some(path) = next {
        let page = scene.ask(Method::GET, &path).send().await.unwrap();
        next = page.headers().get(LINK).map(|link| {
            let link = link.to_str().unwrap();
            assert!(link.ends_with(">; rel=\"next\""), "{link}");
            link.trim_start_matches('<').split('>').next().unwrap().to_owned()
        });
        // Small pages and the newest ones are no history yet.
        let kept = if next.is_some() { "public, max-age=60" } else { "public, no-cache" };
        assert_eq!(page.headers()[CACHE_CONTROL], kept, "{path}");
        let page: Vec<Value> = page.json().await.unwrap();
        assert_eq!(next.is_some(), page.len() == 2, "{path}");
        pages.extend(page);
    }
    assert_eq!(pages, whole);
    for limit in ["0", "1001"] {
        let page = scene.ask(Method::GET, &format!("{log}?limit={limit}")).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_any_origin_read_what_is_public_and_nothing_else() {
    let scene = AccessFixture::new().await.unwrap();
    let origin = "https://verifier.example";
    for path in public_reads(&scene) {
        let answer = scene.ask(Method::GET, &path).header("origin", origin).send().await.unwrap();
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"), "{path}");
    }
    for path in ["/v1/devices", "/v1/passkeys", "/console/sign-in"] {
        let asked = scene.participant.request(Method::GET, path).header("origin", origin);
        let answer = asked.send().await.unwrap();
        assert!(!answer.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_json_is_compressed_for_who_asks_and_pages_never() {
    let scene = AccessFixture::new().await.unwrap();
    let path = format!("/v1/auctions/{}", scene.open);
    let plain = scene.ask(Method::GET, &path).send().await.unwrap();
    assert!(!plain.headers().contains_key(CONTENT_ENCODING));
    let plain: AuctionView = plain.json().await.unwrap();
    let ask = |path: &str, encodings: &str| {
        scene.ask(Method::GET, path).header("accept-encoding", encodings).send()
    };
    for (encodings, expected) in [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
    ] {
        let small = ask(&path, encodings).await.unwrap();
        assert_eq!(small.headers()[CONTENT_ENCODING], expected, "{encodings}");
        let small = small.bytes().await.unwrap();
        let mut whole = String::new();
        match expected {
            "zstd" => zstd::Decoder::new(&small[..]).unwrap().read_to_string(&mut whole),
            _ => GzDecoder::new(&small[..]).read_to_string(&mut whole),
        }
        .unwrap();
        assert!(small.len() * 5 < whole.len() * 3, "{} of {}", small.len(), whole.len());
        let unpacked: AuctionView = serde_json::from_str(&whole).unwrap();
        assert_eq!(unpacked.auction, plain.auction);
    }
    for path in ["/v1/time", "/console/sign-in"] {
        let answer = ask(path, "gzip, zstd").await.unwrap();
        assert!(!answer.headers().contains_key(CONTENT_ENCODING), "{path}");
    }
}
