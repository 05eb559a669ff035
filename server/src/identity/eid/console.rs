//! Officials and eID: linking it to one's account, and signing in to the console by it.
//!
//! # Why an official's account is linked before
//! eID says which human somebody is, and not what office they hold. So only the account's owner
//! links it, from a session in which their passkey answers once more; an administrator's invitation
//! stays the only way to a role. A session in the wrong hands can't add the wrong human's eID.
//!
//! # Why the browser keeps a secret in a cookie
//! As a phone's secret, it keeps an answer that somebody else has obtained from signing this browser
//! in, and this browser's answer from signing in anywhere else. It is sent with the console's own
//! forms only: the page at the callback, which the provider's page has posted to, asks for a second
//! step, of this site.

use super::fault::EidFault;
use super::returned::EidReturn;
use super::sign_in::ProvenByEid;
use super::state::EidAct;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::caller::Official;
use crate::identity::ceremony::{AccountKind, Ceremony, EidDoor};
use crate::identity::own_access::own;
use crate::identity::proven::{IdentityFault, ProvenIdentity, Provider};
use crate::identity::service::{
    ConsoleSession, Error, Returned, Service, person_object, token_hash,
};
use crate::identity::store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use toruk_sync::domain::id::PersonId;
use toruk_sync::protocol::eid::{EidAnswer, secret_hash};
use toruk_sync::protocol::identity::Challenge;
use uuid::Uuid;

/// The way of a browser to eID.
#[derive(Clone)]
pub struct ConsoleEid {
    /// The provider's page.
    pub url: String,
    /// For a cookie of this browser; its hash is in the sealed `state`.
    pub secret: String,
}

impl Service {
    /// Returns `true` if this server has eID.
    pub fn has_eid(&self) -> bool {
        self.eid.is_some()
    }

    /// Starts an official's sign-in by eID. Nothing is stored.
    ///
    /// # Errors
    /// As [`Service::start_eid`].
    pub async fn start_console_eid(&self, language: &str) -> Result<ConsoleEid, Error> {
        self.lead_to_eid(EidDoor::ConsoleSignIn, None, language).await
    }

    /// Signs an official in to the console by the provider's answer, whose account the official has
    /// linked before; `secret` is this browser's.
    ///
    /// # Errors
    /// [`Error::Eid`], [`Error::EidUnavailable`]; [`Error::CeremonyFailed`] for an answer that has
    /// counted; [`Error::Identity`] and [`Error::Forbidden`] (no role is left), which are recorded
    /// where they concern somebody who is known here.
    pub async fn finish_console_eid(
        &self,
        back: EidReturn,
        secret: &str,
    ) -> Result<ConsoleSession, Error> {
        let answer = self.answer_of(back, secret)?;
        let ProvenByEid { single, proven, .. } =
            self.proven_by_eid(&answer, EidDoor::ConsoleSignIn, None).await?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let outcome = self.enter_by_eid(&txn, &proven).await;
        let concluded = self.conclude(single, txn, outcome).await;
        self.record_refused_official(&proven, concluded).await
    }

    /// Starts the linking of eID to an official's account: a passkey of theirs must answer.
    ///
    /// # Errors
    /// [`Error::Store`] with `NotFound` if this server has no eID; [`Error::CeremonyFailed`] if
    /// WebAuthn's library refuses.
    pub async fn start_eid_link(&self, by: &Official, token: &str) -> Result<Challenge, Error> {
        self.provider()?;
        let ceremony = Ceremony::LinkEid { person: by.person, session: token_hash(token) };
        self.open(ceremony, |challenge| self.passkeys.start_sign_in(None, challenge))
    }

