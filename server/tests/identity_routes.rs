//! The HTTP surface of identity: callers that pass the extractors, and the rejections of all
//! others.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, aida, device, sign};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use axum::{Router, response::Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toruk_server::identity::{Error, Role, cookie_name};
use toruk_server::{console, identity, push};
use toruk_sync::protocol::identity::{Challenge, PushToken, Session, StartSignIn};
use tower::ServiceExt as _;

fn router(ground: &TestServices) -> Router {
    let (router, _) = identity::routes::routes().merge(push::routes::routes()).split_for_parts();
    router.nest("/console", console::routes(&ground.state)).with_state(ground.state.clone())
}

async fn send(ground: &TestServices, request: Request<Body>) -> Response {
    router(ground).oneshot(request).await.unwrap()
}

fn request(method: Method, path: &str, token: &str, body: &impl Serialize) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(body).unwrap()))
        .unwrap()
}

fn open(cookie: &str, accept: &str) -> Request<Body> {
    Request::builder()
        .uri("/console/audit")
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, accept)
        .body(Body::empty())
        .unwrap()
}

async fn read<T: DeserializeOwned>(response: Response) -> T {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = read(response).await;
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_phone_registers_signs_in_and_signs_out_over_http() {
    let ground = TestServices::new().await;
    let mut phone = Phone::new(0xA);
    let post = |path: &str, body: Value| request(Method::POST, path, "", &body);
    let to_value = |body| serde_json::to_value(body).unwrap();

    let started = post("/v1/registrations", serde_json::to_value(aida()).unwrap());
    let challenge: Challenge = read(send(&ground, started).await).await;
    let finish = to_value(phone.create(&challenge));
    let session: Session =
        read(send(&ground, post("/v1/registrations/finish", finish)).await).await;

    let named = StartSignIn { credential_id: Some(session.credential_id.clone()) };
    let started = post("/v1/sessions", serde_json::to_value(named).unwrap());
    let challenge: Challenge = read(send(&ground, started).await).await;
    let finish = to_value(phone.get(&challenge, &session.credential_id));
    let session: Session =
        read(send(&ground, post("/v1/sessions/finish", finish.clone())).await).await;
    let replay = send(&ground, post("/v1/sessions/finish", finish)).await;
    assert_eq!(refused(replay).await, (401, "ceremony_failed".to_owned()));

    let push_token = PushToken { token: Some("aida".to_owned()) };
    let path = "/v1/devices/current/push-token";
    let put = || request(Method::PUT, path, &session.token, &push_token);
    assert_eq!(send(&ground, put()).await.status(), StatusCode::NO_CONTENT);
    let end = request(Method::DELETE, "/v1/sessions/current", &session.token, &());
    assert_eq!(send(&ground, end).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(refused(send(&ground, put()).await).await, (401, "signed_out".to_owned()));
}

#[tokio::test]
async fn a_browser_without_a_session_is_sent_to_sign_in_and_a_script_is_told() {
    let ground = TestServices::new().await;
    let page = send(&ground, open("", "text/html,*/*")).await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(page.headers()[header::LOCATION], "/console/sign-in");
    let script = send(&ground, open("", "application/json")).await;
    assert_eq!(script.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_official_gets_in_by_cookie_and_a_phone_does_not() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let invitation = identity.invite(None, Role::Moderator, None).await.unwrap();
    let token = invitation.link.rsplit('#').next().unwrap();
    let challenge = identity.start_enrolment(token, "Бек", "ru").await.unwrap();
    let answer = Phone::new(1).create(&challenge);
    let session =
        identity.finish_enrolment(token, answer.ceremony, answer.credential).await.unwrap();
    let name = cookie_name(&ground.state.context.config);
    let cookie = format!("{name}={}", session.token);
    let page = send(&ground, open(&cookie, "text/html")).await;
    assert_eq!(page.status(), StatusCode::OK);

    let phone = Phone::new(0xA).register(identity).await;
    let cookie = format!("{name}={}", phone.token);
    let script = send(&ground, open(&cookie, "application/json")).await;
    assert_eq!(script.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_that_signs_in_again_has_one_session() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let invitation = identity.invite(None, Role::Moderator, None).await.unwrap();
    let token = invitation.link.rsplit('#').next().unwrap();
    let challenge = identity.start_enrolment(token, "Бек", "ru").await.unwrap();
    let mut browser = Phone::new(1);
    let answer = browser.create(&challenge);
    let passkey = answer.credential["id"].as_str().unwrap().to_owned();
    let first = identity.finish_enrolment(token, answer.ceremony, answer.credential).await.unwrap();

    let challenge = identity.start_console_sign_in().await.unwrap();
    let answer = browser.get(&challenge, &passkey);
    let name = cookie_name(&ground.state.context.config);
    let body = json!({ "ceremony": answer.ceremony, "credential": answer.credential });
    let mut again = request(Method::POST, "/console/sign-in/finish", "", &body);
    let headers = again.headers_mut();
    headers.insert(header::COOKIE, format!("{name}={}", first.token).parse().unwrap());
    headers.insert(header::ORIGIN, ground.state.context.config.public_origin.parse().unwrap());
    let entered = send(&ground, again).await;
    assert_eq!(entered.status(), StatusCode::NO_CONTENT);
    let cookie = entered.headers()[header::SET_COOKIE].to_str().unwrap();
    let second = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(identity.official(second).await.is_ok());
    assert!(matches!(identity.official(&first.token).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn a_device_key_that_is_no_point_of_the_curve_is_malformed() {
    let ground = TestServices::new().await;
    let mut phone = Phone::new(0xA);
    let challenge = ground.state.identity.start_registration(aida()).await.unwrap();
    let mut body = phone.create(&challenge);
    body.device.public_key = "BAAA".to_owned();
    let response =
        send(&ground, request(Method::POST, "/v1/registrations/finish", "", &body)).await;
    assert_eq!(refused(response).await, (400, "malformed".to_owned()));
}

#[tokio::test]
async fn a_key_without_its_proof_and_the_key_of_another_are_told_apart() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    Phone::new(0xA).register(identity).await;
    for (what, status, code) in [
        ("missing", 426, "upgrade_required"),
        ("wrong", 422, "bad_signature"),
        ("of another", 409, "id_reused"),
    ] {
        let challenge = identity.start_registration(aida()).await.unwrap();
        let mut body = Phone::new(0xB).create(&challenge);
        match what {
            "missing" => body.proof = None,
            "wrong" => body.proof = Some("AAAA".to_owned()),
            _ => {
                body.device.public_key = device(0xA).public_key;
                body.proof = Some(sign(0xA, &body.device.package(body.ceremony)));
            }
        }
        let finish = request(Method::POST, "/v1/registrations/finish", "", &body);
        assert_eq!(refused(send(&ground, finish).await).await, (status, code.to_owned()));
    }
}
