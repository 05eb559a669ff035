//! The answers of one field: those that no later one has replaced.
//!
//! # Why not `crdts::MVReg`
//! It shows values as copies, with their clocks only through a conversion, so that checking one
//! answer copied the whole draft. The rule itself is short: an answer whose writer had seen more
//! replaces one whose writer had seen less, and answers that have not seen each other stand beside
//! each other. A test holds this register against the crate's.

use super::clock::{Actor, COUNT_MAX, Clock, DeltaFault, check_clock};
use super::sibling::{Sibling, dominates, seen};
use crate::domain::form::FIELD_BYTES_MAX;

/// The answers of one field, in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct Register(Vec<Sibling>);

impl Register {
    /// Merges one answer. One whose clock no phone can have reached is left out, as everywhere: the
    /// next write could not be counted.
    pub fn put(&mut self, sibling: &Sibling) {
        let clock = &sibling.clock;
        let is_empty = clock.values().all(|count| *count == 0);
        if is_empty || clock.values().any(|count| *count > COUNT_MAX) {
            return;
        }
        // Of two answers with the same clock the last stays; `check` lets no such two in.
        self.0.retain(|held| !dominates(clock, &held.clock));
        if !self.0.iter().any(|held| dominates(&held.clock, clock)) {
            self.0.push(sibling.clone());
        }
    }

    /// All writes that the writers of these answers had seen.
    pub fn clock(&self) -> Clock {
        seen(&self.0)
    }

    /// The answers.
    pub fn siblings(&self) -> &[Sibling] {
        &self.0
    }

    /// The answers in the order in which they are sent and stored.
    pub fn sorted(&self) -> Vec<Sibling> {
        let mut sorted = self.0.clone();
        sorted.sort();
        sorted
    }

    /// Bytes of all answers.
    pub fn bytes(&self) -> usize {
        self.0.iter().filter_map(|sibling| sibling.value.as_ref()).map(String::len).sum()
    }

    /// Checks an answer from `actor`. It is new by its writer's own count, or one that the register
    /// holds, or one that a held answer has replaced. Anything else would give an old write a new
    /// content: replicas that saw them in different orders would differ for ever.
    pub fn check(&self, sibling: &Sibling, actor: Actor) -> Result<(), DeltaFault> {
        let known = self.clock();
        check_clock(&sibling.clock, &known, actor)?;
        let count = |clock: &Clock| *clock.get(&actor).unwrap_or(&0);
        let is_new = count(&sibling.clock) > count(&known);
        if !is_new && (sibling.clock.is_empty() || !sibling.is_settled(&self.0)) {
            return Err(DeltaFault::ForgedClock);
        }
        if sibling.value.as_ref().is_some_and(|value| value.len() > FIELD_BYTES_MAX) {
            return Err(DeltaFault::TooLarge);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crdts::{CmRDT as _, Dot, MVReg, VClock, mvreg};
    use proptest::prelude::*;

    /// Writes of three actors, whose clocks tell them apart: no two contents under one clock.
    fn written() -> impl Strategy<Value = Vec<Sibling>> {
        let clock = prop::collection::btree_map(1_u32..4, 0_u64..4, 0..4);
        let sibling = clock.prop_map(|clock: Clock| {
            let counts = clock.iter().filter(|(_, count)| **count > 0);
            let value = Some(format!("{:?}", counts.collect::<Vec<_>>()));
            Sibling { clock, value }
        });
        prop::collection::vec(sibling, 0..12)
    }

    proptest! {
        #[test]
        fn it_holds_what_the_crates_register_holds(written in written()) {
            let (mut ours, mut theirs) = (Register::default(), MVReg::<_, Actor>::default());
            for sibling in &written {
                let dots = sibling.clock.iter().map(|(actor, count)| Dot::new(*actor, *count));
                let clock: VClock<Actor> = dots.collect();
                ours.put(sibling);
                theirs.apply(mvreg::Op::Put { clock, val: sibling.value.clone() });
                let mut held = theirs.read().val;
                held.sort();
                let mut values: Vec<_> = ours.0.iter().map(|it| it.value.clone()).collect();
                values.sort();
                prop_assert_eq!(values, held);
            }
        }
    }
}
