//! The state's sign-in in a world: the provider, and the person's browser.

use crate::outside::eid::{EidClient, EidClock, EidFields, EidPerson, EidProviderSystem};
use crate::world::World;
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::Core;
use toruk_mobile_core::api::records::Account;
use toruk_server::config::{ClientKey, EidConfig};
use toruk_sync::protocol::eid::EID_APP_PATH;

/// Microseconds in a second.
const SECOND_US: i64 = 1_000_000;
/// Real time allowed for one request to the provider.
const TIMEOUT: Duration = Duration::from_secs(8);

impl World {
    /// Starts a provider of eID, and the server again as its client. What the provider says of time
    /// is the world's time.
    ///
    /// # Errors
    /// When either can't start.
    pub async fn with_eid(&mut self) -> anyhow::Result<EidProviderSystem> {
        let clock = Arc::clone(&self.clock);
        let clock: EidClock = Arc::new(move || clock.now().0 / SECOND_US);
        let (id, secret) = ("toruk".to_owned(), "a secret of two".to_owned());
        let redirect_uri = format!("{}/eid/callback", self.origin);
        let client = EidClient { id: id.clone(), secret: secret.clone(), redirect_uri };
        let provider = EidProviderSystem::start(clock, client, true).await?;
        self.stop_server().await;
        self.config.eid = Some(EidConfig {
            issuer: provider.issuer(),
            client_id: id,
            client_secret: ClientKey::new(secret),
            acr: None,
            timeout: TIMEOUT,
        });
        self.start_server().await?;
        Ok(provider)
    }

    /// The person signs in at the page that the app has opened; returns the address by which the
    /// browser comes back to the app, as the server's page has it.
    ///
    /// # Errors
    /// When the provider or the server shows an error instead.
    pub async fn browse_eid(
        &self,
        provider: &EidProviderSystem,
        page: &str,
        who: &EidPerson,
    ) -> anyhow::Result<String> {
        let EidFields { state, code, iss } = provider.sign_in(page, who)?;
        let fields = [("state", state), ("code", code), ("iss", iss.unwrap_or_default())];
        let url = format!("{}/eid/callback", self.origin);
        let shown = self.http()?.post(url).form(&fields).send().await?.error_for_status()?;
        let shown = shown.text().await?;
        let link = shown.split("href=\"").skip(1).find(|link| link.contains(EID_APP_PATH));
        let address = link.and_then(|link| link.split('"').next()).context("no way to the app")?;
        Ok(address.replace("&#38;", "&"))
    }

    /// Signs a phone in by eID.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn enter_by_eid(
        &self,
        provider: &EidProviderSystem,
        core: &Core,
        who: &EidPerson,
    ) -> anyhow::Result<Result<Account, CoreError>> {
        let page = core.start_eid_sign_in().await?;
        let address = self.browse_eid(provider, &page.url, who).await?;
        Ok(core.finish_eid(address).await)
    }
}

/// A person whom the state knows.
pub fn eid_person(sub: &str, pin: &str, family_name: &str, given_name: &str) -> EidPerson {
    EidPerson {
        sub: sub.to_owned(),
        pin: Some(pin.to_owned()),
        family_name: family_name.to_owned(),
        given_name: given_name.to_owned(),
        middle_name: String::new(),
        acr: "urn:kg:eid:high".to_owned(),
    }
}

/// A person whom only eID knows.
pub fn dastan() -> EidPerson {
    eid_person("dastan", "11503199012345", "Дастанов", "Дастан")
}
