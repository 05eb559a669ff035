//! The state's sign-in (eID): an OpenID provider that speaks the authorisation code flow over real
//! sockets, with real signatures, and lies about each of its answers on demand.
//!
//! It is as strict as a provider has to be: clients and their addresses are registered, a code
//! counts once and only with PKCE's verifier. It must not know the one that signs in.

mod api;
mod book;
mod keys;

use super::listening::{self, Listening};
use book::EidBook;
pub use book::{EidFields, EidPerson};
pub use keys::EidSigning;
use keys::KeyRing;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The moment that the provider stamps into its tokens, in seconds since 1970.
pub type EidClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A client that is registered at the provider.
#[derive(Debug, Clone)]
pub struct EidClient {
    pub id: String,
    pub secret: String,
    /// The only address to which answers are sent.
    pub redirect_uri: String,
}

/// An address of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EidEndpoint {
    Description,
    Keys,
    Tokens,
    UserInfo,
}

/// How an address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EidTrouble {
    /// 500.
    Fails,
    /// A page for people, with status 200.
    Html,
    /// A megabyte of JSON.
    Huge,
    /// Nothing, until the caller gives up.
    Never,
    /// 302 to another address of the same host.
    Redirects,
}

/// What this provider does wrong. Nothing, by default.
#[derive(Debug, Clone, Default)]
pub struct EidMisbehaviour {
    /// An address that does not answer as it should.
    pub trouble: Option<(EidEndpoint, EidTrouble)>,
    pub signing: EidSigning,
    /// Claims of the id token that are replaced, or left out with `None`.
    pub claims: Vec<(&'static str, Option<Value>)>,
    /// As `claims`, of the user info.
    pub user_info: Vec<(&'static str, Option<Value>)>,
    /// As `claims`, of the provider's description.
    pub description: Vec<(&'static str, Option<Value>)>,
    /// The name that comes with an answer (RFC 9207) instead of the provider's own; empty for none.
    pub iss: Option<String>,
    /// Codes count again and again, for any client and any verifier.
    pub takes_any_code: bool,
    /// The token response has no id token.
    pub without_id_token: bool,
    /// The access token is another than the one whose hash is in the id token.
    pub other_access_token: bool,
}

/// Numbers of requests so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EidCounts {
    pub descriptions: u64,
    pub keys: u64,
    pub tokens: u64,
    pub user_infos: u64,
}

/// The provider, from the side of the people and of the test.
pub struct EidProviderSystem {
    desk: Arc<EidDesk>,
    /// Dropped with the rest, it stops taking requests.
    _listening: Listening,
}

/// State that the routes share.
struct EidDesk {
    issuer: String,
    client: EidClient,
    clock: EidClock,
    /// The personal number and the names are in the id token, not in the user info alone.
    names_in_token: bool,
    book: Mutex<EidBook>,
    keys: Mutex<KeyRing>,
    misbehaviour: Mutex<EidMisbehaviour>,
    counts: Mutex<EidCounts>,
    stopping: CancellationToken,
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
            book: Mutex::default(),
            keys: Mutex::new(keys),
            misbehaviour: Mutex::default(),
            counts: Mutex::default(),
            stopping: stopping.clone(),
        });
        let router = api::routes().with_state(Arc::clone(&desk));
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Replaces or leaves out members of a JSON object.
fn lie(object: &mut Value, lies: &[(&'static str, Option<Value>)]) {
    let Some(object) = object.as_object_mut() else { return };
    for (name, value) in lies {
        match value {
            Some(value) => object.insert((*name).to_owned(), value.clone()),
            None => object.remove(*name),
        };
    }
}
