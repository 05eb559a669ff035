//! What an earlier process left, and how it is found again.

use super::bids::Placed;
use super::blobs;
use super::commands::{Outbox, Waiting};
use super::history::KnownHead;
use crate::store::{Store, StoreError, Table, read, read_all};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::draft::DraftState;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::sync::{Mine, Outcome};

/// The name of the profile in [`Table::Meta`].
pub const PROFILE: &str = "profile";
/// How a submit is called in [`Decided`].
pub const SUBMIT: &str = "submit_application";
/// The name of [`Mine`] in [`Table::Cache`].
pub const MINE: &str = "mine";

/// A decided operation, until the app acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Which auction it was about.
    pub auction: AuctionId,
    /// What it was: `edit_draft`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an earlier process left.
#[derive(Debug, Default)]
pub struct Saved {
    /// Whether the secure store has a token.
    pub has_token: bool,
    /// Who uses this phone.
    pub profile: Option<Session>,
    /// Drafts.
    pub drafts: Vec<(AuctionId, DraftState)>,
    /// Waiting operations.
    pub outbox: Vec<Waiting>,
    /// The next operation's number.
    pub next_op_no: Option<u64>,
    /// Decided operations that were not acknowledged.
    pub outcomes: BTreeMap<u64, Decided>,
    /// Files.
    pub uploads: Vec<blobs::Upload>,
    /// Bids.
    pub bids: Vec<(BidId, Placed)>,
    /// The newest heads of logs.
    pub heads: Vec<KnownHead>,
    /// What the server held of this person.
    pub mine: Option<Mine>,
    /// Auctions as they were fetched.
    pub views: BTreeMap<AuctionId, AuctionView>,
}

impl Saved {
    /// Reads everything from the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(store: &dyn Store, has_token: bool) -> Result<Self, StoreError> {
        let drafts = read_all::<DraftState>(store, Table::Draft)?.into_iter();
        let drafts = drafts.filter_map(|(key, state)| Some((key.parse().ok()?, state)));
        let bids = read_all::<Placed>(store, Table::Bid)?.into_iter();
        let outcomes = read_all::<Decided>(store, Table::Outcome)?.into_iter();
        let views = store.list(Table::Cache)?.into_iter().filter(|(key, _)| key.len() == 36);
        // A view that a newer version wrote is fetched again.
        let views =
            views.filter_map(|(_, value)| serde_json::from_slice::<AuctionView>(&value).ok());
        let rows = |(_, row)| row;
        Ok(Self {
            has_token,
            profile: read(store, Table::Meta, PROFILE)?,
            drafts: drafts.collect(),
            outbox: read_all(store, Table::Outbox)?.into_iter().map(rows).collect(),
            next_op_no: read(store, Table::Meta, Outbox::counter())?,
            outcomes: outcomes.map(|(_, decided)| (decided.outcome.op_no, decided)).collect(),
            uploads: read_all(store, Table::Blob)?.into_iter().map(|(_, row)| row).collect(),
            bids: bids.map(|(_, placed)| (placed.bid.bid, placed)).collect(),
            heads: read_all(store, Table::History)?.into_iter().map(|(_, row)| row).collect(),
            mine: store.get(Table::Cache, MINE)?.and_then(|v| serde_json::from_slice(&v).ok()),
            views: views.map(|view| (view.auction.birth.id, view)).collect(),
        })
    }
}
