//! Firebase Cloud Messaging, HTTP v1.
//!
//! # Why an adapter of its own
//! The crate `fcm` uses the interface that was closed in 2024, and no maintained one lets the
//! endpoint be chosen, which the tests need. It is one request.
//!
//! # Why data messages
//! Android shows a `notification` message by itself, with a text that may no longer be true. A data
//! message wakes the app, which asks the server before it shows anything. Apple does not guarantee
//! to wake an app for a background push, so urgent hints go there as an alert with a neutral text
//! that an extension of the app may replace.

use crate::ports::{PushError, PushMessage, PushTransport};
use async_trait::async_trait;
use gcp_auth::{CustomServiceAccount, TokenProvider as _};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use toruk_sync::protocol::push_hint::PushHint;

/// Google's public endpoint of FCM.
const BASE_URL: &str = "https://fcm.googleapis.com/";
/// OAuth scope that the service account needs.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// Time limit for one call; a slower gateway counts as unavailable.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Wait after a rate limit without a `Retry-After`; Google asks for a minute.
const RATE_LIMIT_WAIT_S: u64 = 60;
/// Largest response that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Key of the app's text for an alert that only asks to open the app.
const ALERT_KEY: &str = "push_notice";

/// The reason why the adapter can't be created.
#[derive(Debug, thiserror::Error)]
pub enum FcmError {
    /// The file is not a service account's key.
    #[error("the service account can't be read")]
    Account(#[source] gcp_auth::Error),
    /// The file names no project.
    #[error("the service account names no project")]
    NoProject,
    /// The endpoint can't be extended by a path.
    #[error("the base URL can't be used")]
    BaseUrl,
}

/// Sends pushes to phones by FCM.
pub struct FcmV1 {
    key: String,
    /// Caches the access token until it expires.
    account: RwLock<Arc<CustomServiceAccount>>,
    endpoint: Url,
    http: Client,
}

impl FcmV1 {
    /// An adapter for the service account in `service_account_json` (Google's key file). `base_url`
    /// stands in for `https://fcm.googleapis.com/`; the token endpoint is the key file's
    /// `token_uri`.
    ///
    /// # Errors
    /// [`FcmError`].
    pub fn new(
        service_account_json: &str,
        base_url: Option<Url>,
        http: Client,
    ) -> Result<Self, FcmError> {
        let key = service_account_json.to_owned();
        let account = CustomServiceAccount::from_json(&key).map_err(FcmError::Account)?;
        let project = account.project_id().ok_or(FcmError::NoProject)?.to_owned();
        let mut endpoint = match base_url {
            Some(base_url) => base_url,
            None => Url::parse(BASE_URL).map_err(|_| FcmError::BaseUrl)?,
        };
        endpoint.path_segments_mut().map_err(|()| FcmError::BaseUrl)?.pop_if_empty().extend([
            "v1",
            "projects",
            &project,
            "messages:send",
        ]);
        Ok(Self { key, account: RwLock::new(Arc::new(account)), endpoint, http })
    }

    fn account(&self) -> Arc<CustomServiceAccount> {
        self.account.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the token of an account that was rejected, unless another call has already. The
    /// library drops a token only when it expires, and would keep one that Google revoked.
    fn forget(&self, turned_away: &Arc<CustomServiceAccount>) {
        let mut account = self.account.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&account, turned_away) {
            match CustomServiceAccount::from_json(&self.key) {
                Ok(fresh) => *account = Arc::new(fresh),
                Err(error) => tracing::error!(%error, "the service account can't be read again"),
            }
        }
    }
}

async fn bearer(account: &CustomServiceAccount) -> Result<String, PushError> {
    match tokio::time::timeout(TIMEOUT, account.token(&[SCOPE])).await {
        Ok(Ok(token)) => Ok(token.as_str().to_owned()),
        Ok(Err(error)) => Err(misconfigured(None, format!("no token: {error}"))),
        Err(_) => Err(unavailable(None, "no token in time".to_owned())),
    }
}

#[async_trait]
impl PushTransport for FcmV1 {
    async fn send(&self, message: &PushMessage) -> Result<(), PushError> {
        let account = self.account();
        let request = self
            .http
            .post(self.endpoint.clone())
            .bearer_auth(bearer(&account).await?)
            .timeout(TIMEOUT)
            .json(&envelope(message));
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => {
                if response.status() == StatusCode::UNAUTHORIZED {
                    self.forget(&account);
                }
                Err(refusal(response).await)
            }
            // The URL is not part of the reason, and may hold secrets.
            Err(error) => Err(unavailable(None, error.without_url().to_string())),
        }
    }
}

