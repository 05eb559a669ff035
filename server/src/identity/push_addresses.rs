//! The addresses of pushes to a person's phones: a gateway's registration token, or a browser's
//! subscription. Each phone has one address, and a person few phones, so that nobody makes the server
//! send to many.

use super::caller::Bidder;
use super::devices::device_object;
use super::service::{Error, Service, person_object};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::ports::SubscriptionFault;
use crate::push::web::is_web_address;
use serde_json::json;
use toruk_sync::protocol::web_push::WebPushSubscription;

/// Longest registration token of a push gateway.
const PUSH_TOKEN_BYTES_MAX: usize = 4096;

impl Service {
    /// Sets the registration token of a phone's pushes; `None` ends them, as the end of its session
    /// does.
    ///
    /// # Why another account keeps the same token
    /// Nobody proves that a token is theirs, so registering a known one must not silence the
    /// person who has it. Several accounts of one installation share its token; each gets their own
    /// notices, and the phone shows only those of the person who uses it.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the token is empty, too long, not printable ASCII, or stands for a
    /// browser's subscription.
    pub async fn set_push_token(
        &self,
        bidder: &Bidder,
        token: Option<String>,
    ) -> Result<(), Error> {
        let is_token = |token: &String| {
            let printable = token.bytes().all(|byte| byte.is_ascii_graphic());
            let fits = !token.is_empty() && token.len() <= PUSH_TOKEN_BYTES_MAX;
            printable && fits && !is_web_address(token)
        };
        if !token.as_ref().is_none_or(is_token) {
            return Err(Error::Malformed("token"));
        }
        if self.push_address(bidder).await? == token {
            return Ok(());
        }
        let txn = self.context.db.begin().await?;
        store::set_push_token(&txn, bidder.device, token).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Sends the pushes of this browser to its subscription, in place of any other address.
    ///
    /// # Errors
    /// [`Error::TooManyPushAddresses`] for a browser that subscribes again and again;
    /// [`Error::Malformed`] for an endpoint that is not one of a push service on the internet and for
    /// keys that are none, which is recorded; [`StoreError::NotFound`](crate::db::StoreError) if the
    /// server sends to no browsers.
    pub async fn subscribe(
        &self,
        bidder: &Bidder,
        given: &WebPushSubscription,
    ) -> Result<(), Error> {
        let address = self.push.web_address(given);
        let known = self.push_address(bidder).await?;
        // A page says it whenever it is opened; that writes nothing, and is not counted.
        if known.is_some() && known == address.clone().ok() {
            return Ok(());
        }
        if !self.push_attempts.count(bidder.device, self.now()) {
            return Err(Error::TooManyPushAddresses);
        }
        let field = match address {
            Ok(address) => return self.set_web_address(bidder, Some(address)).await,
            Err(SubscriptionFault::Off) => return Err(crate::db::StoreError::NotFound.into()),
            Err(SubscriptionFault::Endpoint) => "endpoint",
            Err(SubscriptionFault::Keys) => "keys",
        };
        let detail = json!({ "fault": field, "device": bidder.device });
        let (actor, object) = (Principal::Bidder(bidder.person), person_object(bidder.person));
        let entry = Entry { actor, action: Action::DeviceSubscribeRefuse, object, detail };
        let txn = self.context.db.begin().await?;
        self.audit.record_once(&txn, entry).await?;
        self.context.db.commit(txn).await?;
        Err(Error::Malformed(field))
    }

    /// Ends the pushes to this browser; its phone's token, if it has one, stays. May be repeated.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn unsubscribe(&self, bidder: &Bidder) -> Result<(), Error> {
        let known = self.push_address(bidder).await?;
        if !known.is_some_and(|address| is_web_address(&address)) {
            return Ok(());
        }
        self.set_web_address(bidder, None).await
    }

    async fn set_web_address(&self, bidder: &Bidder, address: Option<String>) -> Result<(), Error> {
        let action = match &address {
            Some(_) => Action::DeviceSubscribe,
            None => Action::DeviceUnsubscribe,
        };
        let txn = self.context.db.begin().await?;
        store::set_push_token(&txn, bidder.device, address).await?;
        self.record(&txn, bidder.person, action, device_object(bidder.device)).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    async fn push_address(&self, bidder: &Bidder) -> Result<Option<String>, Error> {
        let known = store::device(self.context.db.read(), bidder.device).await?;
        Ok(known.and_then(|device| device.push_token))
    }
}
