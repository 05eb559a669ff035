//! Sign-in, enrolment of officials and known phones: the part that phones and the console share.

use super::ceremony::{Ceremony, NewPerson, PasskeySignIn};
pub use super::error::Error;
use super::passkey::{Passkeys, parse};
use super::role::Role;
use super::session_cache::SessionCache;
use super::store;
use crate::audit;
use crate::context::Context;
use crate::db::{StoreError, Txn};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::text;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::limits::{CEREMONY_MINUTES, NAME_CHARS_MAX};
use uuid::Uuid;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

/// Most ceremonies under way. Anybody may start one, without being signed in.
const CEREMONIES_MAX: u64 = 10_000;
/// Languages a person can choose.
const LANGUAGES: [&str; 3] = ["ky", "ru", "en"];
/// Interval between two writes of a session in use.
const PROLONG_AFTER: TimeSpan = TimeSpan::hours(1);

/// A console session: the cookie's value and its end.
#[derive(Debug, Clone)]
pub struct ConsoleSession {
    /// The opaque token; only its hash is kept.
    pub token: String,
    /// The end of the session if it is not used.
    pub expires_at: Timestamp,
}

/// An official in a list.
#[derive(Debug, Clone)]
pub struct StaffRow {
    pub person: PersonId,
    /// The official's display name.
    pub name: String,
    pub roles: Vec<Role>,
    /// The moment of the first role.
    pub since: Timestamp,
}

/// A one-time link that enrols an official.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The link: `https://…/console/enrol/<token>`.
    pub link: String,
    /// The end of its validity.
    pub expires_at: Timestamp,
}

/// People, their passkeys, sessions, phones and roles.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) audit: audit::Service,
    pub(super) passkeys: Arc<Passkeys>,
    pub(super) lately: Arc<SessionCache>,
}

/// A passkey with a valid answer, its person, and its updated counter.
pub(super) struct Answered {
    pub person: PersonId,
    pub credential_id: String,
    pub passkey: Passkey,
}

impl Service {
    /// Uses the public origin's host as relying party.
    ///
    /// # Errors
    /// When the public origin is not a URL with a host name, or an app's origin is not a URL.
    pub fn new(context: &Arc<Context>, audit: audit::Service) -> anyhow::Result<Self> {
        let passkeys = Arc::new(Passkeys::new(&context.config)?);
        Ok(Self { context: context.clone(), audit, passkeys, lately: Arc::default() })
    }