/// The message in the form that FCM accepts.
fn envelope(message: &PushMessage) -> Value {
    let (android, apns_priority, apns_type, aps) = if message.urgent {
        let alert = json!({ "alert": { "loc-key": ALERT_KEY }, "mutable-content": 1 });
        ("HIGH", "10", "alert", alert)
    } else {
        ("NORMAL", "5", "background", json!({ "content-available": 1 }))
    };
    let mut headers = json!({
        "apns-priority": apns_priority,
        "apns-push-type": apns_type,
        "apns-collapse-id": message.collapse_id,
    });
    // Apple wants a moment where Android wants a duration; the hint has it.
    if let Ok(hint) = serde_json::from_str::<PushHint>(&message.hint) {
        let expiration = hint.expires_at.0.div_euclid(1_000_000);
        headers["apns-expiration"] = json!(expiration.to_string());
    }
    let mut android = json!({ "priority": android, "ttl": format!("{}s", message.ttl_s) });
    if let Some(key) = &message.collapse_key {
        android["collapse_key"] = json!(key);
    }
    json!({ "message": {
        "token": message.token,
        "data": { "hint": message.hint },
        "android": android,
        "apns": { "headers": headers, "payload": { "aps": aps } },
    } })
}

/// The fields of Google's error body that matter here.
#[derive(Debug, Default, Deserialize)]
struct FcmAnswer {
    #[serde(default)]
    error: FcmAnswerError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FcmAnswerError {
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<FcmAnswerDetail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FcmAnswerDetail {
    #[serde(default)]
    error_code: String,
}

async fn refusal(mut response: Response) -> PushError {
    let status = response.status();
    let retry_after_s = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse().ok());
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            break;
        }
    }
    meaning(status, retry_after_s, &body)
}

/// Classifies a rejection. Only `UNREGISTERED` is about the phone. `SENDER_ID_MISMATCH` is not: with
/// another project's service account every token gets it, and all of them are good. Neither is a
/// 404 without FCM's own code: that is a wrong project, or a proxy.
fn meaning(status: StatusCode, retry_after_s: Option<u64>, body: &[u8]) -> PushError {
    let answer: FcmAnswer = serde_json::from_slice(body).unwrap_or_default();
    let mut codes = answer.error.details.iter().map(|detail| detail.error_code.as_str());
    let code = codes.find(|code| !code.is_empty()).unwrap_or(&answer.error.status);
    let reason = format!("{} {code}", status.as_u16()).trim_end().to_owned();
    match (status, code) {
        (_, "UNREGISTERED") => PushError::Unregistered,
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            misconfigured(Some(retry_after_s.unwrap_or(RATE_LIMIT_WAIT_S)), reason)
        }
        (_, "SENDER_ID_MISMATCH" | "THIRD_PARTY_AUTH_ERROR") => {
            misconfigured(retry_after_s, reason)
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, _) => {
            misconfigured(retry_after_s, reason)
        }
        (StatusCode::REQUEST_TIMEOUT, _) => unavailable(retry_after_s, reason),
        (status, _) if status.is_server_error() => unavailable(retry_after_s, reason),
        _ => PushError::Refused(reason),
    }
}

fn misconfigured(retry_after_s: Option<u64>, reason: String) -> PushError {
    PushError::Misconfigured { retry_after_s, reason }
}

