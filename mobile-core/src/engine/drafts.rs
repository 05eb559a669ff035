//! A person's drafts on this phone. Every change is a part to keep and a part to send.

use crate::store::{Table, Write};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::{Actor, Draft, DraftState, FileRef};

/// All open drafts.
#[derive(Debug, Default)]
pub struct Drafts {
    open: BTreeMap<AuctionId, Draft>,
}

impl Drafts {
    /// Continues where the last process stopped.
    pub fn load(rows: Vec<(AuctionId, DraftState)>) -> Self {
        let open = rows.iter().map(|(auction, state)| (*auction, Draft::from(state))).collect();
        Self { open }
    }

    /// The draft for `auction`, when one was begun.
    pub fn get(&self, auction: AuctionId) -> Option<&Draft> {
        self.open.get(&auction)
    }

    /// Answers a field; `None` clears it.
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

    /// Empties a slot; `None` when it was empty.
    pub fn detach(&mut self, auction: AuctionId, slot: &str) -> Option<(DraftState, Write)> {
        let draft = self.open.get_mut(&auction)?;
        let file = draft.files().into_iter().find(|file| file.slot == slot)?;
        let part = draft.detach(&file);
        Some((part, write(auction, draft)))
    }

    /// Takes in what the server holds. Answers the change to keep, when there is one.
    pub fn merge(&mut self, auction: AuctionId, state: &DraftState) -> Option<Write> {
        let draft = self.open.entry(auction).or_default();
        let before = draft.state();
        draft.merge(state);
        (draft.state() != before).then(|| write(auction, draft))
    }
}

fn write(auction: AuctionId, draft: &Draft) -> Write {
    Write::json(Table::Draft, auction.to_string(), &draft.state())
}
