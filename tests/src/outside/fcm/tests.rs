//! FCM as the server's adapter and a phone meet it: gcp_auth, reqwest, real sockets.

use super::*;
use crate::world::clock::ManualClock;
use gcp_auth::{CustomServiceAccount, TokenProvider};
use serde_json::{Value, json};
use toruk_sync::domain::time::Timestamp;

const START: Timestamp = Timestamp(1_790_000_000_000_000);
const SCOPES: &[&str] = &["https://www.googleapis.com/auth/firebase.messaging"];

/// A server that sends, and FCM.
struct Sender {
    clock: Arc<ManualClock>,
    fcm: Fcm,
    client: reqwest::Client,
    account: CustomServiceAccount,
}

impl Sender {
    async fn new() -> Self {
        let clock = ManualClock::new(START);
        let fcm = Fcm::start(clock.clone(), "toruk-test").await.unwrap();
        let client = listening::client().unwrap();
        let account = CustomServiceAccount::from_json(&fcm.service_account_json()).unwrap();
        assert_eq!(account.project_id(), Some("toruk-test"));
        Self { clock, fcm, client, account }
    }

    async fn bearer(&self) -> String {
        self.account.token(SCOPES).await.unwrap().as_str().to_owned()
    }

    async fn send(&self, token: &str, seq: &str) -> reqwest::Response {
        let bearer = self.bearer().await;
        self.post("toruk-test", &bearer, &message(token, seq)).await.unwrap()
    }

    async fn post(
        &self,
        project: &str,
        bearer: &str,
        body: &Value,
    ) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/v1/projects/{project}/messages:send", self.fcm.base());
        self.client.post(url).bearer_auth(bearer).json(body).send().await
    }
}

fn message(token: &str, seq: &str) -> Value {
    json!({ "message": {
        "token": token,
        "data": { "kind": "outbid", "seq": seq },
        "android": { "collapse_key": "auction-1", "priority": "HIGH", "ttl": "300s" },
    }})
}

