//! What the provider is told to do wrong, and what it has counted.

use super::keys::EidSigning;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Replaces or leaves out members of a JSON object.
pub(super) fn lie(object: &mut Value, lies: &[(&'static str, Option<Value>)]) {
    let Some(object) = object.as_object_mut() else { return };
    for (name, value) in lies {
        match value {
            Some(value) => object.insert((*name).to_owned(), value.clone()),
            None => object.remove(*name),
        };
    }
}
