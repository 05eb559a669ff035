//! The state's sign-in (eID): an OpenID provider that speaks the authorisation code flow over real
//! sockets, with real signatures, and lies about each of its answers on demand.
//!
//! It is as strict as a provider has to be: clients and their addresses are registered, a code
//! counts once and only with PKCE's verifier. It must not know the one that signs in.

mod api;
mod book;
mod desk;
mod keys;
mod pages;
mod wrongs;

use super::listening::{self, Listening};
pub use book::{EidFields, EidPerson};
use desk::EidDesk;
pub use keys::EidSigning;
use keys::KeyRing;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wrongs::lock;
pub use wrongs::{EidClient, EidClock, EidCounts, EidEndpoint, EidMisbehaviour, EidTrouble};

/// The provider, from the side of the people and of the test.
pub struct EidProviderSystem {
    desk: Arc<EidDesk>,
    /// Dropped with the rest, it stops taking requests.
    _listening: Listening,
}

impl EidProviderSystem {
    /// Starts on any free port of this machine, with one client.
    ///
    /// # Errors
    /// When no port is free or no key can be made.
    pub async fn start(
        clock: EidClock,
        client: EidClient,
        names_in_token: bool,
    ) -> anyhow::Result<Self> {
        let listener = listening::any_port().await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let keys = tokio::task::spawn_blocking(KeyRing::new).await??;
        let desk = Arc::new(EidDesk {
            issuer,
            client,
            clock,
            names_in_token,
            people: Mutex::default(),
            book: Mutex::default(),
            keys: Mutex::new(keys),
            misbehaviour: Mutex::default(),
            counts: Mutex::default(),
            stopping: stopping.clone(),
        });
        let router = api::routes().merge(pages::routes()).with_state(Arc::clone(&desk));
        let _listening = Listening::serve(listener, router, stopping, tasks)?;
        Ok(Self { desk, _listening })
    }

    /// The issuer, `http://127.0.0.1:…`.
    pub fn issuer(&self) -> String {
        self.desk.issuer.clone()
    }

    /// A person follows the address to the provider and signs in; returns what their browser would
    /// post back.
    ///
    /// # Errors
    /// When the provider would show an error instead of its page.
    pub fn sign_in(&self, address: &str, person: &EidPerson) -> anyhow::Result<EidFields> {
        let url = reqwest::Url::parse(address)?;
        let query = url.query_pairs().into_owned().collect();
        self.desk.authorize(&query, person).map_err(|reason| anyhow::anyhow!(reason))
    }

    /// Puts a person on the page on which people choose who they are.
    pub fn knows(&self, person: EidPerson) {
        lock(&self.desk.people).push(person);
    }

    /// Changes what goes wrong from now on.
    pub fn misbehave(&self, change: impl FnOnce(&mut EidMisbehaviour)) {
        change(&mut lock(&self.desk.misbehaviour));
    }

    /// Signs by a new key from now on, and publishes no other.
    ///
    /// # Errors
    /// When none can be made.
    pub fn rotate_keys(&self) -> anyhow::Result<()> {
        lock(&self.desk.keys).rotate()
    }

    /// Numbers of requests so far.
    pub fn counts(&self) -> EidCounts {
        *lock(&self.desk.counts)
    }
}
