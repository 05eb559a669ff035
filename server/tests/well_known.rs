//! Platforms fetch what they must know of the apps without a session.

use crate::ground::{NoGateway, TestServices};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::Value;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use toruk_server::config::{Config, MobileApp};
use toruk_server::router::router;
use tower::ServiceExt as _;

const PATHS: [&str; 3] = [
    "/.well-known/assetlinks.json",
    "/.well-known/apple-app-site-association",
    "/.well-known/webauthn",
];

/// Status, media type and content.
async fn fetch(ground: &TestServices, path: &str) -> (u16, String, Value) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let router = router(ground.state.clone(), CancellationToken::new());
    let response = router.oneshot(request).await.unwrap();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let content = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, kind, serde_json::from_slice(&content).unwrap())
}

#[tokio::test]
async fn what_is_configured_is_there_and_nothing_else() {
    let bare = TestServices::new().await;
    for path in PATHS {
        let (status, _, problem) = fetch(&bare, path).await;
        assert_eq!((status, &problem["code"]), (404, &Value::from("not_found")), "{path}");
    }
    let change = |config: &mut Config| {
        config.app_origins = vec![
            "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
            "https://www.auction.example.kg".to_owned(),
        ];
        config.mobile_apps = vec![
            MobileApp::Android("kg.toruk.app".to_owned()),
            MobileApp::Ios("ABCDE12345.kg.toruk.app".to_owned()),
        ];
    };
    let ground = TestServices::with_config(Arc::new(NoGateway), change).await;
    for (path, place, expected) in [
        (PATHS[0], "/0/target/package_name", "kg.toruk.app"),
        (PATHS[1], "/webcredentials/apps/0", "ABCDE12345.kg.toruk.app"),
        (PATHS[2], "/origins/0", "https://www.auction.example.kg"),
    ] {
        let (status, kind, content) = fetch(&ground, path).await;
        assert_eq!((status, kind.as_str()), (200, "application/json"), "{path}");
        assert_eq!(content.pointer(place), Some(&Value::from(expected)), "{path}");
    }
}
