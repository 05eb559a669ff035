//! Acts that need two officials: one proposes, another approves, and then the rules decide.
//!
//! A proposal changes nothing of the auction and is not in its log; the resulting command names
//! both people. It depends on the auction's state at the time of the proposal: if that has changed
//! since, the first person asked for something else.

use super::auction::{Auction, Offer, OfferFault, Status, apply};
use super::auction::{Command, DualApproval, Rejection, checked_reason};
use super::auction::{SuspendedBy, SuspensionCause};
use super::id::{BidderNo, PersonId};
use super::lot::SealedLot;
use super::rules::RuleProfile;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The lifetime of an urgent proposal, to suspend or to resume.
pub const URGENT_LIFE: TimeSpan = TimeSpan::minutes(15);
/// The lifetime of any other proposal.
pub const LIFE: TimeSpan = TimeSpan::days(3);
/// A number that no participant has: numbers begin at 1.
const NOBODY: BidderNo = BidderNo(0);

/// [`LIFE`] under these rules.
pub(in crate::domain) fn life(rules: &RuleProfile) -> TimeSpan {
    stretched(rules, LIFE)
}

/// People need their time also where the clock runs faster.
fn stretched(rules: &RuleProfile, life: TimeSpan) -> TimeSpan {
    TimeSpan(life.0 * i64::from(rules.clock_speed.max(1)))
}

/// An act of two officials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointAct {
    /// Suspend the auction: bidders can't bid as they should.
    Suspend {
        /// The fault that was noticed.
        reason: String,
    },
    /// Announce the resumption.
    Resume {
        /// The moment of resumption.
        at: Timestamp,
    },
    /// Cancel the auction by decision (A17, A18).
    Cancel {
        /// The reason, for the record.
        reason: String,
        /// SHA-256 of the document that justifies it, in hex.
        document: String,
    },
    /// Exclude the proposed winner (A13, A14).
    DisqualifyWinner {
        /// The reason, for the record.
        reason: String,
        /// SHA-256 of the document that justifies it, in hex.
        document: String,
    },
    /// Record that the proposed winner refused the award in writing (A13, A14).
    RecordRefusal {
        /// The reason, for the record.
        reason: String,
        /// SHA-256 of the winner's written refusal, in hex.
        document: String,
    },
    /// Correct what was published, while that is allowed (A2).
    Correct {
        /// The whole new proposal for the auction.
        offer: Offer,
        /// The whole lot after the correction.
        lot: SealedLot,
    },
}

/// The state of the auction that a proposal depends on. The price is not part of it: a fault
/// remains one whatever is bid meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    status: Status,
    epoch: u32,
    awards: usize,
    /// The version of the terms; 0 in proposals of earlier versions.
    #[serde(default)]
    version: u64,
}

/// A proposal that waits for the second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The proposed act.
    pub act: JointAct,
    /// The official who proposed it.
    pub by: PersonId,
    /// The moment of the proposal.
    pub at: Timestamp,
    /// The deadline for the approval, exclusive.
    pub expires_at: Timestamp,
    /// The state of the auction at the proposal.
    pub stand: Stand,
}

impl Stand {
    /// The present state of an auction.
    pub fn of(auction: &Auction) -> Self {
        Self {
            status: auction.status,
            epoch: auction.epoch,
            awards: auction.awards.len(),
            version: auction.version,
        }
    }

    /// Returns `true` if the proposal still means the same. A start or a first offer does not
    /// change the purpose of a suspension; a decision on the auction itself depends on its state.
    fn holds(self, act: &JointAct, now: Self) -> bool {
        let same = self.epoch == now.epoch && self.awards == now.awards;
        match act {
            JointAct::Suspend { .. } | JointAct::Resume { .. } => same,
            JointAct::Cancel { .. }
            | JointAct::DisqualifyWinner { .. }
            | JointAct::RecordRefusal { .. } => same && self.status == now.status,
            // It was written over what another correction has replaced.
            JointAct::Correct { .. } => self == now,
        }
    }
}

impl Proposal {
    /// Proposes an act that would be possible now with a second person's consent.
    ///
    /// # Errors
    /// The rejection that the act would meet.
    pub fn make(
        auction: &Auction,
        act: JointAct,
        by: PersonId,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let rules = &auction.birth.rules;
        let expires_at = match &act {
            JointAct::Suspend { reason } => {
                checked_reason(reason)?;
                now + stretched(rules, URGENT_LIFE)
            }
            JointAct::RecordRefusal { reason, document } => {
                checked_reason(reason)?;
                if document.trim().is_empty() {
                    return Err(Rejection::Offer(OfferFault::DocumentMissing));
                }
                now + life(rules)
            }
            // Any later, the announcement would come too late for its own moment.
            JointAct::Resume { at } => *at - rules.resume_notice_min + Timestamp::TICK,
            _ => now + life(rules),
        };
        let proposal = Self { act, by, at: now, expires_at, stand: Stand::of(auction) };
        let second = if by.0.is_nil() { Uuid::max() } else { Uuid::nil() };
        apply(auction, &proposal.command(auction, PersonId(second)), now)?;
        Ok(proposal)
    }

    /// The command that follows if `second` approves. The command itself decides whether the rules
    /// still allow it.
    ///
    /// # Errors
    /// [`Rejection::TooLate`] if it has lapsed, [`Rejection::WrongState`] if the auction has
    /// changed since, [`Rejection::SecondPersonNeeded`] for one's own.
    pub fn approve(
        &self,
        auction: &Auction,
        second: PersonId,
        now: Timestamp,
    ) -> Result<Command, Rejection> {
        if now >= self.expires_at {
            return Err(Rejection::TooLate);
        }
        if !self.stand.holds(&self.act, Stand::of(auction)) {
            return Err(Rejection::WrongState);
        }
        // The command of a recorded refusal is the winner's own, and names no officials.
        DualApproval { proposed: self.by, approved: second }.check()?;
        Ok(self.command(auction, second))
    }

    /// Returns `true` if a second person's approval would still have an effect.
    pub fn is_alive(&self, auction: &Auction, now: Timestamp) -> bool {
        let second = if self.by.0.is_nil() { Uuid::max() } else { Uuid::nil() };
        self.approve(auction, PersonId(second), now)
            .and_then(|command| apply(auction, &command, now))
            .is_ok()
    }

    fn command(&self, auction: &Auction, second: PersonId) -> Command {
        let by = DualApproval { proposed: self.by, approved: second };
        match self.act.clone() {
            // The fault existed when the first person noticed it.
            JointAct::Suspend { .. } => Command::Suspend {
                by: SuspendedBy::Operators(by),
                cause: SuspensionCause::TechnicalFault,
                since: self.at,
            },
            JointAct::Resume { at } => Command::AnnounceResume { by, at },
            JointAct::Cancel { reason, document } => Command::Cancel { by, reason, document },
            JointAct::DisqualifyWinner { reason, document } => {
                Command::DisqualifyWinner { by, reason, document }
            }
            JointAct::RecordRefusal { .. } => {
                let winner = auction.pending_award().map(|award| award.bidder);
                Command::RefuseAward { bidder: winner.unwrap_or(NOBODY) }
            }
            JointAct::Correct { offer, lot } => {
                Command::Amend { by: self.by, approved: Some(second), offer, lot: Some(lot) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
