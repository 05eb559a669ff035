//! Web push (RFC 8030): notices to browsers, and to phones with another distributor than Google's, by
//! the push service that each names. No account of anybody's is needed for it; the content is encrypted
//! for the one subscriber.
//!
//! # Why a refusal of our key is the message's own
//! Each browser names its own push service, and a subscription may be bound to another server's key. What
//! one of them refuses says nothing about the others, so none stops the rest.

mod encryption;
mod hosts;
mod subscription;
mod vapid;

pub use subscription::is_web_address;
pub use vapid::{VapidFault, VapidKey, is_contact};

use crate::clock::Clock;
use crate::ports::{Ids, PushError, PushMessage, PushTransport, SubscriptionFault};
use crate::reach::{PublicNames, Reach};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use encryption::encrypt;
use hosts::Hosts;
use p256::SecretKey;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use subscription::Subscription;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::web_push::WebPushSubscription;

/// Time limit for one call; a slower service counts as unavailable.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of a topic's hash: 32 characters in base64url, the most that RFC 8030 allows.
const TOPIC_BYTES: usize = 24;
/// Keys drawn until one is in the curve's range; one of 2³² is not.
const DRAWS_MAX: usize = 4;
/// Wait after a rate limit without a `Retry-After`.
const RATE_LIMIT_WAIT_S: u64 = 60;

/// Sends pushes to browsers.
pub struct WebPush {
    key: VapidKey,
    http: Client,
    reach: Reach,
    hosts: Hosts,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl WebPush {
    /// An adapter with this key, which asks addresses within `reach`. It uses no proxy: that would look
    /// names up by itself, and see another network than this machine.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn new(
        key: VapidKey,
        reach: Reach,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, reqwest::Error> {
        let http = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).no_proxy();
        let http = match reach {
            Reach::Public => http.https_only(true).dns_resolver(Arc::new(PublicNames)),
            Reach::Anywhere => http,
        };
        Ok(Self { key, http: http.build()?, reach, hosts: Hosts::default(), clock, ids })
    }

    /// A key pair for one message.
    fn ephemeral(&self) -> Option<SecretKey> {
        (0..DRAWS_MAX).find_map(|_| SecretKey::from_slice(&self.ids.secret()).ok())
    }

    async fn post(
        &self,
        message: &PushMessage,
        to: Subscription,
        origin: &str,
    ) -> Result<Response, PushError> {
        let refused = |reason: &str| PushError::Refused(reason.to_owned());
        let ephemeral = self.ephemeral().ok_or_else(|| refused("no key was drawn"))?;
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.ids.secret()[..16]);
        let sealed = encrypt(message.hint.as_bytes(), &to.subscriber, &ephemeral, salt);
        let sealed = sealed.map_err(|fault| refused(&fault.to_string()))?;
        let now_s = self.clock.now().0.div_euclid(1_000_000);
        let request = self
            .http
            .post(to.endpoint.clone())
            .header(AUTHORIZATION, self.key.authorization(origin, now_s))
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", message.ttl_s)
            .header("urgency", if message.urgent { "high" } else { "normal" });
        // What asks for an act is replaced by nothing.
        let request = match message.collapse_key {
            Some(_) => request.header("topic", topic(&to.subscriber.auth, &message.collapse_id)),
            None => request,
        };
        // The URL is not part of the reason: it is the browser's secret.
        let answer = request.body(sealed).send().await;
        answer.map_err(|error| unavailable(None, error.without_url().to_string()))
    }
}

#[async_trait]
impl PushTransport for WebPush {
    async fn send(&self, message: &PushMessage) -> Result<(), PushError> {
        // An address that nobody may send to is of no browser.
        let to = Subscription::read(&message.token, self.reach);
        let to = to.map_err(|_| PushError::Unregistered)?;
        let origin = to.endpoint.origin().ascii_serialization();
        let leave = self.hosts.enter(&origin, self.clock.now());
        let leave = leave.map_err(|wait| {
            unavailable(Some(wait), "the push service has not answered lately".to_owned())
        })?;
        let answer = match self.post(message, to, &origin).await {
            Ok(response) => meaning(&response, self.clock.now()),
            Err(error) => Err(error),
        };
        let well = !matches!(answer, Err(PushError::Unavailable { retry_after_s: None, .. }));
        leave.answered(well, self.clock.now());
        answer
    }

