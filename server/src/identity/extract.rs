//! Who asks. A handler that takes a [`Bidder`] can't be reached by anyone else; what an official
//! asks comes by the console's own extractor.

use super::role::Role;
use super::service::Error;
use super::stream_viewer::{Listener, SessionKey};
use crate::AppState;
use crate::config::Config;
use crate::web::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use std::collections::BTreeSet;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::draft::Actor;
use toruk_sync::protocol::problem::ProblemCode;

/// A person on a phone.
#[derive(Debug, Clone)]
pub struct Bidder {
    /// Who.
    pub person: PersonId,
    /// On which phone.
    pub device: DeviceId,
    /// The phone's number in his drafts.
    pub actor: Actor,
    /// The phone's key, SEC 1.
    pub public_key: Vec<u8>,
}

/// An official in the console.
#[derive(Debug, Clone)]
pub struct Official {
    /// Who.
    pub person: PersonId,
    /// How he is called.
    pub name: String,
    /// What he may do.
    pub roles: BTreeSet<Role>,
}

/// The official has none of the roles that may do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of this official's roles may do that")]
pub struct Forbidden;

impl Official {
    /// Passes when the official has one of `roles`.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn any(&self, roles: &[Role]) -> Result<(), Forbidden> {
        if roles.iter().any(|role| self.roles.contains(role)) { Ok(()) } else { Err(Forbidden) }
    }
}

/// Name of the console's cookie. With TLS the prefix makes browsers refuse one that a neighbouring
/// host or an unencrypted page has set.
pub fn cookie_name(config: &Config) -> &'static str {
    if config.secure_cookies { "__Host-toruk_session" } else { "toruk_session" }
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

impl FromRequestParts<AppState> for Bidder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
        Ok(state.identity.bidder(token).await?)
    }
}

impl FromRequestParts<AppState> for Listener {
    type Rejection = Problem;

    /// A phone says who it is, and is told when that does not hold any more. A browser sends its
    /// cookie without thinking: one that has ended makes it an observer.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if parts.headers.contains_key(AUTHORIZATION) {
            let token = bearer(&parts.headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
            let bidder = state.identity.bidder(token).await?;
            return Ok(Self::Bidder(SessionKey::of(token), bidder.person));
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(cookie) = jar.get(cookie_name(&state.shared.config)) else {
            return Ok(Self::Observer);
        };
        match state.identity.official(cookie.value()).await {
            Ok(_) => Ok(Self::Official(SessionKey::of(cookie.value()))),
            Err(Error::SignedOut | Error::Forbidden) => Ok(Self::Observer),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_follows_its_scheme() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().unwrap())]);
            assert_eq!(bearer(&headers), expected, "{header}");
        }
    }
}
