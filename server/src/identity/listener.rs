//! Who listens to a live stream: anybody, or the person of a session, for as long as it lasts.

use super::extract::{bearer, cookie_name};
use super::service::{Error, Service, token_hash};
use super::store;
use crate::AppState;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use toruk_sync::protocol::problem::ProblemCode;

/// Names a session without being able to open it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey(String);

impl SessionKey {
    /// Of a session's token.
    pub fn of(token: &str) -> Self {
        Self(token_hash(token))
    }
}

/// Who listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listener {
    /// Anybody.
    Observer,
    /// A bidder or an official.
    SignedIn(SessionKey),
}

impl Service {
    /// Which of these sessions have ended, or whose phone was revoked. Asked for all streams of a
    /// node at one time.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn ended(&self, sessions: &[SessionKey]) -> Result<Vec<SessionKey>, Error> {
        /// Databases limit the parameters of one statement.
        const SESSIONS_AT_ONCE: usize = 500;
        let mut ended = Vec::new();
        for some in sessions.chunks(SESSIONS_AT_ONCE) {
            let keys = some.iter().map(|key| key.0.as_str());
            let lasting = store::lasting(self.shared.db.read(), keys, self.now()).await?;
            ended.extend(some.iter().filter(|key| !lasting.contains(&key.0)).cloned());
        }
        Ok(ended)
    }
}

impl FromRequestParts<AppState> for Listener {
    type Rejection = Problem;

    /// A phone says who it is, and is told when that does not hold any more. A browser sends its
    /// cookie without thinking: one that has ended makes it an observer.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if parts.headers.contains_key(AUTHORIZATION) {
            let token = bearer(&parts.headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
            state.identity.bidder(token).await?;
            return Ok(Self::SignedIn(SessionKey::of(token)));
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(cookie) = jar.get(cookie_name(&state.shared.config)) else {
            return Ok(Self::Observer);
        };
        match state.identity.official(cookie.value()).await {
            Ok(_) => Ok(Self::SignedIn(SessionKey::of(cookie.value()))),
            Err(Error::SignedOut | Error::Forbidden) => Ok(Self::Observer),
            Err(error) => Err(error.into()),
        }
    }
}