    fn web_key(&self) -> Option<&str> {
        Some(self.key.public_key())
    }

    fn web_address(&self, given: &WebPushSubscription) -> Result<String, SubscriptionFault> {
        Ok(Subscription::of(given, self.reach)?.address())
    }
}

/// The meaning of a push service's answer. A redirect is never followed: it is a refusal.
fn meaning(response: &Response, now: Timestamp) -> Result<(), PushError> {
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    judged(response.status(), wait.and_then(|wait| retry_after_s(wait, now)))
}

fn judged(status: StatusCode, retry_after_s: Option<u64>) -> Result<(), PushError> {
    let reason = format!("the push service answered {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushError::Unregistered),
        StatusCode::TOO_MANY_REQUESTS => {
            Err(unavailable(Some(retry_after_s.unwrap_or(RATE_LIMIT_WAIT_S)), reason))
        }
        StatusCode::REQUEST_TIMEOUT => Err(unavailable(retry_after_s, reason)),
        status if status.is_server_error() => Err(unavailable(retry_after_s, reason)),
        _ => Err(PushError::Refused(reason)),
    }
}

/// The seconds of a `Retry-After`, which is a number of them or a moment (RFC 9110, section 10.2.3).
fn retry_after_s(text: &str, now: Timestamp) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let at = DateTime::parse_from_rfc2822(text).ok()?.timestamp();
        u64::try_from(at - now.0.div_euclid(1_000_000)).ok()
    })
}

/// The name under which a push service keeps only the newest of several messages. It is of one
/// subscription: the push service, which knows no `auth`, can't tell which auction it stands for.
fn topic(auth: &[u8], collapse_id: &str) -> String {
    let hash = Sha256::new().chain_update(auth).chain_update(collapse_id).finalize();
    URL_SAFE_NO_PAD.encode(&hash[..TOPIC_BYTES])
}

fn unavailable(retry_after_s: Option<u64>, reason: String) -> PushError {
    PushError::Unavailable { retry_after_s, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_404_and_410_end_a_subscription_and_only_busy_services_are_asked_again() {
        for (status, wait, expected) in [
            (201, None, "sent"),
            (202, None, "sent"),
            (204, None, "sent"),
            (301, None, "refused"),
            (307, None, "refused"),
            (308, None, "refused"),
            (400, None, "refused"),
            (401, None, "refused"),
            (403, None, "refused"),
            (404, None, "gone"),
            (410, None, "gone"),
            (413, None, "refused"),
            (408, None, "again"),
            (429, None, "again in 60"),
            (429, Some(7), "again in 7"),
            (500, None, "again"),
            (503, Some(30), "again in 30"),
        ] {
            let found = match judged(StatusCode::from_u16(status).unwrap(), wait) {
                Ok(()) => "sent".to_owned(),
                Err(PushError::Unregistered) => "gone".to_owned(),
                Err(PushError::Refused(_)) => "refused".to_owned(),
                Err(PushError::Misconfigured { .. }) => "stops the sender".to_owned(),
                Err(PushError::Unavailable { retry_after_s: None, .. }) => "again".to_owned(),
                Err(PushError::Unavailable { retry_after_s: Some(wait), .. }) => {
                    format!("again in {wait}")
                }
            };
            assert_eq!(found, expected, "{status}");
        }
    }

    #[test]
    fn a_wait_is_a_number_of_seconds_or_a_moment() {
        let now = Timestamp::parse("2026-11-30T10:00:00+00:00").unwrap();
        for (text, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Mon, 30 Nov 2026 10:00:30 GMT", Some(30)),
            ("Mon, 30 Nov 2026 09:00:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after_s(text, now), expected, "{text}");
        }
    }

    #[test]
    fn a_topic_is_as_long_as_push_services_take() {
        let topics = ["outbid:1", "outbid:2", "suspended:1"].map(|id| topic(&[1; 16], id));
        assert!(topics.iter().all(|topic| topic.len() == 32), "{topics:?}");
        assert!(topics[0] != topics[1] && topics[0] != topics[2]);
        assert_eq!(topics[0], topic(&[1; 16], "outbid:1"));
        assert_ne!(topics[0], topic(&[2; 16], "outbid:1"), "one name for two browsers");
    }
}
