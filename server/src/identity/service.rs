//! Sign-in, enrolment of officials and known phones: the part that phones and the console share.

use super::ceremony::{AccountKind, Ceremony, NewPerson, OpenCeremony, SingleUse};
use super::challenge::ChallengeSeal;
use super::eid::{EidProvider, EidSeal};
pub use super::error::Error;
use super::passkey::{Passkeys, parse};
use super::person_name::checked_name;
use super::push_attempts::PushAttempts;
use super::session_cache::SessionCache;
use super::store;
use super::token::SessionTokens;
use crate::audit::{self, Principal};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::push;
use crate::signature::Assertion;
use crate::signature::cms::Certificates;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::limits::CEREMONY_MINUTES;
use uuid::Uuid;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

/// Languages a person can choose.
pub(super) const LANGUAGES: [&str; 3] = ["ky", "ru", "en"];
/// The purpose for which the key of the challenges' seal is derived.
const CHALLENGE_SEAL: &str = "challenge seal/v1";
/// Ended sessions are kept this long, for the list of a person who asks where they were signed in.
const ENDED_KEPT: TimeSpan = TimeSpan::days(30);
/// Most sessions that one sweep removes.
const SWEPT_AT_ONCE: u64 = 500;
/// The purpose for which the key of eID's states is derived.
const EID_SEAL: &str = "eid state/v1";
/// The path to which the provider of eID sends its answers.
pub const EID_CALLBACK_PATH: &str = "/eid/callback";
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

/// A one-time link that enrols an official.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The link: `https://…/console/enrol#<token>`. Browsers send no fragment, so neither proxies
    /// nor logs see the token.
    pub link: String,
    /// The end of its validity.
    pub expires_at: Timestamp,
}

/// People, their passkeys, sessions, phones and roles.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) audit: audit::Service,
    pub(super) push: push::Service,
    pub(super) passkeys: Arc<Passkeys>,
    pub(super) lately: Arc<SessionCache>,
    seal: Arc<ChallengeSeal>,
    pub(super) tokens: Arc<SessionTokens>,
    /// Verifies signatures by certificate, where the operator accepts them.
    pub(super) certificates: Option<Arc<Certificates>>,
    /// The state's sign-in, if there is one.
    pub(super) eid: Option<Arc<EidProvider>>,
    pub(super) eid_seal: Arc<EidSeal>,
    pub(super) push_attempts: Arc<PushAttempts>,
}

/// A ceremony whose challenge came back in an answer that is not verified yet.
pub(super) struct Returned {
    pub ceremony: Ceremony,
    pub challenge: Vec<u8>,
    pub single: SingleUse,
}

/// A passkey with a valid answer and its person.
pub(super) struct Answered {
    pub person: PersonId,
    pub credential_id: String,
    pub assertion: Assertion,
}

impl Service {
    /// The id of the relying party of all passkeys: a host name.
    pub fn rp_id(&self) -> &str {
        self.passkeys.rp_id()
    }

