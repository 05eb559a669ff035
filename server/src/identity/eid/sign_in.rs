//! Signing in, and recovering an account, by eID.

use super::fault::EidFault;
use super::provider::{Asked, EidProvider};
use super::state::{EidAct, EidState};
use crate::db::StoreError;
use crate::identity::ceremony::{EidDoor, SingleUse};
use crate::identity::devices::OfferedDevice;
use crate::identity::proven::ProvenIdentity;
use crate::identity::service::{Error, LANGUAGES, Service};
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::{
    EID_CODE_CHARS_MAX, EID_SECRET_CHARS_MAX, EID_SECRET_CHARS_MIN, EidAnswer, EidPurpose,
    EidStart, FinishEid, StartEid, secret_hash,
};
use toruk_sync::protocol::identity::{Challenge, Session};

/// Time from the start to the answer: a card and its reader may have to be fetched.
const CEREMONY: TimeSpan = TimeSpan::minutes(15);
/// Length of a hash, in hexadecimal digits.
const HASH_DIGITS: usize = 64;

impl From<EidPurpose> for EidDoor {
    fn from(purpose: EidPurpose) -> Self {
        match purpose {
            EidPurpose::SignIn => Self::PhoneSignIn,
            EidPurpose::Recovery => Self::Recovery,
        }
    }
}

/// A person whom eID has proven, and what keeps the proof from counting twice.
pub(super) struct ProvenByEid {
    pub(super) single: SingleUse,
    pub(super) proven: ProvenIdentity,
    pub(super) act: Option<EidAct>,
}

impl Service {
    /// Starts a sign-in by eID, or a recovery. Nothing is stored.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if this server has no eID; [`Error::Malformed`] for the hash or the
    /// language; [`Error::EidUnavailable`].
    pub async fn start_eid(&self, request: StartEid) -> Result<EidStart, Error> {
        let StartEid { purpose, secret_hash, language } = request;
        self.start_at_eid(purpose.into(), None, secret_hash, language).await
    }

    /// Starts a way to eID and back.
    pub(super) async fn start_at_eid(
        &self,
        door: EidDoor,
        act: Option<EidAct>,
        secret_hash: String,
        language: String,
    ) -> Result<EidStart, Error> {
        let provider = self.provider()?;
        self.context.disk.has_room().map_err(StoreError::from)?;
        if act.as_ref().is_some_and(|act| !is_sha256(&act.digest)) {
            return Err(Error::Malformed("digest"));
        }
        if !is_sha256(&secret_hash) {
            return Err(Error::Malformed("secret_hash"));
        }
        if !LANGUAGES.contains(&language.as_str()) {
            return Err(Error::Malformed("language"));
        }
        let now = self.now();
        let begun = EidState {
            id: self.context.ports.ids.uuid(),
            since: now,
            until: now + CEREMONY,
            door,
            act,
            secret_hash,
            language,
        };
        let state = self.eid_seal.seal(&begun);
        let clock = &*self.context.ports.clock;
        let authorization_url =
            provider.authorization_url(&self.asked(&begun, &state), clock).await?;
        Ok(EidStart { ceremony: begun.id, authorization_url, expires_at: begun.until })
    }

    /// Signs a phone in by the provider's answer; a person who is new here gets an account.
    ///
    /// # Errors
    /// [`Error::Eid`], [`Error::EidUnavailable`]; [`Error::CeremonyFailed`] for an answer that has
    /// counted; [`Error::Identity`], which is recorded where it concerns a person; and for the
    /// phone as [`Service::finish_sign_in`], with [`Error::DeviceTaken`] also for a known phone
    /// that comes with another key.
    pub async fn finish_eid(&self, request: FinishEid) -> Result<Session, Error> {
        let FinishEid { answer, device, proof } = request;
        self.provider()?;
        let device = OfferedDevice::proved_by(&device, answer.ceremony, Some(&proof))?;
        let ProvenByEid { single, proven, .. } =
            self.proven_by_eid(&answer, EidDoor::PhoneSignIn, None).await?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let outcome = self.sign_in_proven(&txn, &proven, &device).await;
        let concluded = self.conclude(single, txn, outcome).await;
        // The phone's earlier session has ended.
        self.lately.forget();
        self.record_refusal(&proven, concluded).await
    }

    /// Starts the registration of a passkey of the account that the provider's answer names; it is
    /// finished by [`Service::finish_recovery`].
    ///
    /// # Errors
    /// As [`Self::finish_eid`]; `NoAccount` if there is none.
    pub async fn start_recovery_by_eid(&self, answer: EidAnswer) -> Result<Challenge, Error> {
        let ProvenByEid { single, proven, .. } =
            self.proven_by_eid(&answer, EidDoor::Recovery, None).await?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let outcome = self.known_bidder(&txn, &proven).await;
        let concluded = self.conclude(single, txn, outcome).await;
        let person = self.record_refusal(&proven, concluded).await?;
        self.start_recovery(person).await
    }

    /// Redeems an answer that came to the door where it was asked for, by the person who is signed
    /// in there, if it is one where they are.
    pub(super) async fn proven_by_eid(
        &self,
        answer: &EidAnswer,
        door: EidDoor,
        person: Option<PersonId>,
    ) -> Result<ProvenByEid, Error> {
        let provider = self.provider()?;
        let now = self.now();
        let begun = self.eid_seal.open(&answer.state).ok_or(EidFault::State)?;
        let is_theirs = begun.act.as_ref().map(|act| act.person) == person;
        if begun.id != answer.ceremony || begun.door != door || now >= begun.until || !is_theirs {
            return Err(EidFault::State.into());
        }
        let secret_chars = EID_SECRET_CHARS_MIN..=EID_SECRET_CHARS_MAX;
        // Hashes are compared: the time that it takes tells nothing of the secret.
        if !secret_chars.contains(&answer.secret.len())
            || secret_hash(&answer.secret) != begun.secret_hash
        {
            return Err(EidFault::Secret.into());
        }
        if answer.code.is_empty() || answer.code.len() > EID_CODE_CHARS_MAX {
            return Err(EidFault::Code.into());
        }
        let asked = self.asked(&begun, &answer.state);
        let clock = &*self.context.ports.clock;
        let proven = provider.redeem(&answer.code, answer.iss.as_deref(), &asked, clock).await?;
        let single = SingleUse::new(begun.id, door.kind(), begun.until);
        Ok(ProvenByEid { single, proven, act: begun.act })
    }

    pub(super) fn provider(&self) -> Result<Arc<EidProvider>, Error> {
        self.eid.clone().ok_or(Error::Store(StoreError::NotFound))
    }

    fn asked<'a>(&self, begun: &'a EidState, state: &'a str) -> Asked<'a> {
        Asked {
            state,
            nonce: self.eid_seal.nonce(state),
            verifier: self.eid_seal.verifier(state),
            language: &begun.language,
            since: begun.since,
            is_fresh: begun.door.wants_fresh(),
        }
    }
}

/// Returns `true` for SHA-256 in lower-case hexadecimal.
fn is_sha256(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == HASH_DIGITS && text.bytes().all(is_digit)
}
