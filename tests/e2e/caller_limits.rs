//! What one address, or one session, may ask of the server; who is signed in is not shut out by
//! strangers behind the same address. Addresses here are all loopback's.

use anyhow::{Context as _, ensure};
use reqwest::{Method, RequestBuilder, Response};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use toruk_server::address::{TrustedProxies, parse_network};
use toruk_server::rate_limits::{Allowance, CallerLimits};
use toruk_sync::protocol::identity::StartRegistration;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::Decision;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;
use toruk_tests::world::watcher::{Watch, Watcher};

/// A bucket that is soon empty and fills up slowly.
const FEW: Allowance = Allowance { burst: 5, per_second: 1 };
/// More requests than are let through while a test runs.
const MANY: usize = 200;
/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

async fn limited(
    bidders: usize,
    limits: CallerLimits,
    proxies: TrustedProxies,
) -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (mut stage, clients) = OpenAuction::open(bidders).await?;
    stage.world.stop_server().await;
    stage.world.config.limits = limits;
    stage.world.config.proxies = proxies;
    stage.world.start_server().await?;
    Ok((stage, clients))
}

/// Sends until something is refused; the statuses before, and the refusal.
async fn until_refused(
    send: impl Fn() -> anyhow::Result<RequestBuilder>,
) -> anyhow::Result<(BTreeSet<u16>, Response)> {
    let mut before = BTreeSet::new();
    for _ in 0..MANY {
        let answer = send()?.send().await?;
        if answer.status() == 429 {
            return Ok((before, answer));
        }
        before.insert(answer.status().as_u16());
    }
    anyhow::bail!("never refused: {before:?}")
}

fn header<'a>(answer: &'a Response, name: &str) -> anyhow::Result<&'a str> {
    Ok(answer.headers().get(name).with_context(|| format!("no {name}"))?.to_str()?)
}

/// Checks the headers of a limit, and answers the problem's code.
async fn refusal(answer: Response, limit: &str) -> anyhow::Result<ProblemCode> {
    let policy = header(&answer, "ratelimit-policy")?;
    assert!(policy.starts_with(&format!("\"{limit}\";q=5;w=5")), "{policy}");
    let remaining = header(&answer, "ratelimit")?;
    assert!(remaining.starts_with(&format!("\"{limit}\";r=0;t=")), "{remaining}");
    assert!((1..=5).contains(&header(&answer, "retry-after")?.parse::<u64>()?));
    let problem: ProblemBody = answer.json().await?;
    assert_eq!((problem.status, &*problem.params["limit"]), (429, limit));
    Ok(problem.code)
}

