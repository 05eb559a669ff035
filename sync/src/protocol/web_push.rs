//! Notices to browsers, and to phones with another distributor than Google's, by web push (RFC 8030).

use super::push_hint::PushHint;
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The means by which a server sends to browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebPushKey {
    /// The server's public key (RFC 8292), which a browser names when it subscribes: a point of P-256,
    /// uncompressed, in base64url. `None` if the server sends to no browsers.
    pub public_key: Option<String>,
}

/// A browser's subscription, as `PushSubscription.toJSON` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebPushSubscription {
    /// The address at the browser's push service: `https`, at most
    /// [`ENDPOINT_BYTES_MAX`](Self::ENDPOINT_BYTES_MAX) bytes, by a name of the internet.
    pub endpoint: String,
    /// The browser's keys.
    pub keys: WebPushKeys,
}

impl WebPushSubscription {
    /// Longest endpoint, in bytes.
    pub const ENDPOINT_BYTES_MAX: usize = 1_024;
}

/// The keys for which a push is encrypted (RFC 8291).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WebPushKeys {
    /// The browser's public key: a point of P-256, uncompressed, 65 bytes in base64url.
    pub p256dh: String,
    /// The secret that the browser shares with the server: 16 bytes in base64url.
    pub auth: String,
}

/// The content of a web push. Only the subscriber can read it, so it says what a hint doesn't: it is
/// right without asking, at `server_time`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebPushNotice {
    /// The hint; its `seq` is that of the state which the rest describes.
    #[serde(flatten)]
    pub hint: PushHint,
    /// The person's language: `ky`, `ru` or `en`.
    pub language: String,
    /// Notices with the same one are about one state: the newer replaces the older where it is shown.
    pub tag: String,
    /// The lot's title in that language; `None` if it concerns the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The price, where the notice is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Tyiyn>,
    /// The moment that the notice is about: the end of the window, of the time to confirm, or the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
}
