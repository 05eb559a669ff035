//! A person's draft of an application: edited on several phones without a connection, and merged
//! without losing an answer.
//!
//! One multi-value register per field, and one observed-remove set each for files and groups. The
//! wire form ([`DraftState`]) is defined here and versioned by the protocol; the crate `crdts` only
//! merges the sets.
//!
//! # Why not `crdts::Map`
//! Replicas of a map with nested registers stay different for ever in more than one of a hundred
//! random runs with removals, under correct delivery. Separate registers in a plain `BTreeMap`,
//! where deletion is the value `None`, never did.

use crate::domain::form::{FIELDS_MAX, FILES_MAX, FieldId};
use crate::domain::id::{AuctionId, DraftId, PersonId};
use crate::domain::text::is_file_name;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

mod clock;
mod followed;
mod group;
mod register;
mod set;
mod sibling;

pub use clock::{ACTORS_MAX, Actor, COUNT_MAX, Clock, DeltaFault};
pub use followed::{FOLLOWED_MAX, Followed, FollowedSet};
pub use group::Group;
pub use set::MemberSet;
pub use sibling::{Sibling, seen};

use register::Register;
use set::ObservedSet;

/// The most conflicting answers in one field.
pub const SIBLINGS_MAX: usize = 8;
/// The longest name of a field, in bytes.
pub const FIELD_ID_BYTES_MAX: usize = 96;
/// Most groups of a draft, of all kinds together.
pub const GROUPS_MAX: usize = 20;
/// Most bytes of all answers of a draft together.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024;
/// A file of a draft. Immutable: another file is another reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// The slot of the form.
    pub slot: String,
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// Media type, such as `application/pdf`.
    pub mime: String,
    /// The file name as the person sees it, as [`crate::domain::text::file_name`] leaves it.
    pub name: String,
}

/// A draft, or the part of it that changed: merging a part or the whole is the same operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DraftState {
    /// The answers by field, several if they conflict.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<FieldId, Vec<Sibling>>,
    /// The files; absent if they did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<MemberSet<FileRef>>,
    /// The groups; absent if they did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<MemberSet<Group>>,
}

/// A draft that can be edited and merged.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    fields: BTreeMap<FieldId, Register>,
    files: ObservedSet<FileRef>,
    groups: ObservedSet<Group>,
}

/// The id of the one draft that `person` can have for `auction`: two phones that start it offline
/// get the same one.
pub fn draft_id(person: PersonId, auction: AuctionId) -> DraftId {
    let mut name = b"toruk draft v1".to_vec();
    name.extend_from_slice(person.0.as_bytes());
    name.extend_from_slice(auction.0.as_bytes());
    DraftId(Uuid::new_v5(&Uuid::NAMESPACE_OID, &name))
}

impl Draft {
    /// Sets a field's answer; `None` clears it. Returns the part to send.
    pub fn set(&mut self, field: &str, value: Option<String>, actor: Actor) -> DraftState {
        let register = self.fields.entry(field.to_owned()).or_default();
        let mut clock = register.clock();
        *clock.entry(actor).or_insert(0) += 1;
        let sibling = Sibling { clock, value };
        register.put(&sibling);
        let fields = BTreeMap::from([(field.to_owned(), vec![sibling])]);
        let groups = Group::of_field(field).map(|(group, _)| {
            self.groups.add(group, actor);
            self.groups.wire()
        });
        DraftState { fields, files: None, groups }
    }

    /// Adds an empty group. Returns the part to send.
    pub fn add_group(&mut self, group: Group, actor: Actor) -> DraftState {
        self.groups.add(group, actor);
        self.groups_part()
    }

    /// Removes a group and hides its answers. Returns the part to send.
    pub fn remove_group(&mut self, group: &Group) -> DraftState {
        self.groups.remove(group);
        self.groups_part()
    }

    /// The groups, in order.
    pub fn groups(&self) -> BTreeSet<Group> {
        self.groups.members()
    }

    fn groups_part(&self) -> DraftState {
        DraftState { groups: Some(self.groups.wire()), ..DraftState::default() }
    }

    /// Adds a file, in place of any other in its slot. Returns the part to send.
    pub fn attach(&mut self, file: FileRef, actor: Actor) -> DraftState {
        for other in self.files().into_iter().filter(|other| other.slot == file.slot) {
            self.detach(&other);
        }
        self.files.add(file, actor);
        self.files_part()
    }