    /// Ends a session of a phone or the console. A phone that signs out gets no more pushes. An
    /// unknown token counts as signed out.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        let token_hash = token_hash(token);
        let now = self.now();
        let txn = self.context.db.begin().await?;
        if let Some(session) = store::session(&txn, &token_hash, now).await? {
            if let Some(device) = session.device {
                store::set_push_token(&txn, device, None).await?;
            }
            store::delete_session(&txn, &token_hash).await?;
        }
        self.context.db.commit(txn).await?;
        self.lately.forget();
        Ok(())
    }

    /// Names of people, for officials' pages; unknown ids are absent.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn names(&self, people: &[PersonId]) -> Result<BTreeMap<PersonId, String>, Error> {
        /// Databases limit the parameters of one statement.
        const NAMES_AT_ONCE: usize = 500;
        let mut names = BTreeMap::new();
        for some in people.chunks(NAMES_AT_ONCE) {
            names.extend(store::names(self.context.db.read(), some).await?);
        }
        Ok(names)
    }

    /// A person's passkeys, webauthn-rs records (for `signature`).
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn passkeys(&self, person: PersonId) -> Result<Vec<Passkey>, Error> {
        Ok(store::passkeys(self.context.db.read(), person).await?)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.ports.clock.now()
    }

    /// A new person, not stored yet.
    pub(super) fn new_person(&self, name: &str, language: &str) -> Result<NewPerson, Error> {
        let name = checked_name(name)?;
        if !LANGUAGES.contains(&language) {
            return Err(Error::Malformed("language"));
        }
        let id = PersonId(self.context.ports.ids.uuid());
        Ok(NewPerson { id, name, language: language.to_owned() })
    }

    /// Stores a ceremony's state and returns its challenge.
    pub(super) async fn open(
        &self,
        ceremony: Ceremony,
        options: Value,
    ) -> Result<Challenge, Error> {
        let (id, now) = (self.context.ports.ids.uuid(), self.now());
        let expires_at = now + TimeSpan::minutes(CEREMONY_MINUTES);
        let txn = self.context.db.begin().await?;
        store::open_ceremony(&txn, id, &ceremony, now, expires_at).await?;
        if store::ceremonies(&txn, now).await? > CEREMONIES_MAX {
            return Err(Error::Busy);
        }
        self.context.db.commit(txn).await?;
        Ok(Challenge { ceremony: id, options })
    }

    /// A ceremony that is still open.
    pub(super) async fn ceremony(&self, id: Uuid) -> Result<Ceremony, Error> {
        let found = store::ceremony(self.context.db.read(), id, self.now()).await?;
        found.ok_or(Error::CeremonyFailed)
    }

    /// Begins the transaction that finishes a ceremony: only the first of two answers passes.
    ///
    /// # Why the answer is verified before
    /// SQLite has one writer; curve arithmetic must not hold it up.
    pub(super) async fn finish<T>(
        &self,
        id: Uuid,
        verified: Result<T, Error>,
    ) -> Result<(Txn, T), Error> {
        let txn = self.context.db.begin().await?;
        if !store::close_ceremony(&txn, id).await? {
            return Err(Error::CeremonyFailed);
        }
        match verified {
            Ok(answer) => Ok((txn, answer)),
            Err(refusal) => self.conclude(id, txn, Err(refusal)).await,
        }
    }

    /// Ends that transaction: commits its changes, or, after a rejection, only the ceremony's end,
    /// so that one challenge allows one try.
    pub(super) async fn conclude<T>(
        &self,
        id: Uuid,
        txn: Txn,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        match &outcome {
            Ok(_) => self.context.db.commit(txn).await?,
            Err(Error::Store(_)) => {}
            Err(_) => {
                txn.rollback().await.map_err(StoreError::from)?;
                let txn = self.context.db.begin().await?;
                store::close_ceremony(&txn, id).await?;
                self.context.db.commit(txn).await?;
            }
        }
        outcome
    }

    /// Verifies the answer to a sign-in.
    pub(super) async fn verify(
        &self,
        state: PasskeySignIn,
        credential: Value,
    ) -> Result<Answered, Error> {
        let answer: PublicKeyCredential = parse(credential)?;
        let credential_id = URL_SAFE_NO_PAD.encode(answer.get_credential_id());
        let found = store::passkey(self.context.db.read(), &credential_id).await?;
        let (person, mut passkey) = found.ok_or(Error::CeremonyFailed)?;
        self.passkeys.finish_sign_in(&answer, state, &mut passkey, person)?;
        Ok(Answered { person, credential_id, passkey })
    }

    /// Creates a person with their first passkey; returns the passkey's id. It must be new to the
    /// server: one id leads to one person.
    pub(super) async fn create(
        &self,
        txn: &Txn,
        person: &NewPerson,
        passkey: &Passkey,
    ) -> Result<String, Error> {
        let credential_id = URL_SAFE_NO_PAD.encode(passkey.cred_id());
        if store::passkey(txn, &credential_id).await?.is_some() {
            return Err(Error::CeremonyFailed);
        }
        store::insert_person(txn, person, &credential_id, passkey, self.now()).await?;
        Ok(credential_id)
    }

    /// A random token, and the hash that is stored of it.
    pub(super) fn new_token(&self) -> (String, String) {
        let token = URL_SAFE_NO_PAD.encode(self.context.ports.ids.secret());
        let hash = token_hash(&token);
        (token, hash)
    }

    /// Extends a session in use, at most once per [`PROLONG_AFTER`]. A failed write is only logged,
    /// because the session is still valid for a while.
    pub(super) async fn prolong(&self, token_hash: &str, expires_at: Timestamp, life: TimeSpan) {
        let until = self.now() + life;
        if until - expires_at < PROLONG_AFTER {
            return;
        }
        let written = async {
            let txn = self.context.db.begin().await?;
            store::prolong_session(&txn, token_hash, until).await?;
            self.context.db.commit(txn).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a session could not be prolonged");
        }
    }
}

/// The stored form of a token: its SHA-256, in hex. 32 random bytes need no salt.
pub(super) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// A person's name in one line; rejects characters that cannot be seen.
fn checked_name(name: &str) -> Result<String, Error> {
    text::line(name, NAME_CHARS_MAX).map_err(|_| Error::Malformed("name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_and_nothing_hidden() {
        for (name, expected) in [
            ("  Айбек  ", Some("Айбек")),
            ("", None),
            (" \t ", None),
            ("Ай\u{0}бек", None),
            ("Айбек\u{202e}", None),
            ("Ай\u{200b}бек", None),
            ("И\u{306}гилик", Some("Йгилик")),
            (&"а".repeat(200), Some(&*"а".repeat(200))),
            (&"а".repeat(201), None),
        ] {
            assert_eq!(checked_name(name).ok().as_deref(), expected, "{name:?}");
        }
    }
}
