//! Actions of phones on a draft, and a model of it that is too simple to be wrong: sets that only
//! grow.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::draft::{Actor, Draft, DraftState, FileRef, Group};

pub const PHONES: usize = 3;
pub const GROUPS: u8 = 2;
/// Two fields of their own, and one in each of two groups.
pub const FIELDS: usize = 4;

#[derive(Debug, Clone)]
pub enum Step {
    Set {
        phone: usize,
        field: usize,
        value: Option<String>,
    },
    Attach {
        phone: usize,
        file: u8,
    },
    Detach {
        phone: usize,
        file: u8,
    },
    Begin {
        phone: usize,
        group: u8,
    },
    End {
        phone: usize,
        group: u8,
    },
    /// The whole of one draft reaches another.
    Whole {
        from: usize,
        to: usize,
    },
    /// Some part that was ever made reaches a phone, perhaps again, perhaps out of order.
    Part {
        which: prop::sample::Index,
        to: usize,
    },
}

pub fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![1 => Just(None), 4 => "[a-c]".prop_map(Some)];
    let step = prop_oneof![
        4 => (0..PHONES, 0..FIELDS, value)
            .prop_map(|(phone, field, value)| Step::Set { phone, field, value }),
        2 => (0..PHONES, 0..4u8).prop_map(|(phone, file)| Step::Attach { phone, file }),
        1 => (0..PHONES, 0..4u8).prop_map(|(phone, file)| Step::Detach { phone, file }),
        1 => (0..PHONES, 0..GROUPS).prop_map(|(phone, group)| Step::Begin { phone, group }),
        1 => (0..PHONES, 0..GROUPS).prop_map(|(phone, group)| Step::End { phone, group }),
        2 => (0..PHONES, 0..PHONES).prop_map(|(from, to)| Step::Whole { from, to }),
        3 => (any::<prop::sample::Index>(), 0..PHONES)
            .prop_map(|(which, to)| Step::Part { which, to }),
    ];
    proptest::collection::vec(step, 0..count)
}

/// Four files in two slots.
pub fn file(number: u8) -> FileRef {
    FileRef {
        slot: format!("slot_{}", number % 2),
        sha256: format!("{number:064x}"),
        size_bytes: 10,
        mime: "application/pdf".to_owned(),
        name: format!("{number}.pdf"),
    }
}

pub fn group(number: u8) -> Group {
    Group { kind: "co_owner".to_owned(), id: uuid::Uuid::from_u128(number.into()) }
}

pub fn field_name(number: usize) -> String {
    match number {
        0 => "full_name".to_owned(),
        1 => "phone".to_owned(),
        _ => group(group_of(number).unwrap()).field("pin"),
    }
}

pub fn group_of(field: usize) -> Option<u8> {
    field.checked_sub(2).map(|group| u8::try_from(group).unwrap())
}

pub fn actor(phone: usize) -> Actor {
    u32::try_from(phone).unwrap() + 1
}

/// One write of the reference model: a value, and every write that its writer knew of, directly or
/// not.
#[derive(Debug, Clone)]
pub struct Write {
    pub field: usize,
    pub value: Option<String>,
    pub covers: BTreeSet<usize>,
}

/// The knowledge of one replica in the reference model: sets that only grow.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub writes: BTreeSet<usize>,
    pub added: BTreeMap<usize, u8>,
    pub removed: BTreeSet<usize>,
    /// The adds of groups, and those that were removed.
    pub begun: BTreeMap<usize, u8>,
    pub ended: BTreeSet<usize>,
}

impl Known {
    pub fn learn(&mut self, other: &Self) {
        self.writes.extend(&other.writes);
        self.added.extend(&other.added);
        self.removed.extend(&other.removed);
        self.begun.extend(&other.begun);
        self.ended.extend(&other.ended);
    }

    /// The part of the knowledge that travels with a part about a set: the whole set.
    pub fn told_files(&self) -> Self {
        let (added, removed) = (self.added.clone(), self.removed.clone());
        Self { added, removed, ..Self::default() }
    }

    pub fn told_groups(&self) -> Self {
        let (begun, ended) = (self.begun.clone(), self.ended.clone());
        Self { begun, ended, ..Self::default() }
    }

