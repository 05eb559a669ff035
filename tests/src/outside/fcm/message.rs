//! Messages that FCM accepts, and the part of them that reaches a phone.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// No message keeps longer: four weeks.
const TTL_MAX: TimeSpan = TimeSpan::days(28);
/// The keys and values of `data` together.
const DATA_SIZE_BYTES_MAX: usize = 4_096;
/// APNs takes no longer name for what a message replaces.
const APNS_COLLAPSE_ID_SIZE_BYTES_MAX: usize = 64;

/// A message as a phone gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// FCM's name for it.
    pub name: String,
    /// Key-value pairs that the app reads.
    pub data: BTreeMap<String, String>,
    /// An older waiting message of the same key is replaced.
    pub collapse_key: Option<String>,
    /// `true` if the message wakes a sleeping phone.
    pub high_priority: bool,
    /// The moment at which FCM took it.
    pub sent_at: Timestamp,
    /// Not delivered at this moment or later.
    pub expires_at: Timestamp,
}

/// The body of a request to `messages:send`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    #[serde(default, alias = "validateOnly")]
    pub(super) validate_only: bool,
    pub(super) message: MessageRequest,
}

/// A message as it is asked for. Topics and conditions are not offered here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageRequest {
    pub(super) token: String,
    #[serde(default)]
    data: BTreeMap<String, String>,
    #[serde(default)]
    android: Android,
    #[serde(default)]
    apns: Apns,
    /// Checked, then dropped: our phones show only what they asked the server for.
    #[serde(default, rename = "notification")]
    _notification: Option<Notification>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Android {
    #[serde(default, alias = "collapseKey")]
    collapse_key: Option<String>,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    ttl: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Apns {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    payload: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notification {
    #[serde(default, rename = "title")]
    _title: Option<String>,
    #[serde(default, rename = "body")]
    _body: Option<String>,
}

impl MessageRequest {
    /// The message, or what is wrong with which field.
    pub(super) fn accept(self, name: String, now: Timestamp) -> Result<Message, String> {
        check_data(&self.data)?;
        self.apns.check()?;
        let ttl = match &self.android.ttl {
            None => TTL_MAX,
            Some(text) => duration(text)
                .filter(|ttl| *ttl <= TTL_MAX)
                .ok_or_else(|| format!("message.android.ttl: {text}"))?,
        };
        let priority = self.android.priority.unwrap_or_else(|| "NORMAL".to_owned());
        let high_priority = match priority.to_ascii_uppercase().as_str() {
            "HIGH" => true,
            "NORMAL" => false,
            _ => return Err(format!("message.android.priority: {priority}")),
        };
        Ok(Message {
            name,
            data: self.data,
            collapse_key: self.android.collapse_key,
            high_priority,
            sent_at: now,
            expires_at: now + ttl,
        })
    }
}

impl Apns {
    fn check(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            let fits = match name.as_str() {
                "apns-priority" => matches!(value.as_str(), "1" | "5" | "10"),
                "apns-expiration" => value.parse::<u64>().is_ok(),
                "apns-collapse-id" => value.len() <= APNS_COLLAPSE_ID_SIZE_BYTES_MAX,
                "apns-push-type" => matches!(value.as_str(), "alert" | "background"),
                "apns-topic" => !value.is_empty(),
                _ => false,
            };
            if !fits {
                return Err(format!("message.apns.headers.{name}: {value}"));
            }
        }
        match self.payload.is_empty() || self.payload.get("aps").is_some_and(Value::is_object) {
            true => Ok(()),
            false => Err("message.apns.payload.aps".to_owned()),
        }
    }
}

fn check_data(data: &BTreeMap<String, String>) -> Result<(), String> {
    for name in data.keys() {
        let reserved = matches!(name.as_str(), "from" | "message_type" | "collapse_key" | "")
            || name.starts_with("google")
            || name.starts_with("gcm");
        if reserved {
            return Err(format!("message.data[{name}]: reserved"));
        }
    }
    let size: usize = data.iter().map(|(name, value)| name.len() + value.len()).sum();
    match size <= DATA_SIZE_BYTES_MAX {
        true => Ok(()),
        false => Err(format!("message.data: {size} bytes")),
    }
}

/// A duration as protobuf writes it: seconds with at most nine digits after the point, and `s`.
/// Cut to microseconds.
fn duration(text: &str) -> Option<TimeSpan> {
    let number = text.strip_suffix('s')?;
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let microseconds: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    Some(TimeSpan(seconds.checked_mul(1_000_000)?.checked_add(microseconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn accept(message: &Value) -> Result<Message, String> {
        let asked: MessageRequest =
            serde_json::from_value(message.clone()).map_err(|error| error.to_string())?;
        asked.accept("m1".to_owned(), NOW)
    }

    #[test]
    fn a_message_of_strings_with_a_life_and_a_priority_is_accepted() {
        let message = accept(&json!({
            "token": "t",
            "data": { "kind": "outbid", "auction": "1" },
            "android": { "collapse_key": "a1", "priority": "HIGH", "ttl": "299.5s" },
            "apns": { "headers": { "apns-priority": "10", "apns-collapse-id": "a1" },
                      "payload": { "aps": { "content-available": 1 } } },
        }))
        .unwrap();
        assert!(message.high_priority);
        assert_eq!(message.collapse_key.as_deref(), Some("a1"));
        assert_eq!(message.expires_at, NOW + TimeSpan::milliseconds(299_500));
        let plain = accept(&json!({ "token": "t" })).unwrap();
        assert_eq!(plain.expires_at, NOW + TimeSpan::days(28));
        assert!(!plain.high_priority);
    }

    #[test]
    fn a_message_of_another_shape_is_refused() {
        for message in [
            json!({}),
            json!({ "token": "t", "unknown": 1 }),
            json!({ "topic": "all" }),
            json!({ "token": "t", "data": { "seq": 7 } }),
            json!({ "token": "t", "data": { "from": "x" } }),
            json!({ "token": "t", "data": { "google.x": "x" } }),
            json!({ "token": "t", "data": { "long": "x".repeat(4_096) } }),
            json!({ "token": "t", "android": { "ttl": 300 } }),
            json!({ "token": "t", "android": { "ttl": "300" } }),
            json!({ "token": "t", "android": { "ttl": "-1s" } }),
            json!({ "token": "t", "android": { "ttl": ".5s" } }),
            json!({ "token": "t", "android": { "ttl": "2419201s" } }),
            json!({ "token": "t", "android": { "priority": "urgent" } }),
            json!({ "token": "t", "apns": { "headers": { "apns-priority": "7" } } }),
            json!({ "token": "t", "apns": { "payload": { "alert": "x" } } }),
        ] {
            assert!(accept(&message).is_err(), "{message}");
        }
    }
}
