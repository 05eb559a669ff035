//! What the provider has published of itself: its addresses and its keys, fetched seldom.

use super::fault::{EidFailure, unavailable};
use super::http::EidHttp;
use crate::clock::Clock;
use anyhow::Context as _;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Life of what was fetched; a key that the provider has withdrawn is trusted no longer than this.
const PUBLISHED_LIFE: TimeSpan = TimeSpan::hours(1);
/// Shortest interval between two fetches of the keys because of a token whose key is unknown:
/// anybody can make such a token.
const KEYS_INTERVAL: TimeSpan = TimeSpan::minutes(1);
/// Time after a failed fetch in which the provider is not asked again.
const FAILURE_INTERVAL: TimeSpan = TimeSpan::seconds(5);
/// Most keys of a provider.
const KEYS_MAX: usize = 64;

/// What the library does not know of a provider's description.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FurtherMetadata {
    /// Answers name the provider (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for FurtherMetadata {}

pub type Metadata = ProviderMetadata<
    FurtherMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider as it has described itself, with its keys.
pub struct Known {
    pub metadata: Metadata,
    fetched_at: Timestamp,
}

impl Known {
    /// Returns `true` if every answer must name the provider.
    pub fn names_itself(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }

    /// Returns `true` if answers can be posted by the browser, so that they are in no address.
    pub fn posts_answers(&self) -> bool {
        let modes = self.metadata.response_modes_supported();
        modes.is_some_and(|modes| modes.contains(&CoreResponseMode::FormPost))
    }

    /// Returns `true` if the provider takes this server's secret in the body alone.
    pub fn wants_secret_in_body(&self) -> bool {
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        methods.is_some_and(|methods| !methods.contains(&CoreClientAuthMethod::ClientSecretBasic))
    }
}

#[derive(Default)]
struct Kept {
    known: Option<Arc<Known>>,
    failed_at: Option<Timestamp>,
    /// The last fetch because of an unknown key.
    keys_at: Option<Timestamp>,
}

/// Keeps what was fetched. Those who need it wait for one fetch together.
pub struct ProviderCache {
    issuer: IssuerUrl,
    kept: Mutex<Kept>,
}

impl ProviderCache {
    /// # Errors
    /// When `issuer` is no URL.
    pub fn new(issuer: &str) -> anyhow::Result<Self> {
        let issuer = IssuerUrl::new(issuer.to_owned()).context("the issuer of eID is no URL")?;
        Ok(Self { issuer, kept: Mutex::default() })
    }

    /// The provider, fetched if that was long ago.
    ///
    /// # Errors
    /// [`EidFailure::Unavailable`].
    pub async fn known(&self, http: &EidHttp, clock: &dyn Clock) -> Result<Arc<Known>, EidFailure> {
        let mut kept = self.kept.lock().await;
        // After the wait: somebody else's question may have taken its time.
        let now = clock.now();
        if let Some(known) = &kept.known
            && is_within(known.fetched_at, now, PUBLISHED_LIFE)
        {
            return Ok(known.clone());
        }
        if kept.failed_at.is_some_and(|at| is_within(at, now, FAILURE_INTERVAL)) {
            return Err(EidFailure::Unavailable);
        }
        match self.fetch(http, now).await {
            Ok(known) => {
                let known = Arc::new(known);
                kept.known = Some(known.clone());
                kept.failed_at = None;
                Ok(known)
            }
            Err(failure) => {
                // Silence lasts longer than the time in which a failure counts.
                kept.failed_at = Some(clock.now());
                Err(failure)
            }
        }
    }

    /// The provider with the keys that it publishes now; the same as `seen` if they were fetched
    /// a moment ago.
    ///
    /// # Errors
    /// [`EidFailure::Unavailable`].
    pub async fn with_newer_keys(
        &self,
        http: &EidHttp,
        seen: &Arc<Known>,
        clock: &dyn Clock,
    ) -> Result<Arc<Known>, EidFailure> {
        let mut kept = self.kept.lock().await;
        if let Some(known) = &kept.known
            && !Arc::ptr_eq(known, seen)
        {
            return Ok(known.clone());
        }
        if kept.keys_at.is_some_and(|at| is_within(at, clock.now(), KEYS_INTERVAL)) {
            return Ok(seen.clone());
        }
        let keys = CoreJsonWebKeySet::fetch_async(seen.metadata.jwks_uri(), http).await;
        kept.keys_at = Some(clock.now());
        let keys = keys.map_err(|error| failed("keys", &error))?;
        let metadata = seen.metadata.clone().set_jwks(bounded(keys)?);
        let known = Arc::new(Known { metadata, fetched_at: seen.fetched_at });
        kept.known = Some(known.clone());
        Ok(known)
    }

    async fn fetch(&self, http: &EidHttp, now: Timestamp) -> Result<Known, EidFailure> {
        let metadata = Metadata::discover_async(self.issuer.clone(), http).await;
        let metadata = metadata.map_err(|error| failed("description", &error))?;
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|url| url.url()),
            metadata.userinfo_endpoint().map(|url| url.url()),
            Some(metadata.jwks_uri().url()),
        ];
        // An encrypted provider leads nobody to an address that is not.
        let scheme = self.issuer.url().scheme();
        let strays = |url: &&openidconnect::url::Url| {
            let fits = url.scheme() == "https" || url.scheme() == scheme;
            !fits || url.host_str().is_none()
        };
        if endpoints.iter().flatten().any(strays) || metadata.token_endpoint().is_none() {
            return Err(unavailable("description")("an endpoint is missing or not encrypted"));
        }
        let keys = bounded(metadata.jwks().clone())?;
        Ok(Known { metadata: metadata.set_jwks(keys), fetched_at: now })
    }
}

fn bounded(keys: CoreJsonWebKeySet) -> Result<CoreJsonWebKeySet, EidFailure> {
    match keys.keys().len() <= KEYS_MAX {
        true => Ok(keys),
        false => Err(unavailable("keys")("more than are looked at")),
    }
}

/// The failure, without the body that the library puts into some errors.
fn failed<E: std::error::Error + 'static>(
    step: &'static str,
    error: &DiscoveryError<E>,
) -> EidFailure {
    unavailable(step)(match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, _, _) => format!("status {status}"),
        DiscoveryError::Validation(_) => "the description is another provider's".to_owned(),
        _ => "an answer that can't be read".to_owned(),
    })
}

/// Returns `true` if less than `span` lies between the moments; a clock may be set back.
fn is_within(at: Timestamp, now: Timestamp, span: TimeSpan) -> bool {
    (now - at).0.abs() < span.0
}
