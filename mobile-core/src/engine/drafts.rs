//! The person's drafts on this phone. Every change gives a part to save and a part to send.

use crate::store::{Table, Write};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::{Actor, Clock, Draft, DraftState, FileRef, Group, Sibling, seen};

/// The open drafts, by auction.
#[derive(Debug, Default)]
pub struct Drafts {
    open: BTreeMap<AuctionId, Draft>,
    /// The drafts as the server has them, as far as this phone knows: anything else may never have
    /// arrived.
    base: BTreeMap<AuctionId, Draft>,
}

impl Drafts {
    /// Continues with the drafts saved by an earlier process.
    pub fn load(open: Vec<(AuctionId, DraftState)>, base: Vec<(AuctionId, DraftState)>) -> Self {
        let all = |rows: Vec<(AuctionId, DraftState)>| {
            rows.iter().map(|(auction, state)| (*auction, Draft::from(state))).collect()
        };
        Self { open: all(open), base: all(base) }
    }

    /// Every draft with its auction.
    pub fn all(&self) -> impl Iterator<Item = (AuctionId, &Draft)> {
        self.open.iter().map(|(auction, draft)| (*auction, draft))
    }

    /// The draft for `auction`, if there is one.
    pub fn get(&self, auction: AuctionId) -> Option<&Draft> {
        self.open.get(&auction)
    }

    /// Sets a field's answer; `None` clears it.
    pub fn set(
        &mut self,
        auction: AuctionId,
        field: &str,
        value: Option<String>,
        actor: Actor,
    ) -> (DraftState, Write) {
        let draft = self.open.entry(auction).or_default();
        let part = draft.set(field, value, actor);
        (part, write(auction, draft))
    }

    /// Adds a file, in place of any other in its slot.
    pub fn attach(
        &mut self,
        auction: AuctionId,
        file: FileRef,
        actor: Actor,
    ) -> (DraftState, Write) {
        let draft = self.open.entry(auction).or_default();
        let part = draft.attach(file, actor);
        (part, write(auction, draft))
    }

    /// Empties a slot; `None` if it was empty.
    pub fn detach(&mut self, auction: AuctionId, slot: &str) -> Option<(DraftState, Write)> {
        let draft = self.open.get_mut(&auction)?;
        let file = draft.files().into_iter().find(|file| file.slot == slot)?;
        let part = draft.detach(&file);
        Some((part, write(auction, draft)))
    }

    /// Adds an empty group to a draft.
    pub fn add_group(
        &mut self,
        auction: AuctionId,
        group: Group,
        actor: Actor,
    ) -> (DraftState, Write) {
        let draft = self.open.entry(auction).or_default();
        let part = draft.add_group(group, actor);
        (part, write(auction, draft))
    }

    /// Removes a group; `None` if there is none.
    pub fn remove_group(
        &mut self,
        auction: AuctionId,
        group: &Group,
    ) -> Option<(DraftState, Write)> {
        let draft = self.open.get_mut(&auction)?;
        if !draft.groups().contains(group) {
            return None;
        }
        let part = draft.remove_group(group);
        Some((part, write(auction, draft)))
    }

    /// Merges the server's state. Returns `true` if anything shown changed, and the writes.
    pub fn merge(&mut self, auction: AuctionId, state: &DraftState) -> (bool, Vec<Write>) {
        let mut writes = Vec::new();
        let base = self.base.entry(auction).or_default();
        let before = base.state();
        base.merge(state);
        if base.state() != before {
            writes.push(Write::json(Table::Base, auction.to_string(), &base.state()));
        }
        let draft = self.open.entry(auction).or_default();
        let before = draft.state();
        draft.merge(state);
        let changed = draft.state() != before;
        if changed {
            writes.push(write(auction, draft));
        }
        (changed, writes)
    }

