//! The way back through the browser, over HTTP.

use super::{Ground, aida};
use crate::ground::TestServices;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use toruk_server::AppState;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::EidPurpose;
use toruk_sync::protocol::identity::Session;
use tower::ServiceExt as _;

pub async fn send(state: &AppState, request: Request<Body>) -> Response {
    let router = toruk_server::router::router(state.clone(), CancellationToken::new());
    router.oneshot(request).await.unwrap()
}

pub async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn get(path: &str, language: &str) -> Request<Body> {
    let request = Request::builder().uri(path).header(header::ACCEPT_LANGUAGE, language);
    request.body(Body::empty()).unwrap()
}

pub fn form(fields: &[(&str, &str)]) -> Request<Body> {
    let url = reqwest::Url::parse_with_params("http://a/", fields).unwrap();
    Request::post("/eid/callback")
        .header(header::ORIGIN, "https://eid.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(url.query().unwrap_or_default().to_owned()))
        .unwrap()
}

fn post(path: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// The app's address in a page, as a browser reads it.
fn app_address(page: &str) -> Option<reqwest::Url> {
    let (_, rest) = page.split_once("role=\"button\" href=\"")?;
    let (escaped, _) = rest.split_once('"')?;
    let plain = escaped.replace("&#38;", "&").replace("&amp;", "&");
    Some(reqwest::Url::parse(&plain).unwrap())
}

#[tokio::test]
async fn a_browser_hands_the_answer_to_the_app_and_keeps_nothing() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let visit = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    let (sealed, code) = (visit.fields.state.as_str(), visit.fields.code.as_str());
    let iss = visit.fields.iss.clone().unwrap();
    let fields = [("code", code), ("state", sealed), ("iss", &iss), ("session_state", "x")];
    let query = reqwest::Url::parse_with_params("http://a/eid/callback", fields).unwrap();
    let by_address = format!("/eid/callback?{}", query.query().unwrap());
    for request in [form(&fields), get(&by_address, "en")] {
        let response = send(state, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert!(response.headers().get(header::SET_COOKIE).is_none());
        let page = text(response).await;
        assert!(page.contains("lang=\"ru\"") && page.contains("Открыть приложение"), "{page}");
        let app = app_address(&page).unwrap();
        assert_eq!((app.path(), app.query()), ("/eid/app", None));
        assert_eq!(app.origin().ascii_serialization(), "http://localhost:8080");
        let fragment = format!("http://a/?{}", app.fragment().unwrap());
        let handed: Vec<(String, String)> =
            reqwest::Url::parse(&fragment).unwrap().query_pairs().into_owned().collect();
        let expected = [("state", sealed), ("code", code), ("iss", &iss)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(handed, expected);
    }
    assert_eq!(ground.stored().await, [0; 5]);
    assert_eq!(ground.provider.counts().tokens, 0, "a browser redeems nothing");
    let app = send(state, get("/eid/app", "en")).await;
    assert_eq!(app.status(), StatusCode::OK);
    assert!(text(app).await.contains("The app should have opened here"));
}

#[tokio::test]
async fn a_browser_without_an_answer_is_told_why_in_its_language() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let visit = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    let sealed = visit.fields.state.as_str();
    for (fields, words, fault) in [
        (vec![("state", sealed), ("error", "access_denied")], "не согласились", Some("cancelled")),
        (vec![("state", sealed), ("error", "server_error")], "не смог", Some("provider")),
        (vec![("state", sealed), ("error", "<script>")], "не смог", Some("provider")),
        (vec![("state", sealed)], "не смог", Some("provider")),
        (vec![("state", sealed), ("code", "")], "не смог", Some("provider")),
        (vec![("state", "AAAA"), ("code", "1")], "бул жерде башталган эмес", None),
        (vec![("code", "1")], "бул жерде башталган эмес", None),
    ] {
        let response = send(state, form(&fields)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fields:?}");
        let page = text(response).await;
        assert!(page.contains(words) && !page.contains("<script>"), "{fields:?}: {page}");
        let app = app_address(&page);
        let told = app.map(|app| app.fragment().unwrap().rsplit('=').next().unwrap().to_owned());
        assert_eq!(told.as_deref(), fault, "{fields:?}");
    }
    let odd = Request::post("/eid/callback").body(Body::from(vec![0xff; 10])).unwrap();
    assert_eq!(send(state, odd).await.status(), StatusCode::BAD_REQUEST);
    for (language, words) in
        [("ky", "башталган эмес"), ("ru", "начат не здесь"), ("en", "was not begun here")]
    {
        let page = text(send(state, get("/eid/callback", language)).await).await;
        assert!(page.contains(words), "{page}");
    }
    ground.pass(TimeSpan::minutes(15));
    let late = send(state, form(&[("state", sealed), ("code", "1")])).await;
    assert!(text(late).await.contains("Время вышло"));
}

#[tokio::test]
async fn a_phone_signs_in_over_http_and_each_refusal_has_its_problem() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let visit = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    let device = crate::ground::phone::device(1);
    let proof = crate::ground::phone::sign(1, &device.package(visit.start.ceremony));
    let answer = visit.answer();
    let mut stolen = answer.clone();
    stolen.secret = "x".repeat(43);
    let body = json!({ "answer": stolen, "device": device, "proof": proof });
    let refused = send(state, post("/v1/sessions/eid/finish", &body)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let problem: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(
        (&problem["code"], &problem["params"]["fault"]),
        (&json!("eid_failed"), &json!("secret"))
    );
    let body = json!({ "answer": answer, "device": device, "proof": proof });
    let session = text(send(state, post("/v1/sessions/eid/finish", &body)).await).await;
    let session: Session = serde_json::from_str(&session).unwrap();
    assert!(state.identity.bidder(&session.token).await.is_ok());

    let without = TestServices::new().await;
    let start = json!({ "purpose": "sign_in", "secret_hash": "0a".repeat(32), "language": "ky" });
    let recovery = json!(visit.answer());
    for request in [
        post("/v1/sessions/eid", &start),
        post("/v1/sessions/eid/finish", &body),
        post("/v1/registrations/by-eid", &recovery),
        get("/eid/callback", "ky"),
    ] {
        let path = request.uri().clone();
        let answered = send(&without.state, request).await;
        assert_eq!(answered.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
