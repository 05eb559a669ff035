//! A push that a process without the phone's data verifies: iOS's extension.

use crate::support::access_fixture::AccessFixture;
use reqwest::Method;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::Notification;
use toruk_mobile_core::api::push_check::verify_push;
use toruk_mobile_core::platform::{PlatformError, SecureStore};
use toruk_mobile_core::transport::Builtin;
use toruk_server::clock::Clock as _;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::push_hint::PushHint;
use toruk_tests::world::api_client::ApiClient;

#[derive(Default)]
struct Secrets(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecureStore for Secrets {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.0.lock().unwrap().get(&name).cloned())
    }

    fn set(&self, name: String, _: Vec<u8>) -> Result<(), PlatformError> {
        panic!("{name} is written by a process that must not");
    }
}

fn signed_in(person: PersonId, token: &str) -> Secrets {
    let secret = (format!("session_token/{person}"), token.as_bytes().to_vec());
    Secrets(Mutex::new(BTreeMap::from([secret])))
}

struct Extension<'a> {
    scene: &'a AccessFixture,
    origin: String,
}

impl Extension<'_> {
    /// What is shown on the phone of `client` for a hint meant for `person`.
    async fn hears(
        &self,
        client: &ApiClient,
        person: PersonId,
        kind: NoticeKind,
        expires_at: Timestamp,
    ) -> Result<Option<Notification>, CoreError> {
        let now = self.scene.clock.now();
        let auction = self.scene.open;
        let hint = PushHint { kind, person, auction, seq: 9, expires_at, server_time: now };
        let secrets = signed_in(client.session.person, &client.session.token);
        let transport = Arc::new(Builtin::new().unwrap());
        let json = serde_json::to_string(&hint).unwrap();
        let (origin, language) = (self.origin.clone(), "en".to_owned());
        verify_push(origin, language, json, Arc::new(secrets), transport).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_extension_shows_only_what_the_server_confirms() {
    let scene = AccessFixture::new().await.unwrap();
    let (participant, rival) = (&scene.participant, &scene.rival);
    let soon = scene.clock.now() + TimeSpan::minutes(30);
    let extension = Extension { scene: &scene, origin: scene.world.origin.clone() };
    let path = format!("/v1/auctions/{}/bids", scene.open);
    let placed = rival.raise(&scene.world.state().catalogue.view(scene.open).await.unwrap());
    let sent = rival.request(Method::POST, &path).json(&placed.unwrap()).send().await.unwrap();
    assert!(sent.status().is_success());
    let view = scene.world.state().catalogue.view(scene.open).await.unwrap();
    let sent =
        participant.request(Method::POST, &path).json(&participant.raise(&view).unwrap()).send();
    assert!(sent.await.unwrap().status().is_success());

    for (client, of, kind, expires_at, expected) in [
        (rival, rival, NoticeKind::Outbid, soon, Some("Your competitor has raised the price")),
        (participant, participant, NoticeKind::Started, soon, Some("The auction has started")),
        // It is the leader who is told so, or the hint is late, or another person's.
        (participant, participant, NoticeKind::Outbid, soon, None),
        (rival, rival, NoticeKind::Outbid, scene.clock.now(), None),
        (participant, rival, NoticeKind::Outbid, soon, None),
        (rival, rival, NoticeKind::ConfirmDue, soon, None),
        (rival, rival, NoticeKind::Suspended, soon, None),
    ] {
        let person = of.session.person;
        let shown = extension.hears(client, person, kind, expires_at).await.unwrap();
        assert!(shown.as_ref().is_none_or(|shown| shown.verified && !shown.title.is_empty()));
        assert_eq!(shown.map(|shown| shown.body).as_deref(), expected, "{kind:?}");
    }

    let person = rival.session.person;
    let ask = |origin: &str| Extension { scene: &scene, origin: origin.to_owned() };
    let far = ask("http://example.org").hears(rival, person, NoticeKind::Outbid, soon).await;
    assert_eq!(far, Err(CoreError::UnsafeAddress));
    let down = ask("http://127.0.0.1:9").hears(rival, person, NoticeKind::Outbid, soon).await;
    assert_eq!(down, Err(CoreError::Offline));
    let left = rival.request(Method::DELETE, "/v1/sessions/current").send().await.unwrap();
    assert!(left.status().is_success());
    let gone = extension.hears(rival, person, NoticeKind::Outbid, soon).await;
    assert_eq!(gone, Err(CoreError::SignedOut));
}
