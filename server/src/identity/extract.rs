//! Identifies the caller. A handler that takes a [`Bidder`] or an [`Official`] can't be reached by
//! anyone else.
//!
//! [`Official`]: super::Official

use super::caller::Bidder;
use super::service::{Error, Service};
use super::stream_viewer::{SessionKey, StreamViewer};
use crate::config::Config;
use crate::context::Context;
use crate::web::problem::Problem;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::problem::ProblemCode;

/// Name of the console's cookie. With TLS its prefix makes browsers reject a cookie that a
/// neighbouring host or an unencrypted page has set.
pub fn cookie_name(config: &Config) -> &'static str {
    if config.secure_cookies { "__Host-toruk_session" } else { "toruk_session" }
}

/// Writes the caller's id, never the name, into the request's line of the log.
pub fn log_caller(person: PersonId) {
    tracing::Span::current().record("person", tracing::field::display(person));
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    // Of two, a proxy may have read the other one.
    let (Some(one), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

impl<S> FromRequestParts<S> for Bidder
where
    S: Send + Sync,
    Service: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
        let bidder = Service::from_ref(state).bidder(token).await?;
        log_caller(bidder.person);
        Ok(bidder)
    }
}

impl<S> FromRequestParts<S> for StreamViewer
where
    S: Send + Sync,
    Service: FromRef<S>,
    Arc<Context>: FromRef<S>,
{
    type Rejection = Problem;

    /// A phone sends its token on purpose, so an invalid one is an error. A browser sends its
    /// cookie by itself: an ended session makes it an observer.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let identity = Service::from_ref(state);
        if parts.headers.contains_key(AUTHORIZATION) {
            let token = bearer(&parts.headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
            let bidder = identity.bidder(token).await?;
            log_caller(bidder.person);
            return Ok(Self::Bidder(SessionKey::of(token), bidder.person));
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(cookie) = jar.get(cookie_name(&Arc::<Context>::from_ref(state).config)) else {
            return Ok(Self::Observer);
        };
        match identity.official(cookie.value()).await {
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
