//! Pushes as a person meets them: a page that asks at a press, and a worker that shows each state once,
//! in their language, with the page closed.

use crate::web_push::opened;
use anyhow::{Context as _, ensure};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use toruk_server::clock::Clock as _;
use toruk_server::entity::device;
use toruk_server::push::PersonNotice;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::outside::web_push::{SubscribedBrowser, WebPushService};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// Environment variable that names a folder for photographs; they stay there after the test.
const PHOTOGRAPHS: &str = "TORUK_PHOTOGRAPHS";
/// The person of the tables, and another one.
const AIDA: &str = "00000000-0000-0000-0000-00000000000a";
const BEK: &str = "00000000-0000-0000-0000-00000000000b";
const AUCTION: &str = "00000000-0000-0000-0000-0000000000c1";

/// Looks for a notification between two pushes.
const LOOKS_BETWEEN_PUSHES: u32 = 50;
/// 23.11.2026 10:42:15 in Bishkek.
const DEADLINE: i64 = 1_795_408_935_000_000;

fn notice(seq: u64, server_time: i64) -> Value {
    json!({
        "kind": "outbid", "person": AIDA, "auction": AUCTION, "seq": seq, "expires_at": DEADLINE,
        "server_time": server_time, "language": "ru", "tag": AUCTION, "title": "Дүкөн, Ош",
        "price": 127_500_000, "deadline": DEADLINE,
    })
}

fn with(mut notice: Value, changes: Value) -> Value {
    let fields = notice.as_object_mut().unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    notice
}

/// Plays these events to the worker, under node, and returns its acts.
fn does(source: &str, given: Value, events: Value) -> anyhow::Result<Value> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/worker.mjs");
    let asked = with(given, json!({ "source": source, "events": events }));
    let mut node = Command::new("node");
    let mut node = node.arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = node.stdin.take().context("no input")?;
    let writer = std::thread::spawn(move || input.write_all(format!("{asked}\n").as_bytes()));
    let said = node.wait_with_output()?;
    writer.join().unwrap()?;
    serde_json::from_slice(&said.stdout).context("the worker failed")
}

async fn worker(stage: &OpenAuction) -> anyhow::Result<String> {
    let url = format!("{}/b/worker.js", stage.world.origin);
    Ok(stage.world.http()?.get(url).send().await?.error_for_status()?.text().await?)
}

fn signed_in() -> Value {
    json!({ "kept": { "session": { "person": AIDA, "token": "a-token" } } })
}