    /// Removes a file. Returns the part to send.
    pub fn detach(&mut self, file: &FileRef) -> DraftState {
        self.files.remove(file);
        self.files_part()
    }

    /// Merges a part or a whole draft. Order and repetition do not matter. Writes with a count above
    /// [`COUNT_MAX`] are left out.
    pub fn merge(&mut self, part: &DraftState) {
        for (field, siblings) in &part.fields {
            let register = self.fields.entry(field.clone()).or_default();
            siblings.iter().for_each(|sibling| register.put(sibling));
        }
        if let Some(files) = &part.files {
            self.files.merge(files);
        }
        if let Some(groups) = &part.groups {
            self.groups.merge(groups);
        }
    }

    /// Checks a part from `actor` before it is merged: a phone may raise only its own count.
    ///
    /// # Errors
    /// [`DeltaFault`]; nothing was merged.
    pub fn check(&self, part: &DraftState, actor: Actor) -> Result<(), DeltaFault> {
        let mut merged = BTreeMap::new();
        for (field, siblings) in &part.fields {
            if field.len() > FIELD_ID_BYTES_MAX {
                return Err(DeltaFault::TooLarge);
            }
            // Within one part, each answer is also checked against those before it.
            let mut register = self.fields.get(field).cloned().unwrap_or_default();
            for sibling in siblings {
                register.check(sibling, actor)?;
                register.put(sibling);
            }
            merged.insert(field, register);
        }
        if let Some(files) = &part.files {
            self.files.check(files, actor)?;
            // A file that the draft already holds was accepted by the rules of its time.
            let held = self.files.members();
            let mut new = files.members.iter().filter(|(file, _)| !held.contains(file));
            new.try_for_each(|(file, _)| check_file(file))?;
        }
        if let Some(groups) = &part.groups {
            self.groups.check(groups, actor)?;
            if groups.members.iter().any(|(group, _)| group.kind.len() > FIELD_ID_BYTES_MAX) {
                return Err(DeltaFault::TooLarge);
            }
        }
        self.check_size(part, &merged)
    }

    /// Continues the actor's counts of files and groups where `seen` left them, so that no write gets
    /// the name of one that was lost.
    pub fn count_from(&mut self, seen: &Self, actor: Actor) {
        self.files.count_from(&seen.files.clock(), actor);
        self.groups.count_from(&seen.groups.clock(), actor);
    }

    /// Returns `true` if this has another phone's write of which `base` knows nothing, or another
    /// content under a name that `base` knows: a server with `base` would reject the next write.
    pub fn is_beyond(&self, base: &Self, actor: Actor) -> bool {
        let claims = |own: &Clock, known: &Clock| {
            own.iter().any(|(by, count)| *by != actor && count > known.get(by).unwrap_or(&0))
        };
        let (own, theirs) = (self.state(), base.state());
        let is_foreign = |(field, siblings): (&FieldId, &Vec<Sibling>)| {
            let held = theirs.fields.get(field).map_or(&[][..], Vec::as_slice);
            let known = seen(held);
            siblings.iter().any(|sibling| {
                claims(&sibling.clock, &known)
                    || (sibling.is_within(&known) && !sibling.is_settled(held))
            })
        };
        own.fields.iter().any(is_foreign)
            || claims(&self.files.clock(), &base.files.clock())
            || claims(&self.groups.clock(), &base.groups.clock())
    }

    /// The writes of `actor` that `other` has not seen, to be sent; `None` if there are none. Both
    /// keep the other's context of everyone else, or the server would reject the part.
    pub fn missing_from(&self, other: &DraftState, actor: Actor) -> Option<DraftState> {
        let other = Self::from(other);
        let newer = |own: &Clock, theirs: &Clock| own.get(&actor) > theirs.get(&actor);
        let mut missing = DraftState::default();
        for (field, siblings) in self.state().fields {
            let theirs = other.fields.get(&field).map(Register::clock).unwrap_or_default();
            let unheard: Vec<_> =
                siblings.into_iter().filter(|sibling| newer(&sibling.clock, &theirs)).collect();
            if !unheard.is_empty() {
                missing.fields.insert(field, unheard);
            }
        }
        missing.files = self.files.missing_from(&other.files, newer);
        missing.groups = self.groups.missing_from(&other.groups, newer);
        (missing != DraftState::default()).then_some(missing)
    }

