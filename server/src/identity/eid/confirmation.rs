//! Confirming an act by eID: the person authenticates there again, for this act, and the phone gets
//! a seal that it sends with the act.
//!
//! # Why a seal, and not the provider's answer with the act
//! A code of the provider lives for a minute, and an application may wait for its files or for a
//! connection. The seal says what the answer has proven: this person, this act, until when. It is
//! of no use to anybody else and for nothing else, so it is no secret; and it confirms one act once,
//! which the decision's own transaction sees to.

use super::evidence::EidEvidence;
use super::fault::EidFault;
use super::sign_in::ProvenByEid;
use super::state::{EidAct, SealedConfirmation};
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::caller::Bidder;
use crate::identity::ceremony::{EidDoor, SingleUse};
use crate::identity::confirmation::{Confirmed, NotConfirmed};
use crate::identity::service::{Error, Service, person_object};
use crate::signature::BadSignature;
use serde_json::json;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::eid::{
    EID_CONFIRMATION_LIFE, EidAnswer, EidConfirmed, EidStart, StartEidConfirmation,
};

/// The kind of a spent confirmation in the database.
const KIND: &str = "eid_confirmed";

impl Service {
    /// Starts the confirmation of an act by eID. Nothing is stored.
    ///
    /// # Errors
    /// As [`Service::start_eid`]; [`Error::Malformed`] for the digest.
    pub async fn start_eid_confirmation(
        &self,
        by: &Bidder,
        request: StartEidConfirmation,
    ) -> Result<EidStart, Error> {
        let StartEidConfirmation { digest, secret_hash, language } = request;
        let act = EidAct { person: by.person, digest };
        self.start_at_eid(EidDoor::Confirmation, Some(act), secret_hash, language).await
    }

    /// Redeems the provider's answer for the seal that confirms the act.
    ///
    /// # Errors
    /// [`Error::Eid`], [`Error::EidUnavailable`]; [`Error::CeremonyFailed`] for an answer that has
    /// counted; [`Error::Identity`]. What is refused is recorded: who is signed in answers for it.
    pub async fn finish_eid_confirmation(
        &self,
        by: &Bidder,
        answer: &EidAnswer,
    ) -> Result<EidConfirmed, Error> {
        let door = EidDoor::Confirmation;
        let redeemed = self.proven_by_eid(answer, door, Some(by.person)).await;
        let outcome = match redeemed {
            Ok(proven) => self.seal_proven(by, proven, &answer.state).await,
            Err(error) => Err(error),
        };
        self.record_unconfirmed(by, outcome).await
    }

    async fn seal_proven(
        &self,
        by: &Bidder,
        by_eid: ProvenByEid,
        state: &str,
    ) -> Result<EidConfirmed, Error> {
        let ProvenByEid { single, proven, act, signed } = by_eid;
        let act = act.ok_or(EidFault::State)?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let outcome = async {
            if self.bidder_named(&txn, &proven).await? != Some(by.person) {
                return Err(EidFault::OtherPerson.into());
            }
            // A number that has changed, or an identity that was revoked, confirms nothing.
            self.link(&txn, by.person, &proven).await?;
            let (actor, object) = (Principal::Bidder(by.person), person_object(by.person));
            let detail = json!({ "provider": proven.provider.key(), "sha256": act.digest });
            let entry = Entry { actor, action: Action::IdentityConfirm, object, detail };
            self.audit.record(&txn, entry).await?;
            let until = self.now() + EID_CONFIRMATION_LIFE;
            let sealed = SealedConfirmation { id: self.context.ports.ids.uuid(), until, act };
            let evidence = EidEvidence::of(signed, state, self.now());
            self.keep_confirmed(&txn, sealed.id, by.person, &evidence).await?;
            let seal = self.eid_seal.seal_confirmation(&sealed);
            Ok(EidConfirmed { seal, expires_at: until })
        };
        let outcome = outcome.await;
        self.conclude(single, txn, outcome).await
    }

    async fn record_unconfirmed<T>(
        &self,
        by: &Bidder,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        let fault = match &outcome {
            Err(Error::Eid(fault)) => fault.key(),
            Err(Error::Identity(fault)) => fault.key(),
            Err(Error::CeremonyFailed) => "counted",
            _ => return outcome,
        };
        let (actor, object) = (Principal::Bidder(by.person), person_object(by.person));
        let detail = json!({ "provider": "eid", "fault": fault, "door": "confirmation" });
        let entry = Entry { actor, action: Action::IdentityRefuse, object, detail };
        let txn = self.context.db.begin().await?;
        self.audit.record_once(&txn, entry).await?;
        self.context.db.commit(txn).await?;
        outcome
    }

    /// Finds out whether a seal confirms this act of this person, in a message that arrived at
    /// `arrived`; [`Self::spend_confirmation`] uses it up.
    ///
    /// # Errors
    /// [`NotConfirmed`].
    pub(in crate::identity) fn opened_confirmation(
        &self,
        person: PersonId,
        digest: &[u8],
        seal: &str,
        arrived: Timestamp,
    ) -> Result<SingleUse, NotConfirmed> {
        let sealed = self.eid_seal.open_confirmation(seal);
        let sealed = sealed.ok_or_else(|| BadSignature::because("not a seal of this server"))?;
        if sealed.act.person != person || sealed.act.digest != hex::encode(digest) {
            return Err(BadSignature::because("the seal is for another act").into());
        }
        match arrived < sealed.until {
            true => Ok(SingleUse::new(sealed.id, KIND, sealed.until)),
            false => Err(NotConfirmed::Expired),
        }
    }

    /// Uses a confirmation up, in the transaction of what it confirms; `false` if it was used for
    /// an earlier act. Confirmations that are no eID's are never used up: passkeys and certificates
    /// sign the act itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn spend_confirmation(
        &self,
        txn: &Txn,
        confirmed: &Confirmed,
    ) -> Result<bool, StoreError> {
        match confirmed.single {
            // Also one that arrived in time and is decided late.
            Some(SingleUse { id, kind, until }) => {
                let kept = SingleUse::new(id, kind, until.max(self.now()) + EID_CONFIRMATION_LIFE);
                self.spend(txn, kept).await
            }
            None => Ok(true),
        }
    }
}
