//! The options of pushes: the gateway for phones, and the push services of browsers.

use super::startup;
use crate::clock::Clock;
use crate::config::{WEB_PUSH_KEY, shared_key};
use crate::ports::{Ids, PushTransport};
use crate::push::web::{VapidKey, WebPush, is_contact};
use crate::push::{Channels, FcmV1};
use crate::reach::Reach;
use anyhow::{Context as _, ensure};
use clap::Args;
use reqwest::Client;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The ways to people who have no app open.
#[derive(Args)]
pub struct PushOptions {
    /// Service account of FCM: the JSON file from Google.
    #[arg(long, env = "TORUK_FCM_SERVICE_ACCOUNT")]
    fcm_service_account: Option<PathBuf>,
    /// URL of FCM, if it is not Google's.
    #[arg(long, env = "TORUK_FCM_URL")]
    fcm_url: Option<String>,
    /// Where the operators of browsers' push services reach you, `mailto:…` or `https://…`; with it,
    /// browsers get pushes. The key for them is `web-push.key` in the data folder.
    #[arg(long, env = "TORUK_WEB_PUSH_CONTACT")]
    web_push_contact: Option<String>,
}

impl PushOptions {
    /// The option and value of FCM's address, for the checks that all addresses pass.
    pub fn address(&self) -> (&'static str, Option<&str>) {
        ("--fcm-url", self.fcm_url.as_deref())
    }

    /// The ways of all pushes; `None` if there are none. Makes the key for browsers if it is missing.
    ///
    /// # Errors
    /// If a file can't be read or made, or the contact is none.
    pub fn transport(
        &self,
        data_dir: &Path,
        http: Client,
        clock: &Arc<dyn Clock>,
        ids: &Arc<dyn Ids>,
    ) -> anyhow::Result<Option<Arc<dyn PushTransport>>> {
        let phones = self.phones(http)?;
        let browsers = self.browsers(data_dir, clock, ids)?;
        let is_none = phones.is_none() && browsers.is_none();
        Ok((!is_none).then(|| Arc::new(Channels { phones, browsers }) as Arc<dyn PushTransport>))
    }

    fn phones(&self, http: Client) -> anyhow::Result<Option<Arc<dyn PushTransport>>> {
        let account = self.fcm_service_account.as_deref();
        let Some(account) = startup::secret("--fcm-service-account", account)? else {
            return Ok(None);
        };
        let url = self.fcm_url.as_deref().map(str::parse).transpose()?;
        let fcm = FcmV1::new(&account, url, http)
            .context("--fcm-service-account: not a service account of Google's")?;
        Ok(Some(Arc::new(fcm)))
    }

    fn browsers(
        &self,
        data_dir: &Path,
        clock: &Arc<dyn Clock>,
        ids: &Arc<dyn Ids>,
    ) -> anyhow::Result<Option<WebPush>> {
        let Some(contact) = &self.web_push_contact else { return Ok(None) };
        ensure!(
            is_contact(contact),
            "--web-push-contact {contact} is no address that the operators of push services could \
             write to; give mailto:help@auction.example.kg or https://…"
        );
        startup::create_data_folder(data_dir)?;
        let key = shared_key(data_dir, WEB_PUSH_KEY, ids.as_ref())?;
        let key = VapidKey::new(&key, contact);
        let key = key.with_context(|| format!("{WEB_PUSH_KEY} in {}", data_dir.display()))?;
        let push = WebPush::new(key, Reach::Public, clock.clone(), ids.clone());
        Ok(Some(push.context("no HTTP client for push services")?))
    }
}