    /// Restores the server's state with the waiting `parts`: the refused edit is undone.
    pub fn give_up<'a>(
        &mut self,
        auction: AuctionId,
        parts: impl Iterator<Item = &'a DraftState>,
    ) -> Write {
        let mut draft = self.base.get(&auction).cloned().unwrap_or_default();
        parts.for_each(|part| draft.merge(part));
        let write = write(auction, &draft);
        self.open.insert(auction, draft);
        write
    }

    /// Forgets the server's state of a draft, which the server lost.
    pub fn forget_base(&mut self, auction: AuctionId) -> Write {
        self.base.remove(&auction);
        Write::delete(Table::Base, auction.to_string())
    }

    /// Takes `state` for all that the server has of a draft.
    pub fn set_base(&mut self, auction: AuctionId, state: &DraftState) -> Write {
        self.base.insert(auction, Draft::from(state));
        Write::json(Table::Base, auction.to_string(), state)
    }

    /// The writes of this phone that the server lacks, to be sent. Where the server has lost writes
    /// that these build on, they are written again.
    pub fn missing(
        &mut self,
        auction: AuctionId,
        actor: Actor,
    ) -> (Option<DraftState>, Option<Write>) {
        let base = self.base.get(&auction).cloned().unwrap_or_default();
        match self.open.get(&auction) {
            None => (None, None),
            Some(own) if own.is_beyond(&base, actor) => self.reissue(auction, actor, actor),
            Some(own) => (own.missing_from(&base.state(), actor), None),
        }
    }

    /// Repeats as `actor` what never arrived, or was lost by the server: it would reject the old
    /// writes as forged. The new ones have the context of the old ones and no more, so conflicting
    /// answers still conflict. Of several in one field, that of `writer`, this phone's former or
    /// present actor, is repeated, and else the one that is shown. Returns the part to send, if there
    /// is one.
    ///
    /// # Why the others' answers are not kept
    /// Their phones repeat them, and they come back with the server's row. A phone that was itself
    /// restored from a backup has them no more: kept here, they would conflict on this phone for
    /// ever, and nobody else would know.
    pub fn reissue(
        &mut self,
        auction: AuctionId,
        writer: Actor,
        actor: Actor,
    ) -> (Option<DraftState>, Option<Write>) {
        let base = self.base.get(&auction).cloned().unwrap_or_default();
        let Some(local) = self.open.get(&auction) else { return (None, None) };
        let mut part = DraftState::default();
        let held = base.state().fields;
        for (field, siblings) in local.state().fields {
            let held = held.get(&field).map_or(&[][..], Vec::as_slice);
            if let Some(own) = repeated(held, &siblings, writer, actor) {
                part.fields.insert(field, vec![own]);
            }
        }
        let mut draft = base.clone();
        draft.merge(&part);
        draft.count_from(local, actor);
        for file in base.files().into_iter().filter(|file| !local.files().contains(file)) {
            part.files = draft.detach(&file).files;
        }
        for file in local.files().into_iter().filter(|file| !base.files().contains(file)) {
            part.files = draft.attach(file, actor).files;
        }
        for group in base.groups().difference(&local.groups()) {
            part.groups = draft.remove_group(group).groups;
        }
        for group in local.groups().difference(&base.groups()) {
            part.groups = draft.add_group(group.clone(), actor).groups;
        }
        let is_changed = draft.state() != local.state();
        let write = is_changed.then(|| write(auction, &draft));
        self.open.insert(auction, draft);
        ((part != DraftState::default()).then_some(part), write)
    }
}

/// The answer to send for one field, of which the server has the `held` ones.
fn repeated(
    held: &[Sibling],
    siblings: &[Sibling],
    writer: Actor,
    actor: Actor,
) -> Option<Sibling> {
    let (known, here) = (seen(held), seen(siblings));
    let is_new = |one: &&Sibling| !one.is_within(&known) || !one.is_settled(held);
    let written = here.get(&writer);
    let is_own = |one: &Sibling| written.is_some() && one.clock.get(&writer) == written;
    let has_own = siblings.iter().any(is_own);
    let mine = siblings.iter().filter(is_new).filter(|one| is_own(one) || !has_own);
    let own = mine.max_by_key(|one| (is_own(one), *one))?;
    let clip = |(by, count): (&Actor, &u64)| known.get(by).map(|known| (*by, *known.min(count)));
    let mut clock: Clock = own.clock.iter().filter_map(clip).collect();
    // No write may get the name of one that was lost: another phone may have that.
    let last = known.get(&actor).max(here.get(&actor)).copied().unwrap_or(0);
    clock.insert(actor, last.saturating_add(1));
    Some(Sibling { clock, value: own.value.clone() })
}

fn write(auction: AuctionId, draft: &Draft) -> Write {
    Write::json(Table::Draft, auction.to_string(), &draft.state())
}