fn bodies(done: &Value) -> Vec<String> {
    let shown = done["shown"].as_array().unwrap();
    shown.iter().map(|one| one["body"].as_str().unwrap().replace('\u{a0}', " ")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_says_the_price_and_the_time_in_the_language_of_its_person() -> anyhow::Result<()>
{
    let source = worker(&OpenAuction::published().await?).await?;
    let due = json!({ "kind": "confirm_due" });
    let starting = json!({ "kind": "auction_starting", "price": null });
    let bare = json!({ "kind": "deposit_paid", "price": null, "deadline": null });
    let strange = json!({ "kind": "of_a_later_version", "price": null, "deadline": null });
    for (language, changes, expected) in [
        (
            "ky",
            json!({}),
            "Сиздин атаандашыңыз бааны жогорулатты · 1 275 000 сом · 23.11.2026 10:42:15 чейин",
        ),
        ("ru", json!({}), "Ваш конкурент повысил цену · 1 275 000 сом · до 23.11.2026 10:42:15"),
        (
            "en",
            json!({}),
            "Your competitor has raised the price · 1 275 000 som · until 23.11.2026 10:42:15",
        ),
        ("en", due, "You won. Confirm the result · 1 275 000 som · until 23.11.2026 10:42:15"),
        ("en", starting, "The auction starts soon · 23.11.2026 10:42:15"),
        ("en", bare, "Guarantee payment received"),
        ("en", strange, "There is news about an auction"),
    ] {
        let given = with(notice(7, 1_000_000), changes);
        let by_person = with(given.clone(), json!({ "language": language }));
        let done = does(&source, signed_in(), json!([["push", by_person]]))?;
        ensure!(bodies(&done) == [expected], "{language}: {:?}", bodies(&done));
        ensure!(done["shown"][0]["title"] == "Дүкөн, Ош", "{done}");
        // The language that was picked on the page comes before the account's.
        let mut picked = signed_in();
        picked["kept"]["language"] = json!(language);
        let done = does(&source, picked, json!([["push", given]]))?;
        ensure!(bodies(&done) == [expected], "picked {language}: {:?}", bodies(&done));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_replayed_older_or_another_persons_is_not_shown() -> anyhow::Result<()> {
    let source = worker(&OpenAuction::published().await?).await?;
    let (first, second) = (notice(7, 1_000_000), notice(9, 2_000_000));
    let again = notice(9, 3_000_000);
    let account = json!({ "kind": "key_added", "tag": "key_added:1", "title": null });
    let others = with(first.clone(), json!({ "person": BEK }));
    let push = |notice: &Value| json!(["push", notice]);
    let dismissed = json!(["dismiss", null]);
    for (name, events, expected) in [
        ("one", vec![push(&first)], 1),
        ("twice", vec![push(&first), push(&first)], 1),
        ("replayed after it was dismissed", vec![push(&first), dismissed.clone(), push(&first)], 1),
        ("newer", vec![push(&first), push(&second)], 2),
        ("older after newer", vec![push(&second), push(&first)], 1),
        ("older after newer was dismissed", vec![push(&second), dismissed, push(&first)], 1),
        ("reminded", vec![push(&second), push(&again)], 2),
        ("another state", vec![push(&second), push(&with(first.clone(), account))], 2),
        ("another person's", vec![push(&others)], 0),
        ("unreadable", vec![json!(["push", "<html>"])], 1),
        ("empty", vec![json!(["push", ""])], 1),
        ("no notice", vec![json!(["push", { "kind": 7, "tag": [] }])], 1),
    ] {
        let done = does(&source, signed_in(), json!(events))?;
        ensure!(bodies(&done).len() == expected, "{name}: {:?}", bodies(&done));
        ensure!(done["fetched"] == json!([]), "{name}: the worker asked {}", done["fetched"]);
    }
    // Nobody is known to be here: no more than that there is news.
    for kept in [Value::Null, json!({})] {
        let done = does(&source, json!({ "kept": kept }), json!([["push", first]]))?;
        ensure!(bodies(&done) == ["Есть новости о торгах"], "{done}");
        ensure!(done["shown"][0]["title"] == "Торук", "{done}");
    }
    // As many states as there are: what is remembered of them is bounded.
    let many: Vec<Value> = (0..120)
        .map(|number| json!(["push", with(first.clone(), json!({ "tag": number.to_string() }))]))
        .collect();
    let done = does(&source, signed_in(), json!(many))?;
    ensure!(bodies(&done).len() == 120, "{} were shown", bodies(&done).len());
    let remembered = done["kept"]["shown"].as_array().context("nothing is remembered")?.len();
    ensure!(remembered == 50, "{remembered} are remembered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_on_a_notice_opens_its_auction_and_a_moved_address_is_told() -> anyhow::Result<()> {
    let source = worker(&OpenAuction::published().await?).await?;
    let page = format!("https://auction.example/b/?auction={AUCTION}");
    let there = with(signed_in(), json!({ "windows": ["https://auction.example/", page] }));
    let click = json!([["click", { "auction": AUCTION }]]);
    let done = does(&source, there, click.clone())?;
    ensure!(done["focused"] == json!([page]) && done["opened"] == json!([]), "{done}");
    for (data, expected) in [
        (json!({ "auction": AUCTION }), format!("/b/?auction={AUCTION}")),
        (json!({ "auction": null }), "/b/".to_owned()),
        (json!({ "auction": "../console?x=1" }), "/b/?auction=..%2Fconsole%3Fx%3D1".to_owned()),
        (Value::Null, "/b/".to_owned()),
    ] {
        let done = does(&source, signed_in(), json!([["click", data]]))?;
        ensure!(done["opened"] == json!([expected]) && done["closed"] == 1, "{done}");
        ensure!(done["fetched"] == json!([]), "{done}");
    }
    let moved = json!({
        "endpoint": "https://push.example/b", "expirationTime": null,
        "keys": { "p256dh": "B", "auth": "A" },
    });
    for given in [json!([["change", moved]]), json!([["change", null]])] {
        let known = with(signed_in(), json!({ "subscription": moved }));
        let done = does(&source, known, given)?;
        let asked = done["fetched"].as_array().context("no list")?;
        ensure!(asked.len() == 1 && asked[0]["method"] == "PUT", "{done}");
        ensure!(asked[0]["url"] == "/v1/devices/current/web-push", "{done}");
        ensure!(asked[0]["headers"]["Authorization"] == "Bearer a-token", "{done}");
        let body: Value = serde_json::from_str(asked[0]["body"].as_str().context("no body")?)?;
        ensure!(body == json!({ "endpoint": moved["endpoint"], "keys": moved["keys"] }), "{body}");
    }
    for kept in [Value::Null, json!({})] {
        let done = does(&source, json!({ "kept": kept }), json!([["change", moved]]))?;
        ensure!(done["fetched"] == json!([]), "nobody is signed in: {done}");
    }
    // Without a connection nothing breaks; the app tells it when it is opened.
    let offline = with(signed_in(), json!({ "answers": null }));
    does(&source, offline, json!([["change", moved]]))?;
    Ok(())
}

/// The address of pushes of the only browser that is signed in.
async fn address(stage: &OpenAuction) -> anyhow::Result<Option<String>> {
    let db = stage.world.state().context.db.read();
    let of_web = device::Entity::find().filter(device::Column::Platform.eq("web"));
    Ok(of_web.one(db).await?.context("no browser")?.push_token)
}

/// Hands a push to the worker until so many notifications are shown. A busy Chromium may lose one; one that
/// comes again changes nothing.
async fn shown(browser: &Browser, push: &str, count: usize) -> anyhow::Result<Vec<Value>> {
    let mut looks = 0;
    until("notifications", || {
        looks += 1;
        let again = looks % LOOKS_BETWEEN_PUSHES == 1;
        async move {
            if again {
                browser.push(push).await?;
            }
            let shown = browser.notifications().await?;
            Ok((shown.len() >= count).then_some(shown))
        }
    })
    .await
}

/// A person who has a browser, and turned its pushes on.
struct Visit {
    stage: OpenAuction,
    service: WebPushService,
    key: SubscribedBrowser,
    browser: Browser,
    person: PersonId,
    /// Ends with the visit.
    _driver: Driver,
    _folder: tempfile::TempDir,
}

impl Visit {
    async fn begin() -> anyhow::Result<Self> {
        let stage = OpenAuction::published().await?;
        let service = WebPushService::start(stage.clock.clone()).await?;
        let key = service.subscribe("aigul", 7)?;
        let folder = tempfile::tempdir()?;
        let photographs = std::env::var_os(PHOTOGRAPHS).map(PathBuf::from);
        let photographs = photographs.unwrap_or_else(|| folder.path().to_owned());
        let driver = Driver::start().await?;
        let browser = Browser::open(&driver, "Aigul", &stage.world.origin, &photographs).await?;
        browser.visit("/b/").await?;
        browser.watch("main:not([aria-busy]) h1", |text| !text.is_empty()).await?;
        browser.fill("#name", "Айгүл").await?;
        browser.click("form button[type=submit]").await?;
        browser.watch("[data-push=off]", |text| !text.is_empty()).await?;
        ensure!(address(&stage).await?.is_none(), "nobody has asked for pushes");
        browser.photograph("push-off").await?;
        browser.worker_is_ready().await?;
        browser.allow_notifications().await?;
        browser.subscribes_as(&key.subscription).await?;
        browser.click("[data-allow]").await?;
        browser.watch("[data-push=on]", |text| !text.is_empty()).await?;
        ensure!(address(&stage).await?.is_some(), "the server does not know");
        ensure!(browser.subscribed_for().await?.len() == 65, "another key");
        browser.is_accessible("push").await?;
        browser.photograph("push-on").await?;
        let rows = browser.kept("toruk-bidder", "kept").await?;
        let session = rows.iter().find(|row| row.get("token").is_some()).context("no session")?;
        let person = serde_json::from_value(session["person"].clone())?;
        Ok(Self { stage, service, key, browser, person, _driver: driver, _folder: folder })
    }

    /// The content that the server sends, opened by another library.
    async fn sent(&self, kind: NoticeKind) -> anyhow::Result<String> {
        let (state, auction) = (self.stage.world.state(), self.stage.auction);
        let expires_at = self.stage.clock.now() + TimeSpan::hours(1);
        let told = PersonNotice { person: self.person, kind, auction, seq: 1, expires_at };
        let txn = state.context.db.begin().await?;
        state.push.enqueue(&txn, &[told], None).await?;
        state.context.db.commit(txn).await?;
        let service = &self.service;
        until("a delivery", || async { Ok((!service.deliveries().is_empty()).then_some(())) })
            .await?;
        ensure!(service.faults().is_empty(), "{:?}", service.faults());
        opened(&self.key, &service.deliveries()[0])?.context("the browser can't open it")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_person_turns_pushes_on_hears_and_turns_them_off() -> anyhow::Result<()> {
    let visit = Visit::begin().await?;
    let (browser, stage) = (&visit.browser, &visit.stage);
    let first = shown(browser, &visit.sent(NoticeKind::NeedsReconfirm).await?, 1).await?;
    let title = stage.view().await?.lot.title.get("ky").to_owned();
    ensure!(first[0]["title"] == title.as_str(), "{first:?}");
    ensure!(first[0]["data"]["auction"] == stage.auction.to_string(), "{first:?}");

    // With a price, once: replayed and older ones change nothing.
    let own = json!({ "person": visit.person, "language": "ky" });
    let newer = with(notice(9, 2_000_000), own.clone());
    let older = with(notice(7, 1_000_000), own);
    let both = shown(browser, &newer.to_string(), 2).await?;
    for again in [&older, &newer] {
        browser.push(&again.to_string()).await?;
    }
    let other = with(newer, json!({ "tag": "the last", "seq": 10 }));
    let all = shown(browser, &other.to_string(), 3).await?;
    let of_auction = |list: &[Value]| list.iter().find(|one| one["tag"] == AUCTION).cloned();
    ensure!(of_auction(&both) == of_auction(&all), "{both:?} then {all:?}");
    let body = of_auction(&all).context("no notice")?["body"].as_str().unwrap_or("").to_owned();
    ensure!(body.replace('\u{a0}', " ").contains("1 275 000 сом"), "{body}");

    browser.click("[data-stop]").await?;
    browser.watch("[data-push=off]", |text| !text.is_empty()).await?;
    ensure!(address(stage).await?.is_none(), "the server still sends");
    ensure!(browser.is_unsubscribed().await?, "the browser still listens");
    ensure!(browser.notifications().await?.is_empty(), "old notices stay");
    browser.no_complaints().await
}
