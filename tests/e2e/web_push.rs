//! Pushes to browsers: sealed for the one browser, opened by another library; push services that
//! misbehave; subscriptions that are none, and too many of them.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use toruk_server::entity::{audit_event, device, outbox};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::protocol::web_push::{WebPushKey, WebPushNotice};
use toruk_tests::outside::fcm::SendFault;
use toruk_tests::outside::web_push::{Delivery, Mischief, SubscribedBrowser, WebPushService};
use toruk_tests::world::answer::read;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

const PATH: &str = "/v1/devices/current/web-push";

/// The content of a delivery, opened with node's own cryptography; `None` if this browser can't.
pub fn opened(browser: &SubscribedBrowser, delivery: &Delivery) -> anyhow::Result<Option<String>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/web_push.mjs");
    let asked = json!({
        "private_key": URL_SAFE_NO_PAD.encode(browser.private_key),
        "auth": URL_SAFE_NO_PAD.encode(browser.auth),
        "body": URL_SAFE_NO_PAD.encode(&delivery.body),
    });
    let mut node =
        Command::new("node").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    node.stdin.take().context("no input")?.write_all(format!("{asked}\n").as_bytes())?;
    let said = String::from_utf8(node.wait_with_output()?.stdout)?;
    let content: Value = serde_json::from_str(said.trim())?;
    Ok(content.as_str().map(str::to_owned))
}

async fn subscribe(client: &ApiClient, to: &Value) -> anyhow::Result<()> {
    client.request(Method::PUT, PATH).json(to).send().await?.error_for_status()?;
    Ok(())
}

async fn refused(client: &ApiClient, to: &Value) -> anyhow::Result<ProblemBody> {
    Ok(client.request(Method::PUT, PATH).json(to).send().await?.json().await?)
}

/// The address that the server keeps of a client's device.
async fn address(stage: &OpenAuction, client: &ApiClient) -> anyhow::Result<Option<String>> {
    let db = stage.world.state().context.db.read();
    let row = device::Entity::find_by_id(client.session.device.0).one(db).await?;
    Ok(row.context("no device")?.push_token)
}

async fn raise(stage: &OpenAuction, client: &ApiClient) -> anyhow::Result<()> {
    stage.clock.advance(TimeSpan::seconds(5));
    let view = stage.view().await?;
    client.bid(&view, &client.raise(&view)?).await?;
    Ok(())
}

/// An auction of two clients, once nothing is left to be told of its opening.
async fn begun() -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (stage, clients) = OpenAuction::open(2).await?;
    until("an empty outbox", || async {
        stage.clock.advance(TimeSpan::milliseconds(100));
        let waiting = outbox::Entity::find().filter(outbox::Column::DoneAt.is_null());
        let count = waiting.count(stage.world.state().context.db.read()).await?;
        Ok((count == 0).then_some(()))
    })
    .await?;
    Ok((stage, clients))
}

/// The first of two clients loses the lead to the other.
async fn outbid(stage: &OpenAuction, clients: &[ApiClient]) -> anyhow::Result<()> {
    raise(stage, &clients[0]).await?;
    raise(stage, &clients[1]).await
}

/// Waits while the server's clock goes on.
async fn wait_for(
    stage: &OpenAuction,
    what: &str,
    mut is_so: impl FnMut() -> bool,
) -> anyhow::Result<()> {
    until(what, || {
        stage.clock.advance(TimeSpan::milliseconds(100));
        let found = is_so().then_some(());
        async move { Ok(found) }
    })
    .await
}

