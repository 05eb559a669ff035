//! The decision on a guarantee that may be kept: the rules bring it up after a default, and two
//! officials of two offices decide.
//!
//! # Why two offices
//! The seller gains by what is kept, and finance moves the money: neither decides alone, nor do two
//! people of one office for each other.

use super::auction::{DualApproval, checked_reason};
use super::deposit::{Command, Deposit, Rejection, Status};
use super::id::PersonId;
use super::proposal;
use super::rules::RuleProfile;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An office that takes part in the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Office {
    /// The organiser, for the seller.
    Organiser,
    /// Finance, for the money.
    Finance,
}

/// One official's opinion, which waits for an official of the other office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForfeitProposal {
    /// `true` to keep the guarantee, `false` to refund it.
    pub keep: bool,
    /// The reason, for the record.
    pub reason: String,
    /// SHA-256 of the document that justifies it, in hex.
    pub document: String,
    /// The official who proposed it.
    pub by: PersonId,
    /// The office in which they did.
    pub office: Office,
    /// The moment of the proposal.
    pub at: Timestamp,
    /// The deadline for the approval, exclusive.
    pub expires_at: Timestamp,
}

impl ForfeitProposal {
    /// Proposes what becomes of a guarantee that the rules brought up.
    ///
    /// # Errors
    /// [`Rejection::WrongState`] if they did not, or it is decided; [`Rejection::ReasonNeeded`]
    /// also without a document.
    pub fn make(
        deposit: &Deposit,
        rules: &RuleProfile,
        (by, office): (PersonId, Office),
        (keep, reason, document): (bool, &str, &str),
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        if deposit.status != Status::ForfeitProposed {
            return Err(Rejection::WrongState);
        }
        let reason = checked_reason(reason).map_err(|_| Rejection::ReasonNeeded)?;
        if document.is_empty() {
            return Err(Rejection::ReasonNeeded);
        }
        let expires_at = now + proposal::life(rules);
        Ok(Self { keep, reason, document: document.to_owned(), by, office, at: now, expires_at })
    }

    /// The command that follows if an official of the other office approves.
    ///
    /// # Errors
    /// [`Rejection::Lapsed`]; [`Rejection::SecondPersonNeeded`] for one's own, or of one's own
    /// office.
    pub fn approve(
        &self,
        (by, office): (PersonId, Office),
        now: Timestamp,
    ) -> Result<Command, Rejection> {
        if now >= self.expires_at {
            return Err(Rejection::Lapsed);
        }
        if by == self.by || office == self.office {
            return Err(Rejection::SecondPersonNeeded);
        }
        let by = DualApproval { proposed: self.by, approved: by };
        Ok(Command::DecideForfeit { keep: self.keep, by })
    }
}

#[cfg(test)]
mod tests;
