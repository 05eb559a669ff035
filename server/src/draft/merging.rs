//! Merges parts of many drafts in one transaction: each draft is loaded once and stored once, however
//! many parts of it come.

use super::service::{DRAFT_BYTES_MAX, Error, Service};
use super::store::{self, StoredDraft};
use crate::db::{StoreError, Txn};
use crate::identity::Bidder;
use crate::person_texts::TextColumn;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, DraftId, PersonId};
use toruk_sync::draft::{DeltaFault, Draft, DraftState, Followed, FollowedSet, draft_id};

/// Drafts and followed auctions of some people, as they are in a transaction that has these people
/// locked.
pub struct MergingDrafts {
    drafts: BTreeMap<DraftId, MergingDraft>,
    followed: BTreeMap<PersonId, MergingSet>,
}

struct MergingDraft {
    person: PersonId,
    auction: AuctionId,
    draft: Draft,
    /// No fewer than the bytes of its JSON.
    bytes: usize,
    is_closed: bool,
    is_changed: bool,
}

#[derive(Default)]
struct MergingSet {
    set: FollowedSet,
    /// As it is stored.
    stored: Option<Followed>,
    is_merged: bool,
}

impl Service {
    /// Loads drafts, and the auctions that these people follow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn merging(
        &self,
        txn: &Txn,
        drafts: &BTreeSet<DraftId>,
        followers: &BTreeSet<PersonId>,
    ) -> Result<MergingDrafts, StoreError> {
        let stored = store::lock(txn, drafts).await?;
        let people: Vec<PersonId> = stored.iter().map(|stored| stored.person).collect();
        let keys = self.context.person_secrets.keys(txn, &people).await?;
        let mut loaded = BTreeMap::new();
        for stored in stored {
            let StoredDraft { id, person, auction, text, closed: is_closed } = stored;
            let text = keys.open(person, TextColumn::Draft, &text)?;
            let state: DraftState =
                serde_json::from_str(&text).map_err(StoreError::damaged("draft"))?;
            let (draft, bytes) = (Draft::from(&state), text.len());
            let is_changed = false;
            loaded
                .insert(id, MergingDraft { person, auction, draft, bytes, is_closed, is_changed });
        }
        let mut followed = BTreeMap::new();
        for person in followers {
            let stored = store::followed(txn, *person).await?;
            let set = stored.as_ref().map(FollowedSet::from).unwrap_or_default();
            followed.insert(*person, MergingSet { set, stored, is_merged: false });
        }
        Ok(MergingDrafts { drafts: loaded, followed })
    }

    /// Stores what was merged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(&self, txn: &Txn, merged: MergingDrafts) -> Result<(), StoreError> {
        let now = self.context.ports.clock.now();
        let changed = merged.drafts.into_iter().filter(|(_, draft)| draft.is_changed);
        let changed: Vec<(DraftId, MergingDraft)> = changed.collect();
        let people: Vec<PersonId> = changed.iter().map(|(_, draft)| draft.person).collect();
        let (secrets, column) = (&self.context.person_secrets, TextColumn::Draft);
        let keys = secrets.keys(txn, &people).await?;
        let mut rows = Vec::with_capacity(changed.len());
        for (id, MergingDraft { person, auction, draft, .. }) in changed {
            let text = json(&draft.state())?;
            let text = match keys.seal(person, column, &text) {
                Some(sealed) => sealed?,
                None => secrets.seal(txn, person, column, &text).await?,
            };
            rows.push(StoredDraft { id, person, auction, text, closed: false });
        }
        store::save_all(txn, rows, now).await?;
        for (person, followed) in merged.followed {
            let merged = followed.set.state();
            if followed.is_merged && followed.stored.as_ref() != Some(&merged) {
                store::save_followed(txn, person, &merged).await?;
            }
        }
        Ok(())
    }
}

impl MergingDrafts {
    /// Merges a part into the person's draft for `auction`; returns the whole draft.
    ///
    /// # Errors
    /// [`Error`]; nothing was merged.
    pub fn merge(
        &mut self,
        by: &Bidder,
        draft: DraftId,
        auction: AuctionId,
        part: &DraftState,
    ) -> Result<DraftState, Error> {
        if draft != draft_id(by.person, auction) {
            return Err(Error::NotFound);
        }
        let fresh = || MergingDraft {
            person: by.person,
            auction,
            draft: Draft::default(),
            bytes: json(&DraftState::default()).map_or(0, |text| text.len()),
            is_closed: false,
            is_changed: false,
        };
        // One of which nothing was merged is not stored.
        let merging = self.drafts.entry(draft).or_insert_with(fresh);
        if merging.is_closed {
            return Err(Error::Closed);
        }
        merging.draft.check(part, by.actor)?;
        // A merged draft is no longer than both of its parts together.
        let mut bytes = merging.bytes + json(part)?.len();
        if bytes > DRAFT_BYTES_MAX {
            let mut merged = merging.draft.clone();
            merged.merge(part);
            bytes = json(&merged.state())?.len();
            if bytes > DRAFT_BYTES_MAX {
                return Err(DeltaFault::TooLarge.into());
            }
        }
        merging.draft.merge(part);
        (merging.bytes, merging.is_changed) = (bytes, true);
        Ok(merging.draft.state())
    }

    /// Merges a person's followed auctions with a phone's set; returns the whole set. It is not
    /// checked that the auctions exist: a follower of an unpublished one learns nothing of it until
    /// it is published.
    ///
    /// # Errors
    /// [`Error::Fault`]; nothing was merged.
    pub fn follow(&mut self, by: &Bidder, part: &Followed) -> Result<Followed, Error> {
        let followed = self.followed.entry(by.person).or_default();
        followed.set.check(part, by.actor)?;
        followed.set.merge(part);
        followed.is_merged = true;
        Ok(followed.set.state())
    }

    /// A draft as it is now; empty if there is none.
    pub fn draft(&self, draft: DraftId) -> DraftState {
        self.drafts
            .get(&draft)
            .map_or_else(|| Draft::default().state(), |known| known.draft.state())
    }

    /// The auctions that a person follows as they are now.
    pub fn followed(&self, person: PersonId) -> Followed {
        self.followed.get(&person).map(|followed| followed.set.state()).unwrap_or_default()
    }
}

fn json(state: &DraftState) -> Result<String, StoreError> {
    serde_json::to_string(state).map_err(StoreError::damaged("draft"))
}
