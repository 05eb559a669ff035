//! The applicant: a human, or a firm through somebody with powers.
//!
//! # Why an application keeps a hash and a firm
//! One human, or one firm, has one live application to an auction, whichever account or
//! representative sends it. Two unique indexes say so; what is checked here gives the reason in
//! words. The hash is of the number that a door has proven, never of the one that was typed.
//!
//! # Why nothing is asked where no door is configured
//! A server without eID and certificates proves nobody; its applications are as they were before.

use super::error::Error;
use super::service::Service;
use super::store::{self, Applicant};
use crate::db::{StoreError, Txn};
use crate::identity::Bidder;
use toruk_sync::domain::application::ApplicantFault;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::ApplicationPayload;

/// The form's field with the kind of applicant, and its value for a firm.
const APPLICANT_KIND: &str = "applicant_kind";
const FIRM: &str = "organisation";
/// The form's field with a human's personal number or a firm's tax number.
const NUMBER: &str = "pin";

impl Service {
    /// The applicant of a package that was received at `at`.
    pub(super) async fn applicant(
        &self,
        txn: &Txn,
        by: &Bidder,
        package: &ApplicationPayload,
        at: Timestamp,
    ) -> Result<Result<Applicant, ApplicantFault>, Error> {
        let pin_hash = self.identity.pin_hash_of(txn, by.person).await?;
        let needs_proof = self.context.config.proves_identity;
        if needs_proof && pin_hash.is_none() {
            return Ok(Err(ApplicantFault::IdentityNeeded));
        }
        let answer = |field| package.answers.get(field).map_or("", String::as_str);
        let number = answer(NUMBER);
        let mut applicant = Applicant { pin_hash, organisation: None };
        if answer(APPLICANT_KIND) == FIRM {
            applicant.organisation = self.identity.firm_of(txn, by.person, number, at).await?;
            if applicant.organisation.is_none() && applicant.pin_hash.is_some() {
                return Ok(Err(ApplicantFault::PowersMissing));
            }
        } else if let Some(proven) = &applicant.pin_hash {
            // A sole trader's tax number is the personal one.
            let typed = Pin::parse(number).ok().map(|pin| self.identity.hashed_pin(&pin));
            if typed.as_ref() != Some(proven) {
                return Ok(Err(ApplicantFault::PinDiffers));
            }
        }
        Ok(self.rival_of(txn, by, package, &applicant).await?.map_or(Ok(applicant), Err))
    }

    /// The fault if somebody else's application stands for the same human or firm.
    async fn rival_of(
        &self,
        txn: &Txn,
        by: &Bidder,
        package: &ApplicationPayload,
        applicant: &Applicant,
    ) -> Result<Option<ApplicantFault>, StoreError> {
        let others = store::rivals(txn, package.auction, by.person, applicant).await?;
        let same_human =
            |other: &Applicant| other.pin_hash.is_some() && other.pin_hash == applicant.pin_hash;
        Ok(match (others.iter().any(same_human), others.is_empty()) {
            (true, _) => Some(ApplicantFault::AlreadyApplied),
            (false, false) => Some(ApplicantFault::FirmApplied),
            (false, true) => None,
        })
    }
}
