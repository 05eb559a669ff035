//! The rows of `access` for the addresses of pushes.

use crate::access::Row;
use reqwest::Method;
use serde_json::json;

const PATH: &str = "/v1/devices/current/web-push";
/// The point that the curve is made of: a key that is one.
const KEY: &str =
    "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";

/// The key that a browser names, and the addresses of its pushes.
pub const OF_PUSHES: &[Row] = &[
    (
        "PUT /v1/devices/current/push-token",
        |s| s.ask(Method::PUT, "/v1/devices/current/push-token").json(&json!({ "token": null })),
        [401, 401, 401, 401, 204, 204, 204],
    ),
    ("GET /v1/web-push", |s| s.ask(Method::GET, "/v1/web-push"), [200; 7]),
    (
        "PUT /v1/devices/current/web-push",
        |s| {
            let keys = json!({ "p256dh": KEY, "auth": "BTBZMqHH6r4Tts7J_aSIgg" });
            let endpoint = "https://push.example/a";
            s.ask(Method::PUT, PATH).json(&json!({ "endpoint": endpoint, "keys": keys }))
        },
        [401, 401, 401, 401, 204, 204, 204],
    ),
    (
        "DELETE /v1/devices/current/web-push",
        |s| s.ask(Method::DELETE, PATH),
        [401, 401, 401, 401, 204, 204, 204],
    ),
];