async fn delivered(
    stage: &OpenAuction,
    service: &WebPushService,
    count: usize,
) -> anyhow::Result<Vec<Delivery>> {
    wait_for(stage, "deliveries", || service.deliveries().len() >= count).await?;
    ensure!(service.faults().is_empty(), "{:?}", service.faults());
    Ok(service.deliveries())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_lead_hears_it_in_a_closed_browser() -> anyhow::Result<()> {
    let (stage, clients) = begun().await?;
    let service = WebPushService::start(stage.clock.clone()).await?;
    let (browser, stranger) = (service.subscribe("aida", 7)?, service.subscribe("other", 9)?);
    let key: WebPushKey = read(clients[0].request(Method::GET, "/v1/web-push")).await?;
    ensure!(key.public_key.is_some_and(|key| key.len() == 87), "no key");
    subscribe(&clients[0], &browser.subscription).await?;
    outbid(&stage, &clients).await?;
    let view = stage.view().await?;
    let found = delivered(&stage, &service, 1).await?.pop().context("nothing")?;
    ensure!(found.browser == "aida" && found.urgency == "high", "{found:?}");
    ensure!(found.ttl_s <= 300 && found.topic.is_some(), "{found:?}");
    let content = opened(&browser, &found)?.context("the browser can't open it")?;
    let notice: WebPushNotice = serde_json::from_str(&content)?;
    ensure!(notice.hint.kind == NoticeKind::Outbid, "{notice:?}");
    ensure!(notice.hint.person == clients[0].session.person, "{notice:?}");
    // Right without asking.
    let round = view.auction.round.context("no round")?;
    ensure!(notice.price == Some(round.price), "{notice:?}");
    ensure!(notice.deadline == Some(round.deadline), "{notice:?}");
    ensure!(notice.hint.seq == view.seq && notice.tag == stage.auction.to_string(), "{notice:?}");
    ensure!(notice.title.as_deref() == Some(view.lot.title.get(&notice.language)), "{notice:?}");
    ensure!(opened(&stranger, &found)?.is_none(), "another browser opens it");
    // Who leads again by then is told nothing.
    service.misbehave([Mischief::Answer(503, Some(30))]);
    let asked = service.asked();
    outbid(&stage, &clients).await?;
    wait_for(&stage, "a busy service", || service.asked() > asked).await?;
    raise(&stage, &clients[0]).await?;
    stage.clock.advance(TimeSpan::seconds(40));
    for _ in 0..3 {
        stage.world.state().push.deliver().await?;
    }
    ensure!(service.asked() == asked + 1, "asked again about what is no longer true");
    ensure!(service.deliveries().len() == 1, "{} were told", service.deliveries().len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_push_service_is_asked_again_and_one_that_knows_nobody_is_not() -> anyhow::Result<()>
{
    let (stage, clients) = begun().await?;
    let service = WebPushService::start(stage.clock.clone()).await?;
    let browser = service.subscribe("aida", 7)?;
    subscribe(&clients[0], &browser.subscription).await?;
    service.misbehave([Mischief::Answer(429, Some(2)), Mischief::Answer(503, None)]);
    outbid(&stage, &clients).await?;
    delivered(&stage, &service, 1).await?;
    ensure!(service.asked() == 3, "asked {} times", service.asked());
    // A message that is refused stops nothing, and is not followed to where it is sent.
    for mischief in [
        Mischief::Answer(400, None),
        Mischief::Answer(403, None),
        Mischief::Answer(413, None),
        Mischief::Redirect(service.trap()),
        Mischief::Redirect("http://169.254.169.254/latest/meta-data".to_owned()),
    ] {
        let (asked, before) = (service.asked(), service.deliveries().len());
        service.misbehave([mischief.clone()]);
        outbid(&stage, &clients).await?;
        wait_for(&stage, "a refused message", || service.asked() > asked).await?;
        outbid(&stage, &clients).await?;
        delivered(&stage, &service, before + 1).await?;
        ensure!(service.asked() == asked + 2, "{mischief:?} was asked again");
    }
    ensure!(service.trapped() == 0, "a redirect was followed");
    for status in [404, 410] {
        subscribe(&clients[0], &browser.subscription).await?;
        ensure!(address(&stage, &clients[0]).await?.is_some(), "no address");
        service.misbehave([Mischief::Answer(status, None)]);
        outbid(&stage, &clients).await?;
        until("a subscription that is forgotten", || async {
            stage.clock.advance(TimeSpan::milliseconds(100));
            Ok(address(&stage, &clients[0]).await?.is_none().then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_service_that_is_silent_or_floods_holds_up_nobody_for_long() -> anyhow::Result<()> {
    let (stage, clients) = begun().await?;
    let silent = WebPushService::start(stage.clock.clone()).await?;
    let good = WebPushService::start(stage.clock.clone()).await?;
    subscribe(&clients[0], &silent.subscribe("aida", 7)?.subscription).await?;
    subscribe(&clients[1], &good.subscribe("bek", 9)?.subscription).await?;
    for mischief in [Mischief::Silence, Mischief::Flood] {
        let (asked, before) = (silent.asked(), good.deliveries().len());
        silent.misbehave([mischief]);
        outbid(&stage, &clients).await?;
        wait_for(&stage, "the first question", || silent.asked() > asked).await?;
        raise(&stage, &clients[0]).await?;
        delivered(&stage, &good, before + 1).await?;
    }
    silent.let_go();
    // It is good again, and is asked again.
    let before = silent.deliveries().len();
    outbid(&stage, &clients).await?;
    wait_for(&stage, "a delivery", || silent.deliveries().len() > before).await?;
    ensure!(address(&stage, &clients[0]).await?.is_some(), "the subscription is forgotten");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_for_phones_that_refuses_this_server_stops_no_browser() -> anyhow::Result<()> {
    let (stage, clients) = begun().await?;
    let service = WebPushService::start(stage.clock.clone()).await?;
    subscribe(&clients[0], &service.subscribe("aida", 7)?.subscription).await?;
    let token = json!({ "token": "a-phone" });
    let path = "/v1/devices/current/push-token";
    clients[1].request(Method::PUT, path).json(&token).send().await?.error_for_status()?;
    stage.world.fcm.misbehave(|change| {
        change.sends.extend(std::iter::repeat_n(SendFault::SenderIdMismatch, 1_000));
    });
    let push = &stage.world.state().push;
    for round in 0.. {
        ensure!(round < 40, "the sender is never stopped");
        outbid(&stage, &clients).await?;
        raise(&stage, &clients[0]).await?;
        push.deliver().await?;
        if push.is_stopped() {
            break;
        }
    }
    let before = service.deliveries().len();
    outbid(&stage, &clients).await?;
    delivered(&stage, &service, before + 1).await?;
    ensure!(push.is_stopped(), "a browser's push service spoke for the gateway");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_is_none_is_refused_and_ends_with_its_session() -> anyhow::Result<()> {
    let (stage, clients) = begun().await?;
    let service = WebPushService::start(stage.clock.clone()).await?;
    let good = service.subscribe("aida", 7)?.subscription;
    let changed = |field: &str, value: String| {
        let mut given = good.clone();
        match given.get_mut(field) {
            Some(there) => *there = json!(value),
            None => given["keys"][field] = json!(value),
        }
        given
    };
    for wrong in [
        changed("endpoint", "file:///etc/passwd".to_owned()),
        changed("endpoint", "no address".to_owned()),
        changed("endpoint", format!("https://push.example/{}", "a".repeat(1_024))),
        changed("auth", "AAAA".to_owned()),
        changed("p256dh", URL_SAFE_NO_PAD.encode([4; 65])),
    ] {
        let said = refused(&clients[0], &wrong).await?;
        ensure!(said.code == ProblemCode::Malformed, "{wrong}: {said:?}");
    }
    ensure!(address(&stage, &clients[0]).await?.is_none(), "a refusal decided something");
    let recorded = async |action: &str| -> anyhow::Result<usize> {
        let db = stage.world.state().context.db.read();
        let of = audit_event::Entity::find().filter(audit_event::Column::Action.eq(action));
        Ok(of.all(db).await?.len())
    };
    ensure!(recorded("device.subscribe_refuse").await? > 0, "refusals are not recorded");
    // In the place of a phone's token it would pass by the checks.
    let path = "/v1/devices/current/push-token";
    let put = clients[0].request(Method::PUT, path).json(&json!({ "token": "web:a.b.c" }));
    let said: ProblemBody = put.send().await?.json().await?;
    ensure!(said.code == ProblemCode::Malformed, "a token that is none: {said:?}");
    for _ in 0..2 {
        subscribe(&clients[0], &good).await?;
    }
    ensure!(recorded("device.subscribe").await? == 1, "one subscription is recorded once");
    clients[0].request(Method::DELETE, PATH).send().await?.error_for_status()?;
    ensure!(address(&stage, &clients[0]).await?.is_none(), "it stayed");
    ensure!(recorded("device.unsubscribe").await? == 1, "the end is not recorded");
    subscribe(&clients[1], &good).await?;
    clients[1].request(Method::DELETE, "/v1/sessions/current").send().await?.error_for_status()?;
    ensure!(address(&stage, &clients[1]).await?.is_none(), "it outlived its session");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_subscriptions_leaves_one_a_browser_and_soon_meets_a_limit() -> anyhow::Result<()>
{
    let (stage, clients) = begun().await?;
    let service = WebPushService::start(stage.clock.clone()).await?;
    let mut taken = 0;
    for number in 0..100 {
        let given = service.subscribe(&format!("browser-{number}"), 7)?.subscription;
        let status = clients[0].request(Method::PUT, PATH).json(&given).send().await?.status();
        if status == 204 {
            taken += 1;
        } else {
            let said = refused(&clients[0], &given).await?;
            ensure!(said.code == ProblemCode::LimitReached, "{said:?}");
        }
    }
    ensure!((1..=20).contains(&taken), "{taken} were taken");
    // A page that is opened ever so often says the same again.
    let same = service.subscribe("bek", 9)?.subscription;
    for _ in 0..40 {
        subscribe(&clients[1], &same).await?;
    }
    outbid(&stage, &clients).await?;
    let found = delivered(&stage, &service, 1).await?;
    let to_first = found.iter().filter(|found| found.browser.starts_with("browser-"));
    ensure!(to_first.count() <= 1, "{found:?}");
    stage.clock.advance(TimeSpan::hours(1));
    Ok(())
}
