//! Answers that stand beside each other in one field, each with the writes that its writer had seen.

use super::clock::Clock;
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
        dominates(known, &self.clock)
    }

    /// Returns `true` if one of the `held` answers is this one, or has replaced it.
    pub fn is_settled(&self, held: &[Self]) -> bool {
        let replaces = |held: &Self| {
            dominates(&held.clock, &self.clock) && !dominates(&self.clock, &held.clock)
        };
        held.iter().any(|held| held == self || replaces(held))
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

/// Returns `true` if every write in `clock` is in `by` too.
pub(super) fn dominates(by: &Clock, clock: &Clock) -> bool {
    clock.iter().all(|(actor, count)| *count <= *by.get(actor).unwrap_or(&0))
}
