//! The auctions that a person follows, on all of their phones.

use super::clock::{ACTORS_MAX, Actor, DeltaFault};
use super::set::{MemberSet, ObservedSet};
use crate::domain::id::AuctionId;
use std::collections::BTreeSet;

/// The most auctions that a person can follow.
pub const FOLLOWED_MAX: usize = 500;

/// The set of followed auctions in the form that is sent and stored.
pub type Followed = MemberSet<AuctionId>;

/// The followed auctions, for changing and merging.
#[derive(Debug, Clone, Default)]
pub struct FollowedSet(ObservedSet<AuctionId>);

impl FollowedSet {
    /// Follows an auction; no change if it is already followed.
    pub fn follow(&mut self, auction: AuctionId, actor: Actor) {
        if !self.0.contains(&auction) {
            self.0.add(auction, actor);
        }
    }

    /// Stops following an auction, unless another phone starts to at the same time.
    pub fn unfollow(&mut self, auction: AuctionId) {
        self.0.remove(&auction);
    }

    /// The auctions, in order of their names.
    pub fn auctions(&self) -> BTreeSet<AuctionId> {
        self.0.members()
    }

    /// The set in the form that is sent and stored.
    pub fn state(&self) -> Followed {
        self.0.wire()
    }

    /// Continues the actor's count of writes where `seen` left it, so that no write gets the name of
    /// one that was lost.
    pub fn count_from(&mut self, seen: &Self, actor: Actor) {
        self.0.count_from(&seen.state().clock, actor);
    }

    /// Merges another phone's set. Order and repetition do not matter.
    pub fn merge(&mut self, other: &Followed) {
        self.0.merge(other);
    }

    /// Checks a set that `actor` sent, before it is merged.
    ///
    /// # Errors
    /// [`DeltaFault`]; nothing was merged.
    pub fn check(&self, other: &Followed, actor: Actor) -> Result<(), DeltaFault> {
        self.0.check(other, actor)?;
        let mut after = self.clone();
        after.merge(other);
        if after.0.members().len() > FOLLOWED_MAX {
            return Err(DeltaFault::TooLarge);
        }
        if after.state().clock.len() > ACTORS_MAX {
            return Err(DeltaFault::TooManyActors);
        }
        Ok(())
    }
}

impl From<&Followed> for FollowedSet {
    fn from(state: &Followed) -> Self {
        Self(ObservedSet::from(state))
    }
}
