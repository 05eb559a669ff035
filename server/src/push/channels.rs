//! The ways of pushes: each message goes by the one that its address names.

use super::web::{WebPush, is_web_address};
use crate::ports::{PushError, PushMessage, PushTransport, SubscriptionFault};
use async_trait::async_trait;
use std::sync::Arc;
use toruk_sync::protocol::web_push::WebPushSubscription;

/// The gateway for phones, and the push services of browsers.
pub struct Channels {
    /// The gateway for phones, if there is one.
    pub phones: Option<Arc<dyn PushTransport>>,
    /// Push services of browsers, if this server has a key for them.
    pub browsers: Option<WebPush>,
}

#[async_trait]
impl PushTransport for Channels {
    async fn send(&self, message: &PushMessage) -> Result<(), PushError> {
        let none = || PushError::Refused("this server has no such channel".to_owned());
        if is_web_address(&message.token) {
            return self.browsers.as_ref().ok_or_else(none)?.send(message).await;
        }
        self.phones.as_ref().ok_or_else(none)?.send(message).await
    }

    fn web_key(&self) -> Option<&str> {
        self.browsers.as_ref()?.web_key()
    }

    fn web_address(&self, given: &WebPushSubscription) -> Result<String, SubscriptionFault> {
        self.browsers.as_ref().ok_or(SubscriptionFault::Off)?.web_address(given)
    }
}