#[tokio::test]
async fn an_address_that_asks_too_much_waits_and_its_participants_bid() -> anyhow::Result<()> {
    let limits = CallerLimits { sign_in: FEW, callbacks: FEW, public: FEW, ..Default::default() };
    let (stage, clients) = limited(2, limits, TrustedProxies::default()).await?;
    let view = stage.view().await?;
    let (http, origin) = (stage.world.http()?, stage.world.origin.clone());
    let at = |method: Method, path: &str| http.request(method, format!("{origin}{path}"));

    // Each door has its own limit, and a made-up token is no session.
    let start = StartRegistration { name: "Айбек".to_owned(), language: "ky".to_owned() };
    let register = || Ok(at(Method::POST, "/v1/registrations").json(&start));
    let (passed, refused) = until_refused(register).await?;
    assert_eq!(passed, BTreeSet::from([200]));
    assert_eq!(refusal(refused, "sign-in").await?, ProblemCode::TooManyRequests);
    let made_up = || Ok(at(Method::GET, "/v1/devices").bearer_auth("A".repeat(64)));
    let (passed, refused) = until_refused(made_up).await?;
    assert_eq!(passed, BTreeSet::from([401]));
    assert_eq!(refusal(refused, "public").await?, ProblemCode::TooManyRequests);
    let callback = || Ok(at(Method::POST, "/v1/payments/callback").body("{}"));
    let (_, refused) = until_refused(callback).await?;
    refusal(refused, "callbacks").await?;

    // The console says it in the visitor's language, on a page and to its scripts.
    let page = || Ok(at(Method::GET, "/console/sign-in").header("accept-language", "ru"));
    let (_, refused) = until_refused(page).await?;
    header(&refused, "retry-after")?;
    let (kind, text) = (header(&refused, "content-type")?.to_owned(), refused.text().await?);
    assert!(kind.starts_with("text/html") && text.contains("слишком много запросов"), "{text}");
    let start = || {
        let start = at(Method::POST, "/console/sign-in/start").header("origin", &origin);
        Ok(start.header("accept", "application/json").header("accept-language", "en"))
    };
    let (_, refused) = until_refused(start).await?;
    assert!(refused.text().await?.contains("Too many requests"));

    // Behind the same address nobody who is signed in notices.
    for _ in 0..MANY / 10 {
        assert_eq!(clients[1].get("/v1/devices").await?.status, 200);
    }
    let receipt = clients[0].bid(&view, &clients[0].raise(&view)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);
    // Time alone brings requests back.
    stage.world.stopwatch.leap(Duration::from_secs(60));
    assert_eq!(register()?.send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_session_that_asks_too_much_waits_and_still_bids() -> anyhow::Result<()> {
    let limits = CallerLimits { session: FEW, ..Default::default() };
    let (stage, clients) = limited(2, limits, TrustedProxies::default()).await?;
    let (passed, refused) =
        until_refused(|| Ok(clients[0].request(Method::GET, "/v1/devices"))).await?;
    assert_eq!(passed, BTreeSet::from([200]));
    assert_eq!(refusal(refused, "session").await?, ProblemCode::TooManyRequests);
    assert_eq!(clients[1].get("/v1/devices").await?.status, 200);
    let view = stage.view().await?;
    let receipt = clients[0].bid(&view, &clients[0].raise(&view)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn only_a_trusted_proxy_says_whose_request_it_is() -> anyhow::Result<()> {
    let limits = CallerLimits { public: FEW, ..Default::default() };
    let loopback = vec![parse_network("127.0.0.0/8")?];
    let trusted = TrustedProxies { networks: loopback, ..TrustedProxies::default() };
    for (proxies, expected) in [(TrustedProxies::default(), 429), (trusted, 200)] {
        let (stage, _) = limited(2, limits, proxies).await?;
        let (http, url) = (stage.world.http()?, format!("{}/v1/time", stage.world.origin));
        let from = |client: &str| {
            // What the client itself claims stands left of what the proxy adds.
            http.get(&url).header("x-forwarded-for", format!("192.0.2.9, {client}"))
        };
        until_refused(|| Ok(from("198.51.100.1"))).await?;
        assert_eq!(from("198.51.100.2").send().await?.status(), expected);
        let forged = http.get(&url).header("forwarded", "for=198.51.100.7");
        let forged = forged.header("x-forwarded-for", "198.51.100.1");
        assert_eq!(forged.send().await?.status(), 429);
    }
    Ok(())
}

#[tokio::test]
async fn observers_of_one_address_have_their_places_and_bidders_theirs() -> anyhow::Result<()> {
    let limits = CallerLimits { observers_max: 3, ..Default::default() };
    let (stage, clients) = limited(2, limits, TrustedProxies::default()).await?;
    let origin = &stage.world.origin;
    let watch = Watch::auction(stage.auction, None);
    let mut observers = Vec::new();
    for _ in 0..3 {
        let observer = Watcher::open(origin, &watch).await?;
        assert_eq!(observer.status, 200);
        observers.push(observer);
    }
    let refused = Watcher::open(origin, &watch).await?;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")));
    let policy = refused.header("ratelimit-policy");
    assert_eq!(policy, Some("\"observers\";q=3;qu=\"streams\""));
    let bidder = Watcher::open(origin, &watch.clone().by(&clients[0].session.token)).await?;
    assert_eq!(bidder.status, 200);
    drop(observers);
    until("a place that was given back", || async {
        let observer = Watcher::open(origin, &watch).await?;
        Ok((observer.status == 200).then_some(()))
    })
    .await
}

async fn connect(stage: &OpenAuction) -> anyhow::Result<TcpStream> {
    let port = stage.world.origin.rsplit(':').next().context("no port")?.parse()?;
    Ok(TcpStream::connect(("127.0.0.1", port)).await?)
}

/// Asks for the caller's phones on an open connection; the status line.
async fn ask(socket: &mut TcpStream, token: &str) -> anyhow::Result<String> {
    let request = format!(
        "GET /v1/devices HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let read = timeout(LONG, socket.read(&mut answer)).await??;
    ensure!(read > 0, "the connection was closed");
    Ok(String::from_utf8_lossy(&answer[..12]).into_owned())
}

#[tokio::test]
async fn idle_sockets_of_strangers_make_way_and_participants_keep_theirs() -> anyhow::Result<()> {
    const SOCKETS: usize = 20;
    let limits = CallerLimits { connections_max: SOCKETS, ..Default::default() };
    let (stage, clients) = limited(2, limits, TrustedProxies::default()).await?;
    let token = &clients[0].session.token;
    let mut known = connect(&stage).await?;
    assert_eq!(ask(&mut known, token).await?, "HTTP/1.1 200");
    let mut idle = Vec::new();
    for _ in 0..3 * SOCKETS {
        idle.push(connect(&stage).await?);
    }
    // The oldest are gone, long before a head would be late.
    for socket in &mut idle[..2 * SOCKETS - 5] {
        let closed = timeout(LONG, socket.read(&mut [0])).await;
        ensure!(!matches!(closed, Ok(Ok(1)) | Err(_)), "a socket is held");
    }
    assert_eq!(ask(&mut known, token).await?, "HTTP/1.1 200");
    let mut new = connect(&stage).await?;
    assert_eq!(ask(&mut new, &clients[1].session.token).await?, "HTTP/1.1 200");
    let view = stage.view().await?;
    let receipt = clients[1].bid(&view, &clients[1].raise(&view)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);
    Ok(())
}
