//! Sets that several phones change: an element that one phone adds and another removes at the same
//! time stays.

use super::clock::{Actor, COUNT_MAX, Clock, DeltaFault, check_clock, plain};
use crdts::{CmRDT as _, CvRDT as _, Dot, Orswot, orswot};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::hash::Hash;

/// A set in the form that is sent and stored. There are no parts of a set: the whole is small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberSet<T> {
    /// All adds seen so far.
    pub clock: Clock,
    /// The members, with the adds that made them members.
    pub members: Vec<(T, Clock)>,
}

impl<T> Default for MemberSet<T> {
    fn default() -> Self {
        Self { clock: Clock::new(), members: Vec::new() }
    }
}

/// An element that a set can hold.
pub(super) trait Member: Hash + Ord + Clone + Debug {}
impl<T: Hash + Ord + Clone + Debug> Member for T {}

/// A set for changing and merging.
#[derive(Debug, Clone)]
pub(super) struct ObservedSet<T: Member>(Orswot<T, Actor>);

impl<T: Member> Default for ObservedSet<T> {
    fn default() -> Self {
        Self(Orswot::new())
    }
}

impl<T: Member> ObservedSet<T> {
    pub fn add(&mut self, member: T, actor: Actor) {
        let add = self.0.add(member, self.0.read_ctx().derive_add_ctx(actor));
        self.0.apply(add);
    }

    pub fn remove(&mut self, member: &T) {
        let remove = self.0.rm(member.clone(), self.0.contains(member).derive_rm_ctx());
        self.0.apply(remove);
    }

    /// Continues the actor's count at least where `seen` left it; the members stay.
    pub fn count_from(&mut self, seen: &Clock, actor: Actor) {
        let count = seen.get(&actor).copied().unwrap_or(0).min(COUNT_MAX);
        if count > self.0.clock().get(&actor) {
            self.0.apply(orswot::Op::Add { dot: Dot::new(actor, count), members: Vec::new() });
        }
    }

    pub fn contains(&self, member: &T) -> bool {
        self.0.contains(member).val
    }

    /// The members in order.
    pub fn members(&self) -> BTreeSet<T> {
        self.0.read().val.into_iter().collect()
    }

    pub fn merge(&mut self, other: &MemberSet<T>) {
        self.0.merge(set_of(other));
    }

    /// This set, if it holds an add that is `newer` than the other's, or if the other still has a
    /// member that was removed here: a removal leaves no mark in a clock.
    pub fn missing_from(
        &self,
        other: &Self,
        newer: impl Fn(&Clock, &Clock) -> bool,
    ) -> Option<MemberSet<T>> {
        let (own, theirs) = (self.wire(), other.wire());
        let removed = !other.members().is_subset(&self.members());
        (removed || newer(&own.clock, &theirs.clock)).then_some(own)
    }

    /// All adds seen so far.
    pub fn clock(&self) -> Clock {
        plain(&self.0.clock())
    }

    pub fn wire(&self) -> MemberSet<T> {
        let entries = self.0.iter().map(|entry| (entry.val.clone(), plain(&entry.rm_clock)));
        let mut members: Vec<_> = entries.collect();
        members.sort();
        MemberSet { clock: self.clock(), members }
    }

    /// Checks a set from `actor`. A write's name, actor and count, stands for one member for ever.
    pub fn check(&self, part: &MemberSet<T>, actor: Actor) -> Result<(), DeltaFault> {
        check_clock(&part.clock, &self.clock(), actor)?;
        let held = self.wire().members;
        let mut named: BTreeMap<(Actor, u64), &T> = BTreeMap::new();
        for (member, clock) in held.iter().chain(&part.members) {
            let other = |write: (&Actor, &u64)| {
                *named.entry((*write.0, *write.1)).or_insert(member) != member
            };
            if clock.iter().any(other) {
                return Err(DeltaFault::ForgedClock);
            }
        }
        for (_, clock) in &part.members {
            let seen = |(by, count): (&Actor, &u64)| {
                *count > 0 && part.clock.get(by).is_some_and(|seen| seen >= count)
            };
            if clock.is_empty() || !clock.iter().all(seen) {
                return Err(DeltaFault::ForgedClock);
            }
        }
        Ok(())
    }
}

impl<T: Member> From<&MemberSet<T>> for ObservedSet<T> {
    fn from(wire: &MemberSet<T>) -> Self {
        Self(set_of(wire))
    }
}

/// Rebuilds the crate's set by replaying its adds in order of their counts; a last empty add raises
/// the clock over the removed ones. Counts above [`COUNT_MAX`] are left out.
fn set_of<T: Member>(wire: &MemberSet<T>) -> Orswot<T, Actor> {
    let mut adds: BTreeMap<(Actor, u64), Vec<T>> = BTreeMap::new();
    for (member, clock) in &wire.members {
        for (actor, count) in clock {
            adds.entry((*actor, *count)).or_default().push(member.clone());
        }
    }
    for (actor, count) in &wire.clock {
        adds.entry((*actor, *count)).or_default();
    }
    let mut set = Orswot::new();
    let counted = adds.into_iter().filter(|((_, count), _)| *count <= COUNT_MAX);
    for ((actor, count), members) in counted {
        set.apply(orswot::Op::Add { dot: Dot::new(actor, count), members });
    }
    set
}
