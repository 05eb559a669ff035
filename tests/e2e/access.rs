//! Permissions of the API: every operation for every kind of caller, in one table.

use crate::access_by_proof::BY_PROOF;
use crate::access_to_pushes::OF_PUSHES;
use crate::support::access_bodies::{auction, blob, finish, newcomer, post, withdrawal};
use crate::support::access_fixture::{AccessFixture, UNFINISHED, problem};
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderValue};
use reqwest::{Method, Request, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use toruk_server::identity::Role;
use toruk_sync::protocol::operations::ApplicationView;
use toruk_tests::day::paper;
use toruk_tests::world::answer::read;
use toruk_tests::world::api_client::hash;
use uuid::Uuid;

/// Callers from the least to the most entitled. `Official` brings a console's cookie, which is no
/// phone's session, and `Elsewhere` one of another organisation; `Rival` takes part too, but what
/// is asked for is the participant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Anonymous,
    Ended,
    Official,
    Elsewhere,
    Stranger,
    Rival,
    Participant,
}

const CALLERS: [Caller; 7] = [
    Caller::Anonymous,
    Caller::Ended,
    Caller::Official,
    Caller::Elsewhere,
    Caller::Stranger,
    Caller::Rival,
    Caller::Participant,
];

/// An operation, what is sent, and the status for each of [`CALLERS`].
pub type Row = (&'static str, fn(&AccessFixture) -> RequestBuilder, [u16; 7]);

const OPEN: [u16; 7] = [200; 7];

/// In this order: while bidding is open.
const WHILE_BIDDING: &[Row] = &[
    ("GET /v1/time", |s| s.ask(Method::GET, "/v1/time"), OPEN),
    ("GET /v1/auctions", |s| s.ask(Method::GET, "/v1/auctions?limit=5"), OPEN),
    ("GET /v1/auctions/{id}", |s| auction(s, Method::GET, ""), OPEN),
    ("GET /v1/auctions/{id}/log", |s| auction(s, Method::GET, "/log"), OPEN),
    ("GET /v1/auctions/{id}/openings", |s| auction(s, Method::GET, "/openings"), OPEN),
    ("GET /v1/auctions/{id}/documents", |s| auction(s, Method::GET, "/documents"), OPEN),
    // Of the auction's lot; what each caller reads is in `papers`.
    (
        "GET /v1/auctions/{id}/documents/{sha256}",
        |s| auction(s, Method::GET, &format!("/documents/{}", hash(&paper(s.lot)))),
        OPEN,
    ),
    // A PDF has no small copy.
    (
        "GET /v1/auctions/{id}/documents/{sha256}/thumbnail",
        |s| auction(s, Method::GET, &format!("/documents/{}/thumbnail", hash(&paper(s.lot)))),
        [404; 7],
    ),
    // A phone must know that its session has ended; a browser's old cookie makes an observer.
    (
        "GET /v1/live",
        |s| s.ask(Method::GET, &format!("/v1/live?follow={}", s.open)),
        [200, 401, 200, 200, 200, 200, 200],
    ),
    ("POST /v1/registrations", |s| post(s, "/v1/registrations", newcomer()), OPEN),
    ("POST /v1/registrations/finish", |s| post(s, "/v1/registrations/finish", finish(s)), [401; 7]),
    ("POST /v1/sessions", |s| post(s, "/v1/sessions", json!({ "credential_id": null })), OPEN),
    ("POST /v1/sessions/finish", |s| post(s, "/v1/sessions/finish", finish(s)), [401; 7]),
    (
        "POST /v1/registrations/by-code",
        |s| post(s, "/v1/registrations/by-code", json!({ "code": "0000-0000-0000-0000" })),
        [404; 7],
    ),
    (
        "POST /v1/registrations/by-code/finish",
        |s| post(s, "/v1/registrations/by-code/finish", finish(s)),
        [401; 7],
    ),
    // This server has no eID; one that has it is asked in the server's own tests.
    (
        "GET /v1/passkeys",
        |s| s.ask(Method::GET, "/v1/passkeys"),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    // Nobody's passkey; one's own are named and ended in the server's `next_device`.
    (
        "PUT /v1/passkeys/{id}/name",
        |s| s.ask(Method::PUT, "/v1/passkeys/none/name").json(&json!({ "name": "Phone" })),
        [401, 401, 401, 401, 404, 404, 404],
    ),
    (
        "POST /v1/passkeys/{id}/revocation",
        |s| s.ask(Method::POST, "/v1/passkeys/none/revocation"),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    (
        "POST /v1/passkeys/{id}/revocation/finish",
        |s| {
            let path = "/v1/passkeys/none/revocation/finish";
            post(s, path, json!({ "ceremony": Uuid::nil(), "credential": {} }))
        },
        [401; 7],
    ),
    (
        "POST /v1/passkey-codes",
        |s| s.ask(Method::POST, "/v1/passkey-codes"),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    (
        "POST /v1/passkey-codes/finish",
        |s| {
            let path = "/v1/passkey-codes/finish";
            post(s, path, json!({ "ceremony": Uuid::nil(), "credential": {} }))
        },
        [401; 7],
    ),
    (
        "POST /v1/sync/pull",
        |s| post(s, "/v1/sync/pull", json!({})),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    ("GET /v1/devices", |s| s.ask(Method::GET, "/v1/devices"), [401, 401, 401, 401, 200, 200, 200]),
    // Nobody's phone.
    (
        "PUT /v1/devices/{id}/name",
        |s| {
            let path = format!("/v1/devices/{}/name", Uuid::from_u128(7));
            s.ask(Method::PUT, &path).json(&json!({ "name": "Phone" }))
        },
        [401, 401, 401, 401, 404, 404, 404],
    ),
    // Nobody's phone; one's own is shut out in `bids`.
    (
        "DELETE /v1/devices/{id}",
        |s| s.ask(Method::DELETE, &format!("/v1/devices/{}", Uuid::from_u128(7))),
        [401, 401, 401, 401, 403, 403, 403],
    ),
    (
        "POST /v1/devices/{id}/revocation",
        |s| s.ask(Method::POST, &format!("/v1/devices/{}/revocation", Uuid::from_u128(7))),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    // Nobody's passkey has answered.
    (
        "POST /v1/devices/{id}/revocation/finish",
        |s| {
            let path = format!("/v1/devices/{}/revocation/finish", Uuid::from_u128(7));
            post(s, &path, json!({ "ceremony": Uuid::nil(), "credential": {} }))
        },
        [401; 7],
    ),
    // The operation names the participant: nobody else's phone may deliver it.
    (
        "POST /v1/sync/push",
        |s| post(s, "/v1/sync/push", withdrawal(s)),
        [401, 401, 401, 401, 403, 403, 200],
    ),
    ("OPTIONS /v1/blobs", |s| s.ask(Method::OPTIONS, "/v1/blobs"), [204; 7]),
    ("HEAD /v1/blobs/{sha256}", |s| blob(s, Method::HEAD), [401, 401, 401, 401, 404, 404, 200]),
    (
        "PATCH /v1/blobs/{sha256}",
        |s| s.participant.append(UNFINISHED),
        [401, 401, 401, 401, 404, 404, 204],
    ),
    ("DELETE /v1/blobs/{sha256}", |s| blob(s, Method::DELETE), [401, 401, 401, 401, 404, 404, 204]),
    // To others the participant's file is one nobody has, and nobody may apply any more.
    (
        "POST /v1/blobs",
        |s| s.participant.announce(&s.participant.document()),
        [401, 401, 401, 401, 409, 409, 200],
    ),
    (
        "POST /v1/applications/{id}/payments",
        |s| {
            let path = format!("/v1/applications/{}/payments", s.application);
            s.ask(Method::POST, &path).json(&s.paid)
        },
        [401, 401, 401, 401, 404, 404, 200],
    ),
    // The participant's payment is over; to others it is one nobody has begun.
    (
        "GET /v1/applications/{id}/payments/{payment}/slip.pdf",
        |s| {
            let path =
                format!("/v1/applications/{}/payments/{}/slip.pdf", s.application, s.paid.id);
            s.ask(Method::GET, &path)
        },
        [401, 401, 401, 401, 404, 404, 409],
    ),
    // Only the payment system's signature counts here.
    (
        "POST /v1/payments/callback",
        |s| post(s, "/v1/payments/callback", json!({ "order": s.paid.id })),
        [401; 7],
    ),
    // The participant's bid, which nobody else's key has signed; a stranger gets no place for it.
    (
        "POST /v1/auctions/{id}/bids",
        |s| auction(s, Method::POST, "/bids").json(&s.bid),
        [401, 401, 401, 401, 403, 422, 201],
    ),
    (
        "GET /v1/payments/ways",
        |s| s.ask(Method::GET, "/v1/payments/ways"),
        [401, 401, 401, 401, 200, 200, 200],
    ),
    (
        "GET /v1/bids/{bid}",
        |s| s.ask(Method::GET, &format!("/v1/bids/{}", s.bid.bid)),
        [401, 401, 401, 401, 404, 404, 200],
    ),
];

/// Operations that make sense only once the participant has won.
const AFTER_THE_CLOSE: &[Row] = &[
    (
        "GET /v1/auctions/{id}/protocol",
        |s| auction(s, Method::GET, "/protocol"),
        [401, 401, 401, 401, 403, 403, 200],
    ),
    ("GET /v1/auctions/{id}/protocol.pdf", |s| auction(s, Method::GET, "/protocol.pdf"), OPEN),
    (
        "GET /v1/auctions/{id}/protocols/{sha256}",
        |s| auction(s, Method::GET, &format!("/protocols/{}", "ab".repeat(32))),
        [404; 7],
    ),
    // The winner has no certificate's signature yet.
    (
        "GET /v1/auctions/{id}/protocol/signatures/{side}",
        |s| auction(s, Method::GET, "/protocol/signatures/winner"),
        [401, 401, 401, 401, 403, 403, 404],
    ),
    // Before the winner has confirmed there is no contract for anybody.
    (
        "GET /v1/auctions/{id}/contract",
        |s| auction(s, Method::GET, "/contract"),
        [401, 401, 401, 401, 403, 403, 403],
    ),
    (
        "GET /v1/auctions/{id}/contract/document",
        |s| auction(s, Method::GET, "/contract/document"),
        [401, 401, 401, 401, 403, 403, 403],
    ),
    (
        "POST /v1/auctions/{id}/contract",
        |s| {
            let confirmation = json!({ "passkey": { "credential": {} } });
            auction(s, Method::POST, "/contract").json(&json!({ "confirmation": confirmation }))
        },
        [401, 401, 401, 401, 403, 403, 403],
    ),
    (
        "POST /v1/auctions/{id}/award",
        |s| auction(s, Method::POST, "/award").json(&json!({ "refuse": {} })),
        [401, 401, 401, 401, 403, 403, 204],
    ),
    (
        "DELETE /v1/sessions/current",
        |s| s.ask(Method::DELETE, "/v1/sessions/current"),
        [401, 401, 401, 401, 204, 204, 204],
    ),
    // And signed out is signed out, at once.
];

#[test]
fn every_operation_of_the_api_has_a_row() {
    let rows = [WHILE_BIDDING, BY_PROOF, OF_PUSHES, AFTER_THE_CLOSE].concat();
    let rows = rows.iter().map(|row| row.0.to_owned());
    let rows: BTreeSet<String> = rows.collect();
    let document = toruk_server::router::openapi();
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if method.parse::<Method>().is_ok() && method != "parameters" {
                operations.insert(format!("{} {path}", method.to_ascii_uppercase()));
            }
        }
    }
    assert_eq!(operations, rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_each_caller_as_the_table_says() {
    let scene = AccessFixture::new().await.unwrap();
    let mut wrong = check(&scene, WHILE_BIDDING).await;
    wrong.extend(check(&scene, BY_PROOF).await);
    wrong.extend(check(&scene, OF_PUSHES).await);

    let is_theirs = |own: &[ApplicationView]| own[0].application.id == scene.application;
    let foreign = scene.rival.applications().await.unwrap();
    assert!(foreign.len() == 1 && !is_theirs(&foreign), "a rival sees an application");
    let own = scene.participant.applications().await.unwrap();
    assert!(own.len() == 1 && is_theirs(&own));

    let view = scene.world.state().catalogue.view(scene.open).await.unwrap();
    let signed = scene.stranger.raise(&view).unwrap();
    let path = format!("/v1/auctions/{}/bids", scene.open);
    let sent = scene.stranger.request(Method::POST, &path).json(&signed);
    let refusal = problem(sent.send().await.unwrap(), "a stranger's own bid").await;
    assert_eq!(refusal.status, 403);

    scene.close_bidding().await.unwrap();
    wrong.extend(check(&scene, AFTER_THE_CLOSE).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_published_does_not_exist_for_the_public() {
    let scene = AccessFixture::new().await.unwrap();
    let hidden = scene.hidden;
    let participant = &scene.participant;
    let live = format!("/v1/live?follow={hidden}");
    let of = |path: &str| format!("/v1/auctions/{hidden}{path}");
    for path in [of(""), of("/log"), of("/protocol.pdf"), of("/protocol"), live] {
        if !path.ends_with("/protocol") {
            let refusal = scene.ask(Method::GET, &path).send().await.unwrap();
            assert_eq!(problem(refusal, &path).await.status, 404, "anyone: {path}");
        }
        let refusal = participant.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(problem(refusal, &path).await.status, 404, "a bidder: {path}");
    }
    let mut imagined = scene.world.state().catalogue.view(scene.open).await.unwrap();
    imagined.auction.birth.id = hidden;
    let bid = participant.raise(&imagined).unwrap();
    for (path, body) in [("/bids", json!(bid)), ("/award", json!({ "refuse": {} }))] {
        let path = format!("/v1/auctions/{hidden}{path}");
        let sent = participant.request(Method::POST, &path).json(&body).send().await.unwrap();
        assert_eq!(problem(sent, &path).await.status, 404, "{path}");
    }
    let listed: Value = read(scene.ask(Method::GET, "/v1/auctions?limit=100")).await.unwrap();
    let text = listed.to_string();
    assert!(text.contains(&scene.open.to_string()) && !text.contains(&hidden.to_string()));
}

async fn check(scene: &AccessFixture, rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (operation, request, expected) in rows {
        for (caller, expected) in CALLERS.into_iter().zip(expected) {
            let request = by(scene, caller, request(scene));
            let is_head = request.method() == Method::HEAD;
            let response = scene.http.execute(request).await.unwrap();
            let status = response.status();
            if status.as_u16() != *expected {
                let said = response.text().await.unwrap_or_default();
                wrong.push(format!("{operation} by {caller:?}: {status}, not {expected}: {said}"));
            } else if status.is_client_error() && !is_head {
                problem(response, operation).await;
            }
        }
    }
    wrong
}

/// The request in the name of `caller`, with the headers that this caller would send.
fn by(scene: &AccessFixture, caller: Caller, request: RequestBuilder) -> Request {
    let mut request = request.build().unwrap();
    request.headers_mut().remove(AUTHORIZATION);
    let token = match caller {
        Caller::Anonymous => return request,
        Caller::Official | Caller::Elsewhere => {
            let token = match caller {
                Caller::Elsewhere => &scene.elsewhere,
                _ => &scene.staff[&Role::Moderator].token,
            };
            let cookie = format!("toruk_session={token}");
            request.headers_mut().insert(COOKIE, HeaderValue::try_from(cookie).unwrap());
            return request;
        }
        Caller::Ended => &scene.ended,
        Caller::Stranger => &scene.stranger.session.token,
        Caller::Rival => &scene.rival.session.token,
        Caller::Participant => &scene.participant.session.token,
    };
    let bearer = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    request.headers_mut().insert(AUTHORIZATION, bearer);
    request
}