async fn error_code(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], status);
    let code = &body["error"]["details"][0]["errorCode"];
    (status, code.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn messages_reach_a_phone_with_one_token_call() {
    let sender = Sender::new().await;
    let mut phone = sender.fcm.register();
    for seq in ["1", "2", "3", "4"] {
        let response = sender.send(&phone.token, seq).await;
        assert_eq!(response.status(), 200);
        let answer: Value = response.json().await.unwrap();
        let arrived = phone.messages.recv().await.unwrap();
        assert_eq!(arrived.data["seq"], seq);
        assert_eq!(answer["name"], arrived.name);
        assert!(arrived.high_priority);
        assert_eq!(arrived.expires_at, START + TimeSpan::minutes(5));
    }
    let expected = Counts { token_calls: 1, send_calls: 4, accepted: 4, delivered: 4 };
    assert_eq!(sender.fcm.counts(), expected);
    sender.fcm.stop().await;
}

#[tokio::test]
async fn an_offline_phone_gets_the_last_raise_unless_its_window_is_over() {
    let sender = Sender::new().await;
    let mut phone = sender.fcm.register();
    sender.fcm.set_online(&phone.token, false);
    for seq in ["1", "2"] {
        assert_eq!(sender.send(&phone.token, seq).await.status(), 200);
    }
    sender.fcm.set_online(&phone.token, true);
    assert_eq!(phone.messages.try_recv().unwrap().data["seq"], "2");
    assert!(phone.messages.try_recv().is_err());

    sender.fcm.set_online(&phone.token, false);
    sender.send(&phone.token, "3").await;
    sender.clock.advance(TimeSpan::minutes(5));
    sender.fcm.set_online(&phone.token, true);
    assert!(phone.messages.try_recv().is_err());
    assert_eq!(sender.fcm.counts().delivered, 1);
}

#[tokio::test]
async fn a_removed_app_and_a_stranger_are_not_found() {
    let sender = Sender::new().await;
    let phone = sender.fcm.register();
    sender.fcm.unregister(&phone.token);
    for token in [phone.token.as_str(), "nobody"] {
        let code = error_code(sender.send(token, "1").await).await;
        assert_eq!(code, (404, "UNREGISTERED".to_owned()));
    }
}

#[tokio::test]
async fn fcm_fails_on_demand_and_is_well_again() {
    let sender = Sender::new().await;
    let phone = sender.fcm.register();
    let faults = [
        SendFault::Unregistered,
        SendFault::TooManyRequests { retry_after_s: 7 },
        SendFault::Internal,
        SendFault::Unavailable { retry_after_s: 8 },
        SendFault::TokenExpired,
    ];
    sender.fcm.misbehave(|misbehaviour| misbehaviour.sends.extend(faults));
    for (status, code, retry_after) in [
        (404, "UNREGISTERED", None),
        (429, "QUOTA_EXCEEDED", Some("7")),
        (500, "INTERNAL", None),
        (503, "UNAVAILABLE", Some("8")),
        (401, "", None),
    ] {
        let response = sender.send(&phone.token, "1").await;
        let given = response.headers().get("retry-after").cloned();
        assert_eq!(given.as_ref().map(|value| value.to_str().unwrap()), retry_after);
        assert_eq!(error_code(response).await, (status, code.to_owned()));
    }
    assert_eq!(sender.send(&phone.token, "1").await.status(), 200);
    assert_eq!(sender.fcm.counts().delivered, 1);
}

#[tokio::test]
async fn a_slow_fcm_delivers_when_its_time_has_come() {
    let sender = Sender::new().await;
    let mut phone = sender.fcm.register();
    let slow = SendFault::Slow(TimeSpan::seconds(20));
    sender.fcm.misbehave(|misbehaviour| misbehaviour.sends.push_back(slow));
    let answered = sender.send(&phone.token, "1");
    let meanwhile = async {
        // One thread runs it all: a send that is counted has read the clock.
        while sender.fcm.counts().send_calls == 0 {
            tokio::task::yield_now().await;
        }
        assert!(phone.messages.try_recv().is_err());
        sender.clock.advance(TimeSpan::seconds(20));
        phone.messages.recv().await.unwrap()
    };
    let (response, arrived) = futures_util::future::join(answered, meanwhile).await;
    assert_eq!(response.status(), 200);
    assert_eq!(arrived.data["seq"], "1");
}

#[tokio::test]
async fn a_token_that_was_taken_back_or_forged_sends_nothing() {
    let sender = Sender::new().await;
    let phone = sender.fcm.register();
    assert_eq!(sender.send(&phone.token, "1").await.status(), 200);
    sender.fcm.expire_tokens();
    assert_eq!(sender.send(&phone.token, "2").await.status(), 401, "gcp_auth keeps its token");
    let body = message(&phone.token, "3");
    assert_eq!(sender.post("toruk-test", "forged", &body).await.unwrap().status(), 401);
    let second = CustomServiceAccount::from_json(&sender.fcm.service_account_json()).unwrap();
    let bearer = second.token(SCOPES).await.unwrap();
    assert_eq!(sender.post("toruk-test", bearer.as_str(), &body).await.unwrap().status(), 200);
    assert_eq!(sender.post("other", bearer.as_str(), &body).await.unwrap().status(), 403);
    assert_eq!(sender.fcm.counts().token_calls, 2);
}

#[tokio::test]
async fn a_malformed_message_is_an_invalid_argument() {
    let sender = Sender::new().await;
    let phone = sender.fcm.register();
    let bearer = sender.bearer().await;
    let mut numeric = message(&phone.token, "1");
    numeric["message"]["data"]["seq"] = json!(1);
    for body in [json!({}), json!([]), numeric] {
        let response = sender.post("toruk-test", &bearer, &body).await.unwrap();
        assert_eq!(error_code(response).await, (400, "INVALID_ARGUMENT".to_owned()));
    }
    assert_eq!(sender.fcm.counts().accepted, 0);
}

#[tokio::test]
async fn a_failing_token_endpoint_is_asked_again_and_a_stranger_gets_no_token() {
    let sender = Sender::new().await;
    sender.fcm.misbehave(|misbehaviour| misbehaviour.failing_token_calls = 1);
    assert!(sender.bearer().await.starts_with("ya29."));
    assert_eq!(sender.fcm.counts().token_calls, 2);
    let url = format!("{}/token", sender.fcm.base());
    for (grant_type, assertion) in
        [("urn:ietf:params:oauth:grant-type:jwt-bearer", "a.b.c"), ("password", "x")]
    {
        let form = [("grant_type", grant_type), ("assertion", assertion)];
        let response = sender.client.post(&url).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 400);
    }
}
