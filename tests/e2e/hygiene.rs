//! Logs and metrics: the facts that an operator sees, and the secrets that an operator must not
//! see.

use crate::support::access_fixture::problem;
use crate::support::access_fixture::{AccessFixture, NAME};
use reqwest::Method;
use std::io::Write;
use std::sync::{Arc, Mutex};
use toruk_server::identity::Role;
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::receipt::Decision;
use toruk_tests::world::answer::read;
use toruk_tests::world::open_auction::OpenAuction;
use tracing_subscriber::EnvFilter;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_says_that_it_lives_and_can_work_and_counts_bids() {
    let scene = AccessFixture::new().await.unwrap();
    let operations = scene.world.operations_origin();
    for path in ["/livez", "/readyz"] {
        let answer = scene.world.http().unwrap().get(format!("{operations}{path}")).send();
        assert_eq!(answer.await.unwrap().status(), 204, "{path}");
    }
    // What needs no session is not where the public is.
    for path in ["/readyz", "/metrics"] {
        let answer = scene.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    let before = accepted(&scene).await;
    let path = format!("/v1/auctions/{}/bids", scene.open);
    let sent = scene.participant.request(Method::POST, &path).json(&scene.bid);
    let reply: BidReply = read(sent).await.unwrap();
    assert!(matches!(reply.receipt.body.decision, Decision::Accepted));
    // Other tests of this process bid too.
    assert!(accepted(&scene).await > before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_neither_sniffed_nor_kept() {
    let scene = AccessFixture::new().await.unwrap();
    let paths = ["/v1/devices", "/v1/time", "/api/openapi.json", "/console", "/nowhere"];
    for path in paths {
        let answer = scene.participant.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_are_bound_to_tls_only_when_the_operator_says_so() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    for (seconds, subdomains, expected) in [
        (None, false, None),
        (Some(86_400), false, Some("max-age=86400")),
        (Some(31_536_000), true, Some("max-age=31536000; includeSubDomains")),
    ] {
        stage.world.stop_server().await;
        stage.world.config.hsts_seconds = seconds;
        stage.world.config.hsts_subdomains = subdomains;
        stage.world.start_server().await?;
        for path in ["/v1/time", "/console/sign-in", "/nowhere"] {
            let url = format!("{}{path}", stage.world.origin);
            let answer = stage.world.http()?.get(url).send().await?;
            let given = answer.headers().get("strict-transport-security");
            assert_eq!(given.map(|promise| promise.to_str()).transpose()?, expected, "{path}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_requests_and_never_people_or_secrets() {
    let log = LogCapture::default();
    let sink = log.clone();
    // More than an operator sees by default: also what our own code says in detail.
    let filter = EnvFilter::new("info,toruk_server=trace,tower_http=trace");
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(move || sink.clone())
        .finish();
    // For the whole process: what other tests make the server log must be as clean.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let scene = AccessFixture::new().await.unwrap();
    let identity = &scene.world.state().identity;
    let invitation = identity.invite(None, Role::Auditor, None).await.unwrap();
    let secret = invitation.link.rsplit('#').next().unwrap().to_owned();
    let link = invitation.link.replace(&scene.world.origin, "");
    assert_eq!(scene.ask(Method::GET, &link).send().await.unwrap().status(), 200);
    // Wrong on purpose: what is refused is logged most readily.
    let start = scene.ask(Method::POST, "/console/enrol/start");
    let wrong = serde_json::json!({ "invitation": secret, "name": [NAME], "language": "ky" });
    let start = start.header("origin", &scene.world.origin).json(&wrong);
    assert!(start.send().await.unwrap().status().is_client_error());
    let name = serde_json::json!({ "name": [NAME], "language": "ky" });
    let wrong = scene.participant.request(Method::POST, "/v1/registrations").json(&name);
    problem(wrong.send().await.unwrap(), "a wrong name").await;
    let push_token = "a-canary-of-a-push-token";
    let token = serde_json::json!({ "token": push_token });
    let put = scene.participant.request(Method::PUT, "/v1/devices/current/push-token").json(&token);
    assert_eq!(put.send().await.unwrap().status(), 204);
    let query = format!("/v1/auctions?after={}", scene.participant.session.token);
    problem(scene.ask(Method::GET, &query).send().await.unwrap(), "a token as a page").await;
    let asked =
        scene.participant.request(Method::GET, "/v1/devices").header("x-request-id", "findme");
    assert_eq!(asked.send().await.unwrap().status(), 200);
    attack(&scene).await;
    let path = format!("/v1/auctions/{}/bids", scene.open);
    let sent = scene.participant.request(Method::POST, &path).json(&scene.bid);
    read::<BidReply>(sent).await.unwrap();
    scene.close_bidding().await.unwrap();

    let text = log.text();
    // What an operator has at least: one line for each request, by its id and route.
    let mut lines = text.lines().filter(|line| line.contains("\"INFO\""));
    let person = scene.participant.session.person.to_string();
    let asked = lines.find(|line| line.contains("findme")).expect("a line for the request");
    assert!(asked.contains("/v1/devices") && asked.contains(&person), "{asked}");
    entries_and_attacks_are_lines(&text, &person);
    // The address by an id that tells two of them apart, and never itself.
    let (_, id) = asked.split_once("\"address\":\"").expect("an address's id");
    let id = id.split('"').next().unwrap_or_default();
    assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{asked}");
    assert!(!asked.contains("127.0.0.1"), "{asked}");
    let cookie = scene.staff[&Role::Moderator].token.as_str();
    for (what, secret) in [
        ("a person's name", NAME),
        ("an official's name", "Байматов"),
        ("a bearer token", scene.participant.session.token.as_str()),
        ("an ended session's token", scene.ended.as_str()),
        ("a console's cookie", cookie),
        ("an invitation", secret.as_str()),
        ("a push token", push_token),
        ("an answer of a form", "+996700000001"),
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

/// A callback that nobody signed, and a form of another site.
async fn attack(scene: &AccessFixture) {
    let forged = scene.ask(Method::POST, "/v1/payments/callback").header("x-request-id", "forged");
    assert_eq!(forged.body("{}").send().await.unwrap().status(), 401);
    let foreign = scene.ask(Method::POST, "/console/sign-out").header("origin", "https://evil.kg");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
}

fn entries_and_attacks_are_lines(text: &str, person: &str) {
    let mut lines = text.lines().filter(|line| line.contains("\"INFO\""));
    let is_entry = |line: &&str| line.contains("/v1/registrations/finish");
    assert!(lines.any(|line| is_entry(&line) && line.contains(person)), "who came in is not named");
    for event in ["\"forged\",\"code\":\"BadSignature\"", "\"code\":\"ForeignForm\""] {
        let is_event = |line: &&str| line.contains(event) && line.contains("security event");
        assert!(text.lines().any(|line| is_event(&line)), "{event} is not in the log");
    }
}

async fn accepted(scene: &AccessFixture) -> u64 {
    let path = format!("{}/metrics", scene.world.operations_origin());
    let answer = scene.world.http().unwrap().get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with("toruk_bids_total{outcome=\"accepted\"}"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

/// A log writer that keeps everything in memory.
#[derive(Clone, Default)]
struct LogCapture(Arc<Mutex<Vec<u8>>>);

impl LogCapture {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for LogCapture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
