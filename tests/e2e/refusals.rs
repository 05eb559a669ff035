//! Whatever is sent to the API, a refusal is a problem that says what is wrong, and nothing fails.

use crate::support::access_fixture::AccessFixture;
use crate::support::access_fixture::problem;
use reqwest::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use toruk_sync::protocol::limits::{
    BODY_BYTES_MAX, FOLLOW_MAX, PUSH_BODY_BYTES_MAX, SIGNATURE_BODY_BYTES_MAX,
};
use toruk_sync::protocol::problem::ProblemCode;
use uuid::Uuid;

/// Depth of a hostile document: levels of nesting, far above what any parser allows.
const NESTED: usize = 10_000;

/// The routes that take JSON, each with a body that is right but for one thing it does not know,
/// and how much they take.
fn routes(scene: &AccessFixture) -> Vec<(Method, String, Value, usize)> {
    let id = scene.open;
    let device = json!({
        "id": scene.participant.session.device, "platform": "terminal", "public_key": "",
    });
    let finish = json!({ "ceremony": scene.application, "credential": {}, "device": device });
    let ordinary = |method, path: String, body| (method, path, body, BODY_BYTES_MAX);
    let application = scene.application;
    vec![
        ordinary(
            Method::POST,
            "/v1/registrations".into(),
            json!({ "name": "Аида", "language": "ky" }),
        ),
        ordinary(Method::POST, "/v1/registrations/finish".into(), finish.clone()),
        ordinary(Method::POST, "/v1/sessions".into(), json!({ "credential_id": null })),
        ordinary(Method::POST, "/v1/sessions/finish".into(), finish),
        ordinary(Method::PUT, "/v1/devices/current/push-token".into(), json!({ "token": null })),
        ordinary(
            Method::PUT,
            "/v1/devices/current/web-push".into(),
            json!({ "endpoint": "https://push.example/a", "keys": { "p256dh": "", "auth": "" } }),
        ),
        (Method::POST, "/v1/sync/push".into(), json!({ "ops": [] }), PUSH_BODY_BYTES_MAX),
        ordinary(
            Method::POST,
            format!("/v1/applications/{application}/payments"),
            json!(scene.paid),
        ),
        ordinary(Method::POST, format!("/v1/auctions/{id}/bids"), json!(scene.bid)),
        (
            Method::POST,
            format!("/v1/auctions/{id}/award"),
            json!({ "refuse": {} }),
            SIGNATURE_BODY_BYTES_MAX,
        ),
    ]
}