    /// Leads an official to eID, once their passkey has answered; `token` is that of the session in
    /// use, the only one in which the answer counts.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] unless a passkey of this official has answered, once, in time and
    /// in this session; [`Error::EidUnavailable`].
    pub async fn confirm_eid_link(
        &self,
        by: &Official,
        token: &str,
        (ceremony, credential): (Uuid, Value),
        language: &str,
    ) -> Result<ConsoleEid, Error> {
        let Returned { ceremony: Ceremony::LinkEid { person, session }, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        if person != by.person || session != token_hash(token) {
            return Err(Error::CeremonyFailed);
        }
        let verified = self.verify_owner(&challenge, person, credential).await;
        let (txn, answered) = self.finish(single, verified).await?;
        let used = self.use_passkey(&txn, own(by)?, &answered).await;
        self.conclude(single, txn, used).await?;
        let act = EidAct { person, digest: session };
        self.lead_to_eid(EidDoor::ConsoleLink, Some(act), language).await
    }

    /// Links the human that the provider's answer names to the official's account, in place of an
    /// earlier link; from now on their eID signs them in.
    ///
    /// # Errors
    /// As [`Self::finish_console_eid`]; what is refused is recorded: who is signed in answers for it.
    pub async fn finish_eid_link(
        &self,
        by: &Official,
        token: &str,
        (back, secret): (EidReturn, &str),
    ) -> Result<(), Error> {
        let outcome = async {
            let answer = self.answer_of(back, secret)?;
            let redeemed = self.proven_by_eid(&answer, EidDoor::ConsoleLink, Some(by.person));
            self.link_proven(by, token, redeemed.await?).await
        };
        let outcome = outcome.await;
        if let Some(fault) = refused(&outcome) {
            let detail = json!({ "provider": "eid", "fault": fault, "door": "console_link" });
            self.record_refused(own(by)?, by.person, detail).await?;
        }
        outcome
    }

    /// Ends an official's sign-in by eID, and the console sessions that it may have opened: all but
    /// the one in use. The personal number stays known: it tells humans apart.
    pub(in crate::identity) async fn unlink_eid(
        &self,
        txn: &Txn,
        by: &Official,
        this: &str,
    ) -> Result<(), Error> {
        store::lock_person(txn, by.person).await?;
        if store::unlink(txn, by.person, Provider::Eid).await? == 0 {
            return Err(StoreError::NotFound.into());
        }
        let sessions = store::delete_other_console_sessions(txn, by.person, this).await?;
        let (actor, object) = (own(by)?, person_object(by.person));
        let detail = json!({ "provider": "eid", "sessions": sessions });
        let entry = Entry { actor, action: Action::PersonUnlink, object, detail };
        Ok(self.audit.record(txn, entry).await?)
    }

    async fn lead_to_eid(
        &self,
        door: EidDoor,
        act: Option<EidAct>,
        language: &str,
    ) -> Result<ConsoleEid, Error> {
        let secret = URL_SAFE_NO_PAD.encode(self.context.ports.ids.secret());
        let hash = secret_hash(&secret);
        let start = self.start_at_eid(door, act, hash, language.to_owned()).await?;
        Ok(ConsoleEid { url: start.authorization_url, secret })
    }

    /// The answer of a browser, which does not know the ceremony's id.
    fn answer_of(&self, back: EidReturn, secret: &str) -> Result<EidAnswer, Error> {
        let EidReturn { state, code, iss, .. } = back;
        let begun = self.eid_seal.open(&state).ok_or(EidFault::State)?;
        let code = code.ok_or(EidFault::Code)?;
        Ok(EidAnswer { ceremony: begun.id, state, code, iss, secret: secret.to_owned() })
    }

    async fn enter_by_eid(
        &self,
        txn: &Txn,
        proven: &ProvenIdentity,
    ) -> Result<ConsoleSession, Error> {
        let person = self.person_of(txn, AccountKind::Official, proven, self.now()).await?;
        let role = *store::roles(txn, person).await?.first().ok_or(Error::Forbidden)?;
        let entry = Entry {
            actor: Principal::Official(person, role),
            action: Action::StaffSignIn,
            object: person_object(person),
            detail: json!({ "provider": proven.provider.key() }),
        };
        self.audit.record(txn, entry).await?;
        self.console_session(txn, person).await
    }

    async fn link_proven(
        &self,
        by: &Official,
        token: &str,
        by_eid: ProvenByEid,
    ) -> Result<(), Error> {
        let ProvenByEid { single, proven, act, .. } = by_eid;
        if act.is_none_or(|act| act.digest != token_hash(token)) {
            return Err(EidFault::State.into());
        }
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let outcome = async {
            // Without a number the human behind two accounts would not be noticed.
            proven.pin.as_ref().ok_or(EidFault::Claims)?;
            store::lock_person(&txn, by.person).await?;
            // What the former one has opened ends with it.
            match self.unlink_eid(&txn, by, &token_hash(token)).await {
                Ok(()) | Err(Error::Store(StoreError::NotFound)) => {}
                Err(error) => return Err(error),
            }
            self.link(&txn, by.person, &proven).await
        };
        let outcome = outcome.await;
        self.conclude(single, txn, outcome).await
    }

    /// Records that a proven identity did not open the console, if it concerns somebody who is known
    /// here: an official, or a bidder.
    async fn record_refused_official<T>(
        &self,
        proven: &ProvenIdentity,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(fault) = refused(&outcome) else { return outcome };
        let db = self.context.db.read();
        let mut known = self.account_named(db, AccountKind::Official, proven).await?;
        if let (None, Some(pin)) = (known, &proven.pin) {
            // A bidder's account, or one that has ended.
            let accounts = store::accounts_with_pin(db, &self.hashed_pin(pin)).await?;
            known = accounts.first().copied();
        }
        if let Some(person) = known {
            let detail = json!({ "provider": "eid", "fault": fault, "door": "console" });
            self.record_refused(Principal::System, person, detail).await?;
        }
        outcome
    }

    async fn record_refused(
        &self,
        actor: Principal,
        person: PersonId,
        detail: Value,
    ) -> Result<(), Error> {
        let (action, object) = (Action::IdentityRefuse, person_object(person));
        let txn = self.context.db.begin().await?;
        let entry = Entry { actor, action, object, detail };
        self.audit.record_once(&txn, entry).await?;
        Ok(self.context.db.commit(txn).await?)
    }
}

/// The name of a refusal that concerns a person; `None` for a success, and for what is nobody's
/// doing.
fn refused<T>(outcome: &Result<T, Error>) -> Option<&'static str> {
    match outcome {
        Err(Error::Eid(fault)) => Some(fault.key()),
        Err(Error::Identity(fault)) => Some(fault.key()),
        Err(Error::Forbidden) => Some(IdentityFault::NoAccount.key()),
        Err(Error::CeremonyFailed) => Some("counted"),
        _ => None,
    }
}