fn unavailable(retry_after_s: Option<u64>, reason: String) -> PushError {
    PushError::Unavailable { retry_after_s, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(code: &str) -> Vec<u8> {
        let detail = json!({
            "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
            "errorCode": code,
        });
        let error = json!({ "error": { "code": 404, "status": "NOT_FOUND", "details": [detail] } });
        error.to_string().into_bytes()
    }

    #[test]
    fn only_fcm_itself_can_say_that_a_phone_is_gone() {
        let by_fcm = meaning(StatusCode::NOT_FOUND, None, &body("UNREGISTERED"));
        assert!(matches!(by_fcm, PushError::Unregistered));
        let by_a_proxy = meaning(StatusCode::NOT_FOUND, None, b"<html>no such page</html>");
        assert!(matches!(by_a_proxy, PushError::Misconfigured { .. }));
    }

    #[test]
    fn an_answer_about_this_server_says_nothing_about_a_phone() {
        for (status, code) in [
            (403, "SENDER_ID_MISMATCH"),
            (403, "PERMISSION_DENIED"),
            (401, "THIRD_PARTY_AUTH_ERROR"),
            (401, ""),
            (403, ""),
            (404, ""),
            (429, "QUOTA_EXCEEDED"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let meaning = meaning(status, None, &body(code));
            assert!(matches!(meaning, PushError::Misconfigured { .. }), "{status} {code}");
        }
        for status in 300..600 {
            let status = StatusCode::from_u16(status).unwrap();
            for page in [&b""[..], b"<html>", b"{}", b"{\"error\":{\"status\":\"NOT_FOUND\"}}"] {
                let meaning = meaning(status, None, page);
                assert!(!matches!(meaning, PushError::Unregistered), "{status}");
            }
        }
    }

    #[test]
    fn a_gateway_in_trouble_is_asked_again() {
        for (status, retry_after, expected) in
            [(500, None, None), (503, Some(30), Some(30)), (408, None, None)]
        {
            let status = StatusCode::from_u16(status).unwrap();
            match meaning(status, retry_after, b"") {
                PushError::Unavailable { retry_after_s, .. } => assert_eq!(retry_after_s, expected),
                other => panic!("{status}: {other}"),
            }
        }
        for (retry_after, expected) in [(Some(7), 7), (None, RATE_LIMIT_WAIT_S)] {
            match meaning(StatusCode::TOO_MANY_REQUESTS, retry_after, b"") {
                PushError::Misconfigured { retry_after_s, .. } => {
                    assert_eq!(retry_after_s, Some(expected));
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_push_carries_no_text_of_its_own_and_lives_as_long_as_its_notice() {
        let message = PushMessage {
            token: "t".to_owned(),
            hint: json!({
                "kind": "outbid",
                "person": "00000000-0000-0000-0000-000000000001",
                "auction": "00000000-0000-0000-0000-000000000002",
                "seq": 7,
                "expires_at": 1_800_000_000_000_000_i64,
                "server_time": 1_799_999_999_000_000_i64,
            })
            .to_string(),
            collapse_key: Some("a".to_owned()),
            collapse_id: "outbid:2".to_owned(),
            ttl_s: 299,
            urgent: true,
        };
        let envelope = envelope(&message);
        let sent = &envelope["message"];
        assert!(sent.get("notification").is_none());
        assert_eq!(sent["android"]["ttl"], "299s");
        assert_eq!(sent["android"]["priority"], "HIGH");
        assert_eq!(sent["android"]["collapse_key"], "a");
        assert_eq!(sent["apns"]["headers"]["apns-expiration"], "1800000000");
        assert_eq!(sent["apns"]["headers"]["apns-collapse-id"], "outbid:2");
        assert_eq!(sent["data"]["hint"], message.hint);
        let alone = PushMessage { collapse_key: None, ..message };
        assert!(super::envelope(&alone)["message"]["android"].get("collapse_key").is_none());
    }
}
