//! A browser's subscription: what is accepted, and how it is kept in the place of a phone's token.

use super::encryption::{AUTH_BYTES, POINT_BYTES, Subscriber, point};
use crate::ports::SubscriptionFault;
use crate::reach::Reach;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::PublicKey;
use reqwest::Url;
use toruk_sync::protocol::web_push::{WebPushKeys, WebPushSubscription};

/// The beginning of an address that is a browser's subscription. FCM's tokens never have it.
const PREFIX: &str = "web:";

/// Returns `true` if the address of a phone's pushes is a browser's subscription.
pub fn is_web_address(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// A subscription that can be sent to.
#[derive(Clone)]
pub struct Subscription {
    /// The push service's address for this browser. It is a secret: with it anybody can wake
    /// the browser.
    pub endpoint: Url,
    /// The browser's keys.
    pub subscriber: Subscriber,
}

impl Subscription {
    /// Checks a subscription as a browser gives it.
    ///
    /// # Errors
    /// [`SubscriptionFault::Endpoint`], [`SubscriptionFault::Keys`].
    pub fn of(given: &WebPushSubscription, reach: Reach) -> Result<Self, SubscriptionFault> {
        let WebPushSubscription { endpoint, keys } = given;
        let WebPushKeys { p256dh, auth } = keys;
        let public_key = exactly::<POINT_BYTES>(p256dh).ok_or(SubscriptionFault::Keys)?;
        // Off the curve, and the point at infinity, are refused here.
        let public_key =
            PublicKey::from_sec1_bytes(&public_key).map_err(|_| SubscriptionFault::Keys)?;
        let auth = exactly::<AUTH_BYTES>(auth).ok_or(SubscriptionFault::Keys)?;
        if endpoint.len() > WebPushSubscription::ENDPOINT_BYTES_MAX {
            return Err(SubscriptionFault::Endpoint);
        }
        let endpoint: Url = endpoint.parse().map_err(|_| SubscriptionFault::Endpoint)?;
        // As it is kept: other letters than Latin ones grow when they are escaped.
        let is_long = endpoint.as_str().len() > WebPushSubscription::ENDPOINT_BYTES_MAX;
        if is_long || !reach.includes(&endpoint) {
            return Err(SubscriptionFault::Endpoint);
        }
        Ok(Self { endpoint, subscriber: Subscriber { public_key, auth } })
    }

    /// The address by which it is kept: the keys and the endpoint, one subscription in one form.
    pub fn address(&self) -> String {
        let Self { endpoint, subscriber } = self;
        let p256dh = URL_SAFE_NO_PAD.encode(point(&subscriber.public_key));
        let auth = URL_SAFE_NO_PAD.encode(subscriber.auth);
        format!("{PREFIX}{p256dh}.{auth}.{endpoint}")
    }

    /// Reads an address again, and checks it again: what may be asked can have changed since.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn read(address: &str, reach: Reach) -> Result<Self, SubscriptionFault> {
        let parts = address.strip_prefix(PREFIX).map(|text| text.splitn(3, '.'));
        let mut parts = parts.ok_or(SubscriptionFault::Endpoint)?.map(str::to_owned);
        let mut next = || parts.next().ok_or(SubscriptionFault::Endpoint);
        let keys = WebPushKeys { p256dh: next()?, auth: next()? };
        Self::of(&WebPushSubscription { endpoint: next()?, keys }, reach)
    }
}

/// The bytes of a base64url text, with or without padding, if there are so many.
fn exactly<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.trim_end_matches('=');
    // A text of any length is never decoded.
    let plausible = text.len() <= N.div_ceil(3) * 4;
    plausible.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::SecretKey;

    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const ENDPOINT: &str = "https://push.example/a?b=c.d";

    fn key() -> String {
        URL_SAFE_NO_PAD.encode(point(&SecretKey::from_slice(&[7; 32]).unwrap().public_key()))
    }

    fn given(endpoint: &str, p256dh: &str, auth: &str) -> WebPushSubscription {
        let keys = WebPushKeys { p256dh: p256dh.to_owned(), auth: auth.to_owned() };
        WebPushSubscription { endpoint: endpoint.to_owned(), keys }
    }

    fn fault(given: &WebPushSubscription) -> Option<SubscriptionFault> {
        Subscription::of(given, Reach::Public).err()
    }

    #[test]
    fn a_subscription_is_kept_in_one_form() {
        let kept = Subscription::of(&given(ENDPOINT, &key(), AUTH), Reach::Public).unwrap();
        let address = kept.address();
        assert!(is_web_address(&address) && address.bytes().all(|byte| byte.is_ascii_graphic()));
        let again = Subscription::read(&address, Reach::Public).unwrap();
        assert!(again.endpoint.as_str() == ENDPOINT && again.subscriber == kept.subscriber);
        let padded = given(ENDPOINT, &format!("{}=", key()), &format!("{AUTH}=="));
        assert_eq!(Subscription::of(&padded, Reach::Public).unwrap().address(), address);
    }

    #[test]
    fn keys_off_the_curve_or_of_another_length_are_none() {
        let off = |first: u8, rest: u8| {
            let mut point = [rest; POINT_BYTES];
            point[0] = first;
            URL_SAFE_NO_PAD.encode(point)
        };
        let compressed = SecretKey::from_slice(&[7; 32]).unwrap().public_key().to_sec1_bytes();
        let own = key();
        assert_eq!(fault(&given(ENDPOINT, &own, AUTH)), None);
        for (key, auth) in [
            (off(4, 4), AUTH),
            (off(4, 0), AUTH),
            (off(0, 0), AUTH),
            (off(6, 7), AUTH),
            (URL_SAFE_NO_PAD.encode(&compressed[..33]), AUTH),
            (URL_SAFE_NO_PAD.encode([0]), AUTH),
            (String::new(), AUTH),
            ("a".repeat(1 << 20), AUTH),
            (own.clone(), "BTBZ"),
            (own.clone(), ""),
            (own.clone(), "BTBZMqHH6r4Tts7J_aSIggAA"),
            (own.clone(), "not base64url at all!!"),
        ] {
            let fault = fault(&given(ENDPOINT, &key, auth));
            assert_eq!(fault, Some(SubscriptionFault::Keys), "{:.90} {auth}", key);
        }
    }

    #[test]
    fn an_endpoint_that_is_none_or_inside_a_network_is_refused_whenever_it_is_read() {
        for endpoint in [
            "",
            "push.example",
            "http://push.example/a",
            "https://10.0.0.1/a",
            "https://localhost/a",
            &format!(
                "https://push.example/{}",
                "a".repeat(WebPushSubscription::ENDPOINT_BYTES_MAX)
            ),
            &format!("https://push.example/{}", "ө".repeat(400)),
        ] {
            let given = given(endpoint, &key(), AUTH);
            assert_eq!(fault(&given), Some(SubscriptionFault::Endpoint), "{endpoint}");
        }
        let here = given("http://127.0.0.1:9/a", &key(), AUTH);
        let kept = Subscription::of(&here, Reach::Anywhere).unwrap().address();
        assert!(Subscription::read(&kept, Reach::Anywhere).is_ok());
        for address in [&*kept, "web:", "web:a.b", "fcm", ""] {
            assert!(Subscription::read(address, Reach::Public).is_err(), "{address}");
        }
    }
}