    /// The whole draft in the form that is sent and stored.
    pub fn state(&self) -> DraftState {
        let fields = self.fields.iter().map(|(field, register)| (field.clone(), register.sorted()));
        let (files, groups) = (self.files.wire(), self.groups.wire());
        let groups = (!groups.clock.is_empty()).then_some(groups);
        DraftState { fields: fields.collect(), files: Some(files), groups }
    }

    /// The answers as shown: of conflicting ones, the same one everywhere.
    pub fn answers(&self) -> BTreeMap<FieldId, String> {
        let shown = |register: &Register| register.siblings().iter().max()?.value.clone();
        let answered = self
            .fields
            .iter()
            .filter(|(field, _)| self.is_shown(field))
            .filter_map(|(field, register)| Some((field.clone(), shown(register)?)));
        answered.collect()
    }

    /// The fields with conflicting answers, and all of their answers.
    pub fn conflicts(&self) -> BTreeMap<FieldId, Vec<Option<String>>> {
        let values = |register: &Register| -> Vec<Option<String>> {
            let values = register.siblings().iter().map(|sibling| sibling.value.clone());
            values.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let disputed = self.fields.iter().filter(|(_, register)| register.siblings().len() > 1);
        let shown = disputed.filter(|(field, _)| self.is_shown(field));
        let all = shown.map(|(field, register)| (field.clone(), values(register)));
        all.filter(|(_, values)| values.len() > 1).collect()
    }

    /// Returns `false` for a field of a removed group.
    fn is_shown(&self, field: &str) -> bool {
        Group::of_field(field).is_none_or(|(group, _)| self.groups.contains(&group))
    }

    /// The files, in order.
    pub fn files(&self) -> Vec<FileRef> {
        self.files.members().into_iter().collect()
    }

    fn files_part(&self) -> DraftState {
        DraftState { files: Some(self.files.wire()), ..DraftState::default() }
    }

    /// Checks the sizes that the draft would have with a part; `merged` are the part's fields as
    /// they would be.
    fn check_size(
        &self,
        part: &DraftState,
        merged: &BTreeMap<&FieldId, Register>,
    ) -> Result<(), DeltaFault> {
        let others = self.fields.iter().filter(|(field, _)| !merged.contains_key(field));
        let fields = || others.clone().chain(merged.iter().map(|(field, it)| (*field, it)));
        let bytes = fields().map(|(field, register)| field.len() + register.bytes());
        if bytes.sum::<usize>() > DRAFT_BYTES_MAX || fields().count() > FIELDS_MAX {
            return Err(DeltaFault::TooLarge);
        }
        let (mut files, mut groups) = (Cow::Borrowed(&self.files), Cow::Borrowed(&self.groups));
        if let Some(part) = &part.files {
            files.to_mut().merge(part);
            if files.members().len() > FILES_MAX {
                return Err(DeltaFault::TooLarge);
            }
        }
        if let Some(part) = &part.groups {
            groups.to_mut().merge(part);
            if groups.members().len() > GROUPS_MAX {
                return Err(DeltaFault::TooLarge);
            }
        }
        if fields().any(|(_, register)| register.siblings().len() > SIBLINGS_MAX) {
            return Err(DeltaFault::TooManySiblings);
        }
        let siblings = fields().flat_map(|(_, register)| register.siblings());
        let mut actors: BTreeSet<Actor> =
            siblings.flat_map(|sibling| sibling.clock.keys().copied()).collect();
        actors.extend(files.clock().into_keys().chain(groups.clock().into_keys()));
        if actors.len() > ACTORS_MAX { Err(DeltaFault::TooManyActors) } else { Ok(()) }
    }
}

impl From<&DraftState> for Draft {
    fn from(state: &DraftState) -> Self {
        let mut draft = Self::default();
        draft.merge(state);
        draft
    }
}

fn check_file(file: &FileRef) -> Result<(), DeltaFault> {
    let hash = file.sha256.len() == 64
        && file.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let name =
        is_file_name(&file.name, &file.mime) && file.mime.len() <= 127 && file.slot.len() <= 64;
    if hash && name { Ok(()) } else { Err(DeltaFault::MalformedFile) }
}
