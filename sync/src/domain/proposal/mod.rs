//! What no official does alone: one proposes it, another approves, and the rules decide then.
//!
//! A proposal changes nothing of the auction and is not in its log; the command that follows from
//! it names both people. It rests on how the auction stood when it was made: what has gone another
//! way meanwhile was not what the first person asked for.

use super::auction::{Auction, Status, apply};
use super::auction::{Command, DualApproval, Rejection, checked_reason};
use super::auction::{SuspendedBy, SuspensionCause};
use super::id::PersonId;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A proposal to stop the clock, or to start it again, is an emergency's.
pub const URGENT_LIFE: TimeSpan = TimeSpan::minutes(15);
/// Anything else waits this long for the second person.
pub const LIFE: TimeSpan = TimeSpan::days(3);

/// What two people may do together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointAct {
    /// Stop the clock: bidders can't bid as they should.
    Suspend {
        /// What was seen.
        reason: String,
    },
    /// Announce when it goes on.
    Resume {
        /// When.
        at: Timestamp,
    },
    /// End the auction by decision (A17, A18).
    Cancel {
        /// Why.
        reason: String,
        /// SHA-256 of the document it rests on, hex.
        document: String,
    },
    /// Exclude the proposed winner (A13, A14).
    DisqualifyWinner {
        /// Why.
        reason: String,
        /// SHA-256 of the document it rests on, hex.
        document: String,
    },
}

/// How an auction stood. The price is not a part of it: a fault is one whatever was bid meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    status: Status,
    epoch: u32,
    awards: usize,
}

/// A proposal that waits for the second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub act: JointAct,
    /// The first person.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// An approval at this moment or later is late.
    pub expires_at: Timestamp,
    /// On which state it rests.
    pub stand: Stand,
}

impl Stand {
    /// How it stands now.
    pub fn of(auction: &Auction) -> Self {
        Self { status: auction.status, epoch: auction.epoch, awards: auction.awards.len() }
    }

    /// Whether what was proposed then still means the same. A start or a first offer does not
    /// change what a stopped clock is for; a decision on the auction itself rests on its state.
    fn holds(self, act: &JointAct, now: Self) -> bool {
        let same = self.epoch == now.epoch && self.awards == now.awards;
        match act {
            JointAct::Suspend { .. } | JointAct::Resume { .. } => same,
            JointAct::Cancel { .. } | JointAct::DisqualifyWinner { .. } => self == now,
        }
    }
}

impl Proposal {
    /// Proposes an act that would be possible now if a second person agreed.
    ///
    /// # Errors
    /// What would refuse it.
    pub fn make(
        auction: &Auction,
        act: JointAct,
        by: PersonId,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let rules = &auction.birth.rules;
        let stretched = |life: TimeSpan| TimeSpan(life.0 * i64::from(rules.clock_speed.max(1)));
        let expires_at = match &act {
            JointAct::Suspend { reason } => {
                checked_reason(reason)?;
                now + stretched(URGENT_LIFE)
            }
            // Later, the announcement would come too late for its own moment.
            JointAct::Resume { at } => *at - rules.resume_notice_min + Timestamp::TICK,
            _ => now + stretched(LIFE),
        };
        let proposal = Self { act, by, at: now, expires_at, stand: Stand::of(auction) };
        let second = if by.0.is_nil() { Uuid::max() } else { Uuid::nil() };
        apply(auction, &proposal.command(PersonId(second)), now)?;
        Ok(proposal)
    }

    /// What follows when `second` approves. Whether he is another person and the rules still allow
    /// it is decided with the command.
    ///
    /// # Errors
    /// [`Rejection::TooLate`] when it has lapsed, [`Rejection::WrongState`] when the auction has
    /// moved on.
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
        Ok(self.command(second))
    }

    /// Whether a second person's approval would still do something.
    pub fn is_alive(&self, auction: &Auction, now: Timestamp) -> bool {
        let second = if self.by.0.is_nil() { Uuid::max() } else { Uuid::nil() };
        self.approve(auction, PersonId(second), now)
            .and_then(|command| apply(auction, &command, now))
            .is_ok()
    }

    fn command(&self, second: PersonId) -> Command {
        let by = DualApproval { proposed: self.by, approved: second };
        match self.act.clone() {
            // The fault was there when the first person saw it.
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
        }
    }
}

#[cfg(test)]
mod tests;