    /// Uses the public origin's host as relying party.
    ///
    /// # Errors
    /// When the public origin is not a URL with a host name, or an app's origin is not a URL.
    pub fn new(
        context: &Arc<Context>,
        audit: audit::Service,
        push: push::Service,
    ) -> anyhow::Result<Self> {
        let passkeys = Arc::new(Passkeys::new(&context.config)?);
        let seal = Arc::new(ChallengeSeal::new(&context.signer.derived_key(CHALLENGE_SEAL)));
        let tokens = Arc::new(SessionTokens::of(&context.signer));
        let certificates = Certificates::of(&context.config)?.map(Arc::new);
        let eid_seal = Arc::new(EidSeal::new(&context.signer.derived_key(EID_SEAL)));
        let callback = format!("{}{EID_CALLBACK_PATH}", context.config.public_origin);
        let eid = context.config.eid.as_ref().map(|eid| EidProvider::new(eid, callback));
        let eid = eid.transpose()?.map(Arc::new);
        let (context, lately) = (context.clone(), Arc::default());
        Ok(Self {
            context,
            audit,
            push,
            passkeys,
            lately,
            seal,
            tokens,
            certificates,
            eid,
            eid_seal,
            push_attempts: Arc::default(),
        })
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

    /// Removes sessions that ended long ago, whose people have not come back since. Returns how many.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sweep(&self) -> Result<u64, Error> {
        let before = self.now() - ENDED_KEPT;
        // The writer is asked for only if there is something to write.
        let ended = store::ended_sessions(self.context.db.read(), before, SWEPT_AT_ONCE).await?;
        if ended.is_empty() {
            return Ok(0);
        }
        let txn = self.context.db.begin().await?;
        let swept = store::sweep_sessions(&txn, ended, before).await?;
        self.context.db.commit(txn).await?;
        Ok(swept)
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

    /// Returns `true` if this server made the token, for a session that may have ended. Costs one
    /// hash or two.
    pub fn is_own_token(&self, token: &str) -> bool {
        self.tokens.is_ours(token) || self.tokens.is_known_older(&token_hash(token))
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

    /// Begins a ceremony: `options` are made with its challenge. Nothing is stored.
    pub(super) fn open(
        &self,
        ceremony: Ceremony,
        options: impl FnOnce(&[u8]) -> Result<Value, Error>,
    ) -> Result<Challenge, Error> {
        let (id, challenge) = self.open_bytes(ceremony);
        Ok(Challenge { ceremony: id, options: options(&challenge)? })
    }

    /// The ceremony that this answer belongs to, if this server began it and it has not expired.
    pub(super) fn returned(&self, id: Uuid, credential: &Value) -> Result<Returned, Error> {
        let (open, challenge) = self.seal.open(credential).ok_or(Error::CeremonyFailed)?;
        self.in_time(id, open, challenge)
    }

    fn in_time(&self, id: Uuid, open: OpenCeremony, challenge: Vec<u8>) -> Result<Returned, Error> {
        if open.id != id || self.now() >= open.until {
            return Err(Error::CeremonyFailed);
        }
        let single = SingleUse::new(id, open.ceremony.kind(), open.until);
        Ok(Returned { ceremony: open.ceremony, challenge, single })
    }

    /// Begins a ceremony whose challenge is answered by another key than a passkey.
    pub(super) fn open_bytes(&self, ceremony: Ceremony) -> (Uuid, Vec<u8>) {
        let (id, until) =
            (self.context.ports.ids.uuid(), self.now() + TimeSpan::minutes(CEREMONY_MINUTES));
        (id, self.seal.seal(&OpenCeremony { id, until, ceremony }))
    }

    /// The ceremony of a challenge that came back as it was sent.
    pub(super) fn returned_bytes(&self, id: Uuid, challenge: Vec<u8>) -> Result<Returned, Error> {
        let open = self.seal.open_bytes(&challenge).ok_or(Error::CeremonyFailed)?;
        self.in_time(id, open, challenge)
    }

    /// Begins the transaction that finishes a ceremony: only the first of two valid answers passes.
    ///
    /// # Why the answer is verified before
    /// SQLite has one writer; curve arithmetic must not hold it up. And an invalid answer is not
    /// stored: anybody can send those, and no number of them leads to a valid one.
    pub(super) async fn finish<T>(
        &self,
        single: SingleUse,
        verified: Result<T, Error>,
    ) -> Result<(Txn, T), Error> {
        let answer = verified?;
        let txn = self.context.db.begin().await?;
        if !self.spend(&txn, single).await? {
            return Err(Error::CeremonyFailed);
        }
        Ok((txn, answer))
    }

    /// Ends that transaction: commits its changes, or, after a rejection, only the ceremony's end,
    /// so that a valid answer counts once.
    pub(super) async fn conclude<T>(
        &self,
        single: SingleUse,
        txn: Txn,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        match &outcome {
            Ok(_) => self.context.db.commit(txn).await?,
            Err(Error::Store(_)) => {}
            Err(refusal) => {
                txn.rollback().await.map_err(StoreError::from)?;
                let txn = self.context.db.begin().await?;
                self.spend(&txn, single).await?;
                if let Error::Conflict { conflict, person } = refusal {
                    let (actor, object) = (Principal::Bidder(*person), person_object(*person));
                    self.record_conflict(&txn, actor, *conflict, object).await?;
                }
                self.context.db.commit(txn).await?;
            }
        }
        outcome
    }

    pub(super) async fn spend(&self, txn: &Txn, single: SingleUse) -> Result<bool, StoreError> {
        let SingleUse { id, kind, until } = single;
        store::spend_ceremony(txn, id, kind, until, self.now()).await
    }

    /// Verifies the answer to a sign-in, by the passkey that was named, if one was.
    pub(super) async fn verify(
        &self,
        challenge: &[u8],
        named: Option<&str>,
        credential: Value,
    ) -> Result<Answered, Error> {
        let answer: PublicKeyCredential = parse(credential)?;
        let credential_id = URL_SAFE_NO_PAD.encode(answer.get_credential_id());
        if named.is_some_and(|named| named != credential_id) {
            return Err(Error::CeremonyFailed);
        }
        let found = store::passkey(self.context.db.read(), &credential_id).await?;
        let (person, passkey) = found.ok_or(Error::CeremonyFailed)?;
        let assertion = self.passkeys.finish_sign_in(&answer, challenge, &passkey, person)?;
        Ok(Answered { person, credential_id, assertion })
    }

    /// As [`Self::verify`], by any passkey of this person.
    pub(super) async fn verify_owner(
        &self,
        challenge: &[u8],
        owner: PersonId,
        credential: Value,
    ) -> Result<Answered, Error> {
        let answered = self.verify(challenge, None, credential).await?;
        if answered.person == owner { Ok(answered) } else { Err(Error::CeremonyFailed) }
    }

    /// Creates a person with their first passkey, made on `device` if that is a phone; returns the
    /// passkey's id. It must be new to the server: one id leads to one person.
    pub(super) async fn create(
        &self,
        txn: &Txn,
        person: &NewPerson,
        passkey: &Passkey,
        kind: AccountKind,
        device: Option<DeviceId>,
    ) -> Result<String, Error> {
        let credential_id = URL_SAFE_NO_PAD.encode(passkey.cred_id());
        if store::has_passkey(txn, &credential_id).await? {
            return Err(Error::CeremonyFailed);
        }
        store::insert_person(txn, person, kind, self.now()).await?;
        let made = store::MadePasskey {
            id: &credential_id,
            passkey,
            person: person.id,
            device,
            recovered_at: None,
        };
        store::insert_passkey(txn, &made, self.now()).await?;
        Ok(credential_id)
    }

    /// A random token, and the hash that is stored of it.
    pub(super) fn new_token(&self) -> (String, String) {
        let token = self.tokens.mint(self.context.ports.ids.secret());
        let hash = token_hash(&token);
        (token, hash)
    }

    /// Extends a session in use to `until`, at most once per [`PROLONG_AFTER`]. A failed write is
    /// only logged, because the session is still valid for a while.
    pub(super) async fn prolong(&self, token_hash: &str, expires_at: Timestamp, until: Timestamp) {
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

/// A person as the object of an act.
pub(super) fn person_object(person: PersonId) -> String {
    format!("person:{person}")
}

/// The stored form of a token: its SHA-256, in hex. 32 random bytes need no salt.
pub(super) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
