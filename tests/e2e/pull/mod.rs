//! Pulls by phones: every change reaches its phones once, in order, whole, and nobody else.

mod cookies;
mod phone;
mod transcript;
mod writers;

use crate::support::access_fixture::AccessFixture;
use phone::{PullFixture, Staged};
use reqwest::Method;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::id::IntentId;
use toruk_sync::draft::{Draft, FollowedSet, draft_id};
use toruk_sync::protocol::operations::{Operation, OperationRejection, Push, PushReply, Verdict};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::{Pull, Scope};
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ApiClient, random_uuid};
use toruk_tests::world::until;

/// Longest reply to a pull that brings nothing.
const NOTHING_BYTES_MAX: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_change_reaches_a_phone_once_and_leaves_it_as_a_fresh_one() {
    let site = PullFixture::new().await.unwrap();
    let [first, second] = site.auctions;
    let aida = ApiClient::register(&site.world, "Аида").await.unwrap();
    let (person, actor) = (aida.session.person, aida.session.actor);
    let mut phone = Staged::default();
    assert_eq!(phone.news(&aida).await, Vec::<String>::new());

    let edit = |field: &str| Operation::EditDraft {
        draft: draft_id(person, first),
        auction: first,
        part: Draft::default().set(field, Some("х".to_owned()), actor),
    };
    aida.deliver(edit("full_name")).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["draft"]);
    assert_eq!(phone.news(&aida).await, Vec::<String>::new(), "told twice");

    let view = site.world.state().catalogue.view(first).await.unwrap();
    let application = aida.apply(&view).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["-draft", "application", "auction", "outcome", "receipt"]);
    assert!(phone.acked(&aida, &[2]).await.contains(&"-outcome".to_owned()));
    assert_eq!(phone.acked(&aida, &[2]).await, Vec::<String>::new(), "acknowledged twice");

    let bek = ApiClient::register(&site.world, "Бек").await.unwrap();
    let rival = bek.apply(&view).await.unwrap();
    site.officials.admit_all(&site.world, 2).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["application", "receipt"]);
    let intent = IntentId(random_uuid().unwrap());
    aida.begin_payment(application, intent, Channel::WalletCode).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["application"]);
    aida.pay(&site.world, application).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["application"]);

    let mut followed = FollowedSet::default();
    followed.follow(second, actor);
    let follow = |set: &FollowedSet| Operation::EditFollowed { followed: set.state() };
    let verdict = aida.deliver(follow(&followed)).await.unwrap();
    assert_eq!(verdict, Verdict::Following { followed: followed.state() });
    assert_eq!(phone.news(&aida).await, ["auction", "followed"]);
    followed.unfollow(second);
    aida.deliver(follow(&followed)).await.unwrap();
    assert_eq!(phone.news(&aida).await, ["!auction", "followed"]);
    assert!(!phone.scopes().contains(&Scope::Auction(second)));

    // Refused: forged, and shown until it is seen.
    let mut forged = FollowedSet::default();
    forged.follow(second, actor + 1);
    let verdict = aida.deliver(follow(&forged)).await.unwrap();
    assert!(matches!(verdict, Verdict::Refused(OperationRejection::Draft(_))), "{verdict:?}");
    assert_eq!(phone.news(&aida).await, ["outcome"]);

    bek.pay(&site.world, rival).await.unwrap();
    site.close_applications().await.unwrap();
    let news = phone.news(&aida).await;
    assert!(news.starts_with(&["application".to_owned(), "auction".to_owned()]), "{news:?}");
    let numbered = phone.value(Scope::Person, "application", &first.to_string()).unwrap();
    assert!(numbered["bidder_no"].is_u64(), "no number: {numbered}");

    phone.check_against_a_fresh_one(&aida).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_comes_when_it_is_asked_for_and_changes_with_each_state() {
    let site = PullFixture::new().await.unwrap();
    let aida = ApiClient::register(&site.world, "Аида").await.unwrap();
    let mut phone = Staged { catalogue: true, ..Staged::default() };
    assert_eq!(phone.news(&aida).await, ["card", "card"]);
    assert_eq!(phone.news(&aida).await, Vec::<String>::new());
    site.close_applications().await.unwrap();
    assert!(phone.news(&aida).await.contains(&"card".to_owned()));
    phone.check_against_a_fresh_one(&aida).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_was_lost_is_asked_for_again_and_an_interrupted_pull_goes_on() {
    let site = PullFixture::new().await.unwrap();
    let aida = ApiClient::register(&site.world, "Аида").await.unwrap();
    let view = site.world.state().catalogue.view(site.auctions[0]).await.unwrap();
    aida.apply(&view).await.unwrap();
    let mut slow = Staged { catalogue: true, rows: Some(1), ..Staged::default() };
    let mut pages = 0;
    loop {
        let lost = slow.page(&aida, &[]).await;
        let again = slow.page(&aida, &[]).await;
        assert_eq!((&lost.rows, &lost.cookie), (&again.rows, &again.cookie));
        assert!(again.rows.len() <= 1, "more than was asked for");
        pages += 1;
        if pages == 2 {
            // Between two pages: it must come with the pages after it.
            let mut set = FollowedSet::default();
            set.follow(site.auctions[1], aida.session.actor);
            aida.deliver(Operation::EditFollowed { followed: set.state() }).await.unwrap();
        }
        let is_last = !again.more;
        slow.take(again);
        if is_last {
            break;
        }
    }
    assert!(pages > 5, "{pages} pages");
    slow.check_against_a_fresh_one(&aida).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_that_brings_nothing_is_small_and_writes_nothing() {
    let scene = AccessFixture::new().await.unwrap();
    let mut phone = Staged::default();
    phone.news(&scene.participant).await;
    let mut changes = scene.world.state().context.db.changes();
    let pull = Pull { cookie: phone.cookie.clone(), ..Pull::default() };
    let answer = scene.participant.post("/v1/sync/pull", &pull).await.unwrap();
    assert_eq!(answer.status, 200);
    let length = answer.body.len();
    assert!(length <= NOTHING_BYTES_MAX, "{length} bytes: {}", answer.body);
    assert!(changes.try_recv().is_err(), "a pull changed something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_no_phone_can_have_sent_is_seen_without_effect() {
    let scene = AccessFixture::new().await.unwrap();
    let last = u64::try_from(i64::MAX).unwrap();
    let pull = Pull { acked: vec![0, last, last + 1, u64::MAX], ..Pull::default() };
    let answer = scene.participant.post("/v1/sync/pull", &pull).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_pulls_a_byte_of_what_belongs_to_another() {
    let scene = AccessFixture::new().await.unwrap();
    let mine = |client: &ApiClient| {
        let session = &client.session;
        [session.person.to_string(), session.device.to_string(), session.name.clone()]
    };
    let application = scene.application.to_string();
    let people = [&scene.participant, &scene.rival, &scene.stranger];
    for by in people {
        let pull = Pull { catalogue: true, digest: true, ..Pull::default() };
        let said = by.post("/v1/sync/pull", &pull).await.unwrap().body;
        for other in people.into_iter().filter(|other| !std::ptr::eq(*other, by)) {
            for secret in mine(other) {
                assert!(!said.contains(&secret), "{} reads {secret}", by.session.name);
            }
        }
        let reads = said.contains(&application);
        assert_eq!(reads, std::ptr::eq(by, &scene.participant), "{}", by.session.name);
        assert!(!said.contains(&scene.hidden.to_string()), "what is not published");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_too_old_still_delivers_what_merges() {
    let scene = AccessFixture::new().await.unwrap();
    let by = &scene.stranger;
    let old = |path: &str| by.request(Method::POST, path).header("sync-protocol", "0");
    let refused =
        |answer: Answer| assert_eq!(answer.problem().unwrap(), (426, ProblemCode::UpgradeRequired));
    let pulled = old("/v1/sync/pull").json(&Pull::default()).send().await.unwrap();
    refused(Answer::read(pulled).await.unwrap());
    let command = Operation::WithdrawApplication { application: scene.application };
    let mut set = FollowedSet::default();
    set.follow(scene.open, by.session.actor);
    let edit = Operation::EditFollowed { followed: set.state() };
    let push = Push { ops: vec![by.op(1, edit), by.op(2, command.clone())] };
    let pushed = old("/v1/sync/push").json(&push).send().await.unwrap();
    let reply: PushReply = Answer::read(pushed).await.unwrap().json().unwrap();
    assert_eq!((reply.outcomes.len(), reply.next_op_no), (1, 2), "{reply:?}");
    let push = Push { ops: vec![by.op(2, command)] };
    refused(Answer::read(old("/v1/sync/push").json(&push).send().await.unwrap()).await.unwrap());
    let odd = by.request(Method::POST, "/v1/sync/pull").header("sync-protocol", "new");
    let odd = Answer::read(odd.json(&Pull::default()).send().await.unwrap()).await.unwrap();
    assert_eq!(odd.problem().unwrap(), (400, ProblemCode::Malformed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_follows_nothing_is_poked_when_its_person_has_news() {
    let scene = AccessFixture::new().await.unwrap();
    let by = &scene.rival;
    let mut stream = by.request(Method::GET, "/v1/live").send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let observer = scene.ask(Method::GET, "/v1/live").send().await.unwrap();
    assert_eq!(observer.status(), 400, "an observer has nothing to be poked for");
    let mut set = FollowedSet::default();
    set.follow(scene.open, by.session.actor);
    let other = &scene.stranger;
    let mut heard = String::new();
    for (client, is_poked) in [(other, false), (by, true)] {
        let mut set = set.clone();
        if client.session.actor != by.session.actor {
            set = FollowedSet::default();
            set.follow(scene.open, client.session.actor);
        }
        client.deliver(Operation::EditFollowed { followed: set.state() }).await.unwrap();
        heard.clear();
        // Two heartbeats after it, a poke would have come.
        while heard.matches("heartbeat").count() < 3 && !heard.contains("poke") {
            let chunk = stream.chunk().await.unwrap().expect("the stream ended");
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
        assert_eq!(heard.contains("\"poke\""), is_poked, "{heard}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_phone_is_told_so_and_one_that_signed_out_is_not() {
    let scene = AccessFixture::new().await.unwrap();
    let by = &scene.stranger;
    let path = format!("/v1/devices/{}", by.session.device);
    by.request(Method::DELETE, &path).send().await.unwrap().error_for_status().unwrap();
    let refused = by.post("/v1/sync/pull", &Pull::default()).await.unwrap();
    assert_eq!(refused.problem().unwrap(), (401, ProblemCode::DeviceRevoked));
    let by = &scene.rival;
    by.request(Method::DELETE, "/v1/sessions/current").send().await.unwrap();
    let ended = until("the end of a session", || async {
        let answer = by.post("/v1/sync/pull", &Pull::default()).await?;
        Ok((answer.status == 401).then_some(answer))
    });
    assert_eq!(ended.await.unwrap().problem().unwrap(), (401, ProblemCode::SignedOut));
}
