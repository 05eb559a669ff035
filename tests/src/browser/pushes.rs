//! Pushes in a browser that has no push service: it subscribes in name only, to a stand-in, and what the
//! stand-in would hand over is handed over by the debugging protocol, to the page's own worker.

use super::Browser;
use anyhow::Context as _;
use serde_json::{Value, json};

/// The number of the first worker that a browser with a new profile registers.
const FIRST_WORKER: &str = "0";

/// Headless Chromium has no push service, so `subscribe` would wait for ever. What the person pressed and
/// allowed is Chromium's own.
const SUBSCRIBE: &str = r#"
const [given] = arguments;
window.wasUnsubscribed = false;
window.subscribedFor = null;
let made = null;
PushManager.prototype.getSubscription = async () => made;
PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly) throw new DOMException("not visible", "NotAllowedError");
    window.subscribedFor = [...new Uint8Array(options.applicationServerKey)];
    made = {
        options: { applicationServerKey: options.applicationServerKey },
        toJSON: () => ({ expirationTime: null, ...given }),
        unsubscribe: async () => { made = null; window.wasUnsubscribed = true; return true; },
    };
    return made;
};
"#;

/// A push for a worker that is not active yet is lost.
const ACTIVE: &str = r#"
const done = arguments[0];
navigator.serviceWorker.ready.then(({ active }) => {
    const look = () => active.state === "activated" && done(true);
    active.addEventListener("statechange", look);
    look();
});
"#;

const SHOWN: &str = r#"
const done = arguments[0];
navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((shown) =>
    done(shown.map(({ title, body, tag, data }) => ({ title, body, tag, data }))));
"#;

impl Browser {
    /// Answers the browser's own question whether this origin may notify.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn allow_notifications(&self) -> anyhow::Result<()> {
        let given = json!({ "origin": self.origin, "permissions": ["notifications"] });
        self.chromium("Browser.grantPermissions", given).await?;
        Ok(())
    }

    /// From now on the open page subscribes to a stand-in.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn subscribes_as(&self, subscription: &Value) -> anyhow::Result<()> {
        self.client.execute(SUBSCRIBE, vec![subscription.clone()]).await?;
        Ok(())
    }

    /// Returns `true` if the open page has ended its subscription to a stand-in.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn is_unsubscribed(&self) -> anyhow::Result<bool> {
        let said =
            self.client.execute("return window.wasUnsubscribed === true", Vec::new()).await?;
        Ok(said == true)
    }

    /// The server's key for which the open page has subscribed.
    ///
    /// # Errors
    /// When it has not.
    pub async fn subscribed_for(&self) -> anyhow::Result<Vec<u8>> {
        let key = self.client.execute("return window.subscribedFor", Vec::new()).await?;
        serde_json::from_value(key).context("not subscribed")
    }

    /// Hands a push's opened content to the worker, as the browser does whose push service brings it.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn push(&self, content: &str) -> anyhow::Result<()> {
        self.client.execute_async(ACTIVE, Vec::new()).await?;
        self.chromium("ServiceWorker.enable", json!({})).await?;
        let push = json!({
            "origin": self.origin, "registrationId": FIRST_WORKER, "data": content,
        });
        self.chromium("ServiceWorker.deliverPushMessage", push).await?;
        Ok(())
    }

    /// The notifications that the worker shows: title, body, tag and data of each.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn notifications(&self) -> anyhow::Result<Vec<Value>> {
        let shown = self.client.execute_async(SHOWN, Vec::new()).await?;
        Ok(shown.as_array().context("no list")?.clone())
    }
}
