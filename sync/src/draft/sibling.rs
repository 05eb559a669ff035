//! Answers that stand beside each other in one field, each with the writes that its writer had seen.

use super::clock::{Actor, COUNT_MAX, Clock, DeltaFault, check_clock, plain};
use crate::domain::form::FIELD_BYTES_MAX;
use crdts::{CmRDT as _, Dot, MVReg, VClock, mvreg};
use serde::{Deserialize, Serialize};

/// One answer with its writer's context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Sibling {
    /// The writes that the writer had seen, including this one.
    pub clock: Clock,
    /// The answer; `None` is a cleared field.
    pub value: Option<String>,
}

impl Sibling {
    /// Returns `true` if every write that its writer had seen is among the `known` ones.
    pub fn is_within(&self, known: &Clock) -> bool {
        self.clock.iter().all(|(by, count)| count <= known.get(by).unwrap_or(&0))
    }

    /// Returns `true` if one of the `held` answers is this one, or has replaced it.
    pub fn is_settled(&self, held: &[Self]) -> bool {
        held.iter().any(|held| held == self || versions(&held.clock) > versions(&self.clock))
    }
}

/// All writes that the writers of these answers had seen.
pub fn seen(siblings: &[Sibling]) -> Clock {
    let mut seen = Clock::new();
    for (by, count) in siblings.iter().flat_map(|sibling| &sibling.clock) {
        let known = seen.entry(*by).or_insert(0);
        *known = (*known).max(*count);
    }
    seen
}

pub(super) fn register_clock(register: &MVReg<Sibling, Actor>) -> Clock {
    plain(&register.read_ctx().add_clock)
}

/// Merges one answer. One whose clock no phone can have reached is left out, as everywhere: the next
/// write could not be counted.
pub(super) fn put(register: &mut MVReg<Sibling, Actor>, sibling: &Sibling) {
    if sibling.clock.values().any(|count| *count > COUNT_MAX) {
        return;
    }
    register.apply(mvreg::Op::Put { clock: versions(&sibling.clock), val: sibling.clone() });
}

/// An answer is new by its writer's own count, or is one that the register holds, or one that a
/// held answer has replaced. Anything else would give an old write a new content: replicas that saw
/// them in different orders would differ for ever.
pub(super) fn check_sibling(
    register: &MVReg<Sibling, Actor>,
    sibling: &Sibling,
    actor: Actor,
) -> Result<(), DeltaFault> {
    let known = register_clock(register);
    check_clock(&sibling.clock, &known, actor)?;
    let count = |clock: &Clock| *clock.get(&actor).unwrap_or(&0);
    if count(&sibling.clock) <= count(&known) {
        let clock = versions(&sibling.clock);
        let held = register.read().val;
        if clock.is_empty()
            || !held.iter().any(|held| held == sibling || versions(&held.clock) > clock)
        {
            return Err(DeltaFault::ForgedClock);
        }
    }
    if sibling.value.as_ref().is_some_and(|value| value.len() > FIELD_BYTES_MAX) {
        return Err(DeltaFault::TooLarge);
    }
    Ok(())
}

fn versions(clock: &Clock) -> VClock<Actor> {
    clock.iter().map(|(actor, count)| Dot::new(*actor, *count)).collect()
}
