//! The state that an earlier process saved, and reading it.

use super::bids::PlacedBid;
use super::history::KnownHead;
use super::outbox::attention::Attention;
use super::outbox::delivered::{Delivered, Sent};
use super::outbox::{Outbox, Waiting};
use super::pull::{ACKED, PULL_STATE, Page, PullState};
use super::push_token::PushAddress;
use super::uploads;
use crate::store::{Store, StoreError, Table, read, read_all};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::file::FileLimits;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::draft::{DraftState, Followed};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::operations::Outcome;
use toruk_sync::protocol::pull::Row;
use toruk_sync::receipt::ApplicationReceipt;

/// The key of the profile in [`Table::Meta`].
pub const PROFILE: &str = "profile";
/// The name of a submit in [`Decided`].
pub const SUBMIT: &str = "submit_application";
/// The key of the followed auctions in [`Table::Meta`].
pub const FOLLOWED: &str = "followed";
/// The key in [`Table::Meta`] of the setting that the catalogue is kept.
pub const CATALOGUE: &str = "catalogue";
/// The key in [`Table::Meta`] of the address for push messages that the server has.
pub const PUSH_SENT: &str = "push_sent";
/// The key of the server's limits of files in [`Table::Meta`].
pub const FILE_LIMITS: &str = "file_limits";
/// The key in [`Table::Meta`] of the mark that another copy of this phone uses its device name.
pub const COPIED: &str = "copied";

/// A decided operation, until the app acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The auction of the operation; absent for the list of followed auctions.
    pub auction: Option<AuctionId>,
    /// The kind: `edit_draft`, `edit_followed`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// The server's decision.
    pub outcome: Outcome,
}

/// The state that an earlier process saved.
#[derive(Debug, Default)]
pub struct Saved {
    /// `true` if the secure store has a token.
    pub has_token: bool,
    /// The person who uses this phone.
    pub profile: Option<Session>,
    /// The drafts, by auction.
    pub drafts: Vec<(AuctionId, DraftState)>,
    /// The waiting operations of the outbox.
    pub outbox: Vec<Waiting>,
    /// The next operation's number, if one was ever used.
    pub next_op_no: Option<u64>,
    /// Decided operations that are not acknowledged, by number.
    pub outcomes: BTreeMap<u64, Decided>,
    /// The files to upload.
    pub uploads: Vec<uploads::Upload>,
    /// The bids of this phone.
    pub bids: Vec<(BidId, PlacedBid)>,
    /// The newest known heads of logs.
    pub heads: Vec<KnownHead>,
    /// Drafts as the server has them.
    pub bases: Vec<(AuctionId, DraftState)>,
    /// Operations decided in the last days.
    pub delivered: Delivered,
    /// Refused operations that need the person, by ticket.
    pub attention: BTreeMap<u64, Attention>,
    /// The state of pulling.
    pub pull_state: PullState,
    /// The published rows of the server's data.
    pub rows: Vec<Row>,
    /// The pages of an unfinished run.
    pub staging: Vec<Page>,
    /// Acknowledged operations of which the server does not know yet.
    pub acked: BTreeSet<u64>,
    /// The auctions that the person follows.
    pub followed: Followed,
    /// `true` if the catalogue is kept on this phone.
    pub catalogue: bool,
    /// The address for push messages that the server has for the session.
    pub push_sent: Option<PushAddress>,
    /// The server's limits of files.
    pub file_limits: FileLimits,
    /// `true` if another copy of this phone uses its device name.
    pub is_copied: bool,
    /// Receipts of acts on applications, by their keys in the store.
    pub receipts: Vec<(String, ApplicationReceipt)>,
    /// Auctions as they were fetched last.
    pub views: BTreeMap<AuctionId, AuctionView>,
}

impl Saved {
    /// Reads everything from the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(store: &dyn Store, has_token: bool) -> Result<Self, StoreError> {
        let drafts = |table| -> Result<Vec<(AuctionId, DraftState)>, StoreError> {
            let rows = read_all::<DraftState>(store, table)?.into_iter();
            Ok(rows.filter_map(|(key, state)| Some((key.parse().ok()?, state))).collect())
        };
        let attention = read_all::<Attention>(store, Table::Attention)?.into_iter();
        let delivered: Vec<Sent> = values(store, Table::Decided)?;
        let bids = read_all::<PlacedBid>(store, Table::Bid)?.into_iter();
        let outcomes = read_all::<Decided>(store, Table::Outcome)?.into_iter();
        let views = store.list(Table::Cache)?.into_iter().filter(|(key, _)| key.len() == 36);
        // A view that a newer version wrote is skipped and fetched again.
        let views =
            views.filter_map(|(_, value)| serde_json::from_slice::<AuctionView>(&value).ok());
        Ok(Self {
            has_token,
            profile: read(store, Table::Meta, PROFILE)?,
            drafts: drafts(Table::Draft)?,
            bases: drafts(Table::Base)?,
            outbox: values(store, Table::Outbox)?,
            next_op_no: read(store, Table::Meta, Outbox::counter())?,
            outcomes: outcomes.map(|(_, decided)| (decided.outcome.op_no, decided)).collect(),
            uploads: values(store, Table::Blob)?,
            bids: bids.map(|(_, placed)| (placed.bid.bid, placed)).collect(),
            heads: values(store, Table::History)?,
            delivered: Delivered::load(delivered),
            attention: attention.filter_map(|(id, item)| Some((id.parse().ok()?, item))).collect(),
            pull_state: read(store, Table::Meta, PULL_STATE)?.unwrap_or_default(),
            rows: values(store, Table::Row)?,
            staging: values(store, Table::Staging)?,
            acked: read(store, Table::Meta, ACKED)?.unwrap_or_default(),
            followed: read(store, Table::Meta, FOLLOWED)?.unwrap_or_default(),
            catalogue: read(store, Table::Meta, CATALOGUE)?.unwrap_or_default(),
            push_sent: read(store, Table::Meta, PUSH_SENT)?,
            file_limits: read(store, Table::Meta, FILE_LIMITS)?.unwrap_or_default(),
            is_copied: read(store, Table::Meta, COPIED)?.unwrap_or_default(),
            receipts: read_all(store, Table::Receipt)?,
            views: views.map(|view| (view.auction.birth.id, view)).collect(),
        })
    }
}

fn values<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    table: Table,
) -> Result<Vec<T>, StoreError> {
    Ok(read_all(store, table)?.into_iter().map(|(_, value)| value).collect())
}