/// Bodies that no route takes.
fn bodies(good: &Value, bytes_max: usize) -> Vec<(&'static str, Vec<u8>)> {
    let mut unknown = good.clone();
    unknown["no_such_field"] = json!(1);
    let mut wrong = good.clone();
    for value in wrong.as_object_mut().unwrap().values_mut() {
        *value = json!([[true]]);
    }
    let nested = "[".repeat(NESTED) + &"]".repeat(NESTED);
    let mut inside = good.clone();
    let place = inside.as_object_mut().unwrap().values_mut().next().unwrap();
    *place = json!("here");
    let inside = inside.to_string().replacen("\"here\"", &nested, 1);
    vec![
        ("nothing", Vec::new()),
        ("not JSON", b"\x00\xff{".to_vec()),
        ("cut off", good.to_string().into_bytes().split_last().unwrap().1.to_vec()),
        ("null", b"null".to_vec()),
        ("an array", b"[]".to_vec()),
        ("an empty object of another kind", b"{\"a\":{}}".to_vec()),
        ("wrong types", wrong.to_string().into_bytes()),
        ("an unknown field", unknown.to_string().into_bytes()),
        ("nested deeply", nested.into_bytes()),
        ("nested deeply inside", inside.into_bytes()),
        ("not UTF-8", b"{\"name\":\"\xff\xfe\",\"language\":\"ky\"}".to_vec()),
        ("too long", vec![b' '; bytes_max + 1]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_body_that_no_route_takes_is_refused_with_its_reason() {
    let scene = AccessFixture::new().await.unwrap();
    let before = scene.world.state().catalogue.view(scene.open).await.unwrap().seq;
    for (method, path, good, bytes_max) in routes(&scene) {
        for (name, body) in bodies(&good, bytes_max) {
            let what = format!("{method} {path}: {name}");
            let sent = scene.participant.request(method.clone(), &path);
            let sent = sent.header(CONTENT_TYPE, "application/json").body(body);
            let body = problem(sent.send().await.unwrap(), &what).await;
            let expected = if name == "too long" {
                (413, ProblemCode::TooLarge)
            } else {
                (body.status, ProblemCode::Malformed)
            };
            assert_eq!((body.status, body.code), expected, "{what}");
            assert!(body.status < 500, "{what}");
            if body.code == ProblemCode::Malformed {
                assert!(body.params.contains_key("detail"), "{what}: does not say what is wrong");
            }
        }
        let sent = scene.participant.request(method.clone(), &path).body(good.to_string());
        let untyped = problem(sent.send().await.unwrap(), &path).await;
        assert_eq!(untyped.code, ProblemCode::Malformed, "{path} without a content type");
    }
    let after = scene.world.state().catalogue.view(scene.open).await.unwrap().seq;
    assert_eq!(before, after, "something was decided");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_refused_as_well() {
    let scene = AccessFixture::new().await.unwrap();
    // The server reads no further, so the connection is of no use to anybody after that.
    let callback = scene.ask(Method::POST, "/v1/payments/callback").header(CONNECTION, "close");
    let callback = callback.body(vec![b' '; 1 << 20]);
    let refusal = problem(callback.send().await.unwrap(), "a long callback").await;
    assert_eq!((refusal.status, refusal.code), (413, ProblemCode::TooLarge));

    for (name, value, status) in [
        ("Tus-Resumable", "2.0.0", 412),
        ("Upload-Length", "-1", 400),
        ("Upload-Length", "1e3", 400),
        ("Upload-Length", "18446744073709551615", 413),
        ("Upload-Metadata", "sha256 !!!", 400),
        ("Upload-Metadata", "", 400),
        ("Upload-Metadata", "sha256 Li4vLi4vZXRjL3Bhc3N3ZA==,mime YXBwbGljYXRpb24vcGRm", 400),
    ] {
        let mut request = scene.participant.announce(b"%PDF-1.4").build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let refusal = problem(scene.http.execute(request).await.unwrap(), name).await;
        assert_eq!(refusal.status, status, "{name}: {value}");
    }
    for (name, value) in [("Upload-Offset", "-1"), ("Content-Type", "text/html")] {
        let mut request = scene.participant.append(b"%PDF-1.4").build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let refusal = problem(scene.http.execute(request).await.unwrap(), name).await;
        assert_eq!(refusal.code, ProblemCode::Malformed, "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_leads_nowhere_is_refused_with_its_reason() {
    let scene = AccessFixture::new().await.unwrap();
    let nobody = "00000000-0000-0000-0000-000000000000";
    let unknown = |path: &str| path.replace("{}", nobody);
    let each = |n: usize| format!("follow={}", Uuid::from_u128(n as u128));
    let too_many = (0..=FOLLOW_MAX).map(each).collect::<Vec<_>>().join("&");
    for (method, path, status, code) in [
        ("GET", "/v1/auctions/abc".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions/%00".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions/%ff/log".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/live?follow=".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/live?follow=abc".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/live?follow=%ff".to_owned(), 400, ProblemCode::Malformed),
        ("GET", format!("/v1/live?follow={}:-1", scene.open), 400, ProblemCode::Malformed),
        (
            "GET",
            format!("/v1/live?follow={0}&follow={0}:1", scene.open),
            400,
            ProblemCode::Malformed,
        ),
        ("GET", format!("/v1/live?follow={}&since=1", scene.open), 400, ProblemCode::Malformed),
        ("GET", format!("/v1/live?{}", too_many), 422, ProblemCode::LimitReached),
        ("GET", "/v1/bids/1".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions?limit=many".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions?limit=-1".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions?order=price".to_owned(), 400, ProblemCode::Malformed),
        ("GET", "/v1/auctions?after=page-two".to_owned(), 400, ProblemCode::Malformed),
        ("GET", format!("/v1/auctions/{}/log?after=-1", scene.open), 400, ProblemCode::Malformed),
        ("GET", unknown("/v1/auctions/{}"), 404, ProblemCode::NotFound),
        ("GET", unknown("/v1/auctions/{}/log"), 404, ProblemCode::NotFound),
        ("GET", unknown("/v1/live?follow={}"), 404, ProblemCode::NotFound),
        ("GET", unknown("/v1/bids/{}"), 404, ProblemCode::NotFound),
        ("GET", "/v1".to_owned(), 404, ProblemCode::NotFound),
        ("GET", "/v2/auctions".to_owned(), 404, ProblemCode::NotFound),
        ("GET", "/.env".to_owned(), 404, ProblemCode::NotFound),
        ("DELETE", "/v1/auctions".to_owned(), 405, ProblemCode::Malformed),
        ("DELETE", "/v1/sync/pull".to_owned(), 405, ProblemCode::Malformed),
        ("GET", "/v1/sync/push".to_owned(), 405, ProblemCode::Malformed),
        ("POST", "/livez".to_owned(), 405, ProblemCode::Malformed),
    ] {
        let sent = scene.participant.request(method.parse().unwrap(), &path).send().await.unwrap();
        let allow = sent.headers().get(ALLOW).cloned();
        let refusal = problem(sent, &path).await;
        assert_eq!((refusal.status, refusal.code), (status, code), "{method} {path}");
        assert_eq!(allow.is_some(), status == 405, "{method} {path}: {allow:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_keeps_the_name_its_proxy_gave_it_unless_it_is_no_name() {
    let scene = AccessFixture::new().await.unwrap();
    for (given, kept) in [("7f00-abc", true), ("no name: {}", false), ("", false)] {
        let sent = scene.ask(Method::GET, "/v1/devices").header("x-request-id", given);
        let sent = sent.send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(id(sent.headers()) == given, kept, "{given}");
        assert!(!id(sent.headers()).is_empty());
        problem(sent, given).await;
    }
}

fn id(headers: &HeaderMap) -> &str {
    headers["x-request-id"].to_str().unwrap()
}
