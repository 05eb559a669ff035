//! Who listens to a live stream: anybody, or the person of a session, for as long as it lasts.

use super::service::{Error, Service, token_hash};
use super::store;
use toruk_sync::domain::id::PersonId;

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
pub enum StreamViewer {
    /// Anybody.
    Observer,
    /// An official.
    Official(SessionKey),
    /// A person on a phone.
    Bidder(SessionKey, PersonId),
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
            let lasting = store::lasting(self.context.db.read(), keys, self.now()).await?;
            ended.extend(some.iter().filter(|key| !lasting.contains(&key.0)).cloned());
        }
        Ok(ended)
    }
}
