//! The writes of each phone that something has seen, by their counts.

use crdts::VClock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One installation within one account; issued by the server, never reused.
pub type Actor = u32;
/// The number of writes of each actor that something has seen.
pub type Clock = BTreeMap<Actor, u64>;

/// Most phones that may write one draft.
pub const ACTORS_MAX: usize = 64;
/// The highest count in a clock that is accepted or merged, so that no forged clock outranks all
/// later writes.
pub const COUNT_MAX: u64 = 1 << 40;

/// The reason why a part was not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The messages say it.
pub enum DeltaFault {
    #[error("a clock claims writes of another phone that nobody has seen")]
    ForgedClock,
    #[error("the draft, or a field of it, would become too large")]
    TooLarge,
    #[error("too many answers stand beside each other in one field")]
    TooManySiblings,
    #[error("too many phones write this draft")]
    TooManyActors,
    #[error("a file's name or hash is malformed")]
    MalformedFile,
}

/// Rejects a clock that claims more of another phone than is known, or more than any phone can
/// reach.
pub(super) fn check_clock(clock: &Clock, known: &Clock, actor: Actor) -> Result<(), DeltaFault> {
    for (by, count) in clock {
        let seen = *known.get(by).unwrap_or(&0);
        if *count == 0 || *count > COUNT_MAX || (*by != actor && *count > seen) {
            return Err(DeltaFault::ForgedClock);
        }
    }
    if clock.len() > ACTORS_MAX {
        return Err(DeltaFault::TooManyActors);
    }
    Ok(())
}

pub(super) fn plain(clock: &VClock<Actor>) -> Clock {
    clock.iter().map(|dot| (*dot.actor, dot.counter)).collect()
}