    /// The values whose writes no known later write has covered.
    pub fn values(&self, history: &[Write], field: usize) -> Vec<Option<String>> {
        let covered: BTreeSet<usize> =
            self.writes.iter().flat_map(|known| history[*known].covers.clone()).collect();
        let alive = self.writes.difference(&covered).map(|write| &history[*write]);
        let mut values: Vec<_> =
            alive.filter(|write| write.field == field).map(|write| write.value.clone()).collect();
        values.sort();
        values
    }

    pub fn files(&self) -> BTreeSet<FileRef> {
        let alive = self.added.iter().filter(|(add, _)| !self.removed.contains(add));
        alive.map(|(_, number)| file(*number)).collect()
    }

    pub fn groups(&self) -> BTreeSet<Group> {
        let alive = self.begun.iter().filter(|(add, _)| !self.ended.contains(add));
        alive.map(|(_, number)| group(*number)).collect()
    }

    /// An add replaces the known adds of the same group.
    pub fn begin(&mut self, add: usize, number: u8) {
        self.end(number);
        self.begun.insert(add, number);
    }

    pub fn end(&mut self, number: u8) {
        let of = self.begun.iter().filter(|(_, other)| **other == number).map(|(add, _)| *add);
        self.ended.extend(of.collect::<Vec<_>>());
    }

    pub fn remove(&mut self, gone: impl Fn(u8) -> bool) {
        let gone = self.added.iter().filter(|(_, number)| gone(**number)).map(|(add, _)| *add);
        self.removed.extend(gone.collect::<Vec<_>>());
    }
}

#[derive(Default)]
pub struct World {
    pub drafts: [Draft; PHONES],
    pub known: [Known; PHONES],
    pub history: Vec<Write>,
    pub parts: Vec<(DraftState, Known)>,
}

impl World {
    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Set { phone, field, value } => {
                let known = &mut self.known[*phone];
                let mut covers = BTreeSet::new();
                for write in known.writes.iter().filter(|w| self.history[**w].field == *field) {
                    covers.insert(*write);
                    covers.extend(&self.history[*write].covers);
                }
                let write = self.history.len();
                self.history.push(Write { field: *field, value: value.clone(), covers });
                known.writes.insert(write);
                let part =
                    self.drafts[*phone].set(&field_name(*field), value.clone(), actor(*phone));
                let mut told = Known::default();
                if let Some(group) = group_of(*field) {
                    known.begin(self.parts.len(), group);
                    told = known.told_groups();
                }
                told.writes.insert(write);
                self.parts.push((part, told));
            }
            Step::Attach { phone, file: number } => {
                let part = self.drafts[*phone].attach(file(*number), actor(*phone));
                let known = &mut self.known[*phone];
                known.remove(|other| other % 2 == number % 2);
                known.added.insert(self.parts.len(), *number);
                self.parts.push((part, known.told_files()));
            }
            Step::Detach { phone, file: number } => {
                let part = self.drafts[*phone].detach(&file(*number));
                let known = &mut self.known[*phone];
                known.remove(|other| other == *number);
                self.parts.push((part, known.told_files()));
            }
            Step::Begin { phone, group: number } => {
                let part = self.drafts[*phone].add_group(group(*number), actor(*phone));
                let known = &mut self.known[*phone];
                known.begin(self.parts.len(), *number);
                self.parts.push((part, known.told_groups()));
            }
            Step::End { phone, group: number } => {
                let part = self.drafts[*phone].remove_group(&group(*number));
                let known = &mut self.known[*phone];
                known.end(*number);
                self.parts.push((part, known.told_groups()));
            }
            Step::Whole { from, to } => {
                let (state, known) = (self.drafts[*from].state(), self.known[*from].clone());
                self.drafts[*to].merge(&state);
                self.known[*to].learn(&known);
            }
            Step::Part { which, to } if !self.parts.is_empty() => {
                let (part, told) = which.get(&self.parts);
                self.drafts[*to].merge(part);
                self.known[*to].learn(told);
            }
            Step::Part { .. } => {}
        }
    }
}

pub fn played(steps: &[Step]) -> World {
    let mut world = World::default();
    steps.iter().for_each(|step| world.step(step));
    world
}
