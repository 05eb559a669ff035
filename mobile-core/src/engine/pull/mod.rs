//! This phone's copy of the server's data: rows in scopes, behind one cookie.
//!
//! Pages are saved as they arrive; when the last one is there, all of them are published in one
//! write. A process that dies in between continues with the next page. Drafts, waiting operations,
//! files and unseen outcomes are not rows, and are not touched.
//!
//! # Why the catalogue is not in memory
//! It may have a hundred thousand cards, and a bidder looks at thirty. Its rows go from the reply
//! to the store; the daily comparison counts them there, too.

mod publish;
pub mod pulling;
mod schedule;

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::ACKED_MAX;
use toruk_sync::protocol::pull::{Digest, Pull, PullReply, ResetReason, Row, Scope};
use uuid::Uuid;

/// The key of [`PullState`] in [`Table::Meta`].
pub const PULL_STATE: &str = "pulled";
/// The key of the acknowledged operations in [`Table::Meta`].
pub const ACKED: &str = "acked";
/// The most pages of one run; a server that sends more is faulty.
pub const PAGES_MAX: usize = 10_000;
/// The interval of comparisons with the server's digest.
const DIGEST_EVERY: TimeSpan = TimeSpan::hours(24);
/// The shortest interval between two automatic repairs of the copy.
const REPAIR_EVERY: TimeSpan = TimeSpan::hours(1);
/// The version that reads rows: another version may read rows that this one could not.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The state of the published copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullState {
    /// The identity of the server's database.
    pub epoch: Option<Uuid>,
    /// The cookie for the next request.
    pub cookie: Option<String>,
    /// The highest counter of each scope.
    pub heads: BTreeMap<Scope, u64>,
    /// The server's time of the last page; `None` before the first run ended.
    pub as_of: Option<Timestamp>,
    /// The server's time of the last comparison.
    pub compared_at: Option<Timestamp>,
    /// The server's time of the last automatic repair.
    pub repaired_at: Option<Timestamp>,
    /// The app version that made the comparison.
    pub compared_by: String,
    /// The rows come from another database than the phone's writes went to: a restored one. Until
    /// the next run is published.
    #[serde(default)]
    pub is_elsewhere: bool,
}

/// One page, saved until its run is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// `true` if the published rows are removed first: the page was requested without a cookie.
    #[serde(rename = "anew")]
    starts_over: bool,
    epoch: Uuid,
    rows: Vec<Row>,
    removed: BTreeSet<Scope>,
    reset: BTreeSet<Scope>,
    cookie: String,
    /// The scopes' counters after this page.
    heads: BTreeMap<Scope, u64>,
    /// `true` if it had cards, which are in [`Table::StagedCard`].
    cards: bool,
    /// `true` if the published cards are removed first.
    clear_cards: bool,
}

/// One row as it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct PulledRow {
    /// The scope's counter at the row's last change.
    pub seq: u64,
    /// The row's content; absent if it is kept elsewhere.
    pub value: Option<Value>,
}

type Name = (String, String);

/// The result of taking in a page.
#[derive(Debug, PartialEq)]
pub enum PageOutcome {
    /// The page was not requested, or came twice.
    Nothing,
    /// The run has more pages.
    More,
    /// The server's database is a different one: everything is requested again.
    StartOver,
    /// The page breaks the protocol.
    Broken,
    /// The run is complete, and all pages were published.
    Published(Box<Published>),
}

/// The changes that a complete run published.
#[derive(Debug, Default, PartialEq)]
pub struct Published {
    /// The rows that changed, in order; removed ones have no value.
    pub changed: Vec<Row>,
    /// The scopes in which rows changed.
    pub touched: BTreeSet<Scope>,
    /// The scopes that no longer belong to the person.
    pub removed: BTreeSet<Scope>,
    /// `true` if the catalogue changed.
    pub cards: bool,
    /// `true` if nothing was published before: what is known of the server comes from answers to
    /// deliveries, which may be those of a database that was replaced since.
    pub is_first: bool,
    /// `true` if the server's database is another one than before: a restored one.
    pub is_elsewhere: bool,
    /// The scopes whose copy differs from the server's digest.
    pub differ: Vec<Scope>,
    /// The server's digest of the catalogue, to be compared with the store's.
    pub count_cards: Option<Digest>,
}

/// The published rows, and the saved pages of an unfinished run.
#[derive(Debug, Default)]
pub struct Pulls {
    state: PullState,
    rows: BTreeMap<Scope, BTreeMap<Name, PulledRow>>,
    stage: Vec<Page>,
    asked: Option<PageRequest>,
    acked: BTreeSet<u64>,
    /// Operations acknowledged with the current run.
    acks_sent: BTreeSet<u64>,
    compare: bool,
}

#[derive(Debug, Clone, Copy)]
struct PageRequest {
    starts_over: bool,
}

impl Pulls {
    /// Continues from the saved state, also in the middle of a run.
    pub fn load(state: PullState, rows: Vec<Row>, stage: Vec<Page>, acked: BTreeSet<u64>) -> Self {
        let compare = state.cookie.is_some() && state.compared_by != VERSION;
        let mut pulls = Self { state, stage, acked, compare, ..Self::default() };
        for row in rows {
            let held = PulledRow { seq: row.seq, value: row.value };
            pulls.rows.entry(row.scope).or_default().insert((row.kind, row.id), held);
        }
        pulls
    }

    /// The state of the published copy.
    pub fn state(&self) -> &PullState {
        &self.state
    }

    /// Returns `true` while a requested page has not arrived.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// The number of saved pages.
    pub fn staged(&self) -> usize {
        self.stage.len()
    }

    /// Published rows of a kind, with their names.
    pub fn of_kind<'a>(
        &'a self,
        scope: Scope,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a PulledRow)> {
        let rows = self.rows.get(&scope).into_iter().flatten();
        rows.filter(move |((of, _), _)| of == kind).map(|((_, id), held)| (id.as_str(), held))
    }

    /// Returns `true` if the scope belongs to the person.
    pub fn has(&self, scope: Scope) -> bool {
        self.state.heads.contains_key(&scope)
    }

    /// Operations acknowledged here of which the server does not know yet.
    pub fn acked(&self) -> &BTreeSet<u64> {
        &self.acked
    }

    /// Acknowledges the outcome of an operation of this phone.
    pub fn acknowledge(&mut self, op_no: u64) -> Write {
        self.acked.insert(op_no);
        self.write_acked()
    }

    /// Forgets acknowledgements: this phone has a new device name, and its old numbers mean
    /// nothing.
    pub fn forget_acked(&mut self) -> Write {
        self.acked.clear();
        self.acks_sent.clear();
        self.write_acked()
    }

    /// The request for the next page.
    pub fn ask(&mut self, catalogue: bool, rows: Option<u32>) -> Pull {
        let cookie = self.stage.last().map(|page| &page.cookie).or(self.state.cookie.as_ref());
        let cookie = cookie.cloned();
        let started_over = self.stage.first().is_some_and(|page| page.starts_over);
        self.asked = Some(PageRequest { starts_over: started_over || cookie.is_none() });
        let acked: Vec<u64> = self.acked.iter().copied().take(ACKED_MAX).collect();
        self.acks_sent.extend(&acked);
        Pull { cookie, acked, catalogue, digest: self.compare, rows }
    }

    /// Requests a comparison of the copy with the next run.
    pub fn compare_again(&mut self) {
        self.compare = true;
    }

    /// Takes in that no page came.
    pub fn failed(&mut self) {
        self.asked = None;
    }

    /// Forgets the cookie and the saved pages: the next run fetches everything. What is shown stays
    /// until then.
    pub fn start_over(&mut self) -> Vec<Write> {
        self.state.cookie = None;
        self.asked = None;
        let mut writes = self.unstage();
        writes.push(self.write_state());
        writes
    }

    /// Fetches everything again because a scope's copy differs, unless that was just done. Returns
    /// `true` if it does.
    pub fn repair(&mut self, now: Timestamp) -> (bool, Vec<Write>) {
        if self.state.repaired_at.is_some_and(|at| now - at < REPAIR_EVERY && now >= at) {
            return (false, Vec::new());
        }
        self.state.repaired_at = Some(now);
        (true, self.start_over())
    }

    /// Takes in the answer to a request for a page.
    pub fn arrived(
        &mut self,
        reply: PullReply,
        own: Option<DeviceId>,
    ) -> (PageOutcome, Vec<Write>) {
        let Some(asked) = self.asked.take() else { return (PageOutcome::Nothing, Vec::new()) };
        let is_first = asked.starts_over && self.stage.is_empty();
        let before = self.stage.last().map_or(self.state.epoch, |page| Some(page.epoch));
        // Since the cookie is not the server's own, it can't tell which rows this phone should not
        // have.
        let unreadable = reply.reset.values().any(|reason| *reason == ResetReason::NotOurs);
        let elsewhere = before.is_some_and(|epoch| epoch != reply.epoch);
        self.state.is_elsewhere |= elsewhere;
        if (elsewhere || unreadable) && !is_first {
            self.state.epoch = Some(reply.epoch);
            return (PageOutcome::StartOver, self.start_over());
        }
        if self.stage.len() >= PAGES_MAX {
            return (PageOutcome::Broken, self.start_over());
        }
        let (more, digest, now) = (reply.more, reply.digest.clone(), reply.server_time);
        let mut writes = self.set_aside(reply, asked.starts_over);
        if more {
            return (PageOutcome::More, writes);
        }
        let (mut published, publishing) = self.publish(now, own);
        writes.extend(publishing);
        if let Some(digest) = digest {
            self.compare(&digest, now, &mut published);
        }
        let overdue = |at: Timestamp| now - at >= DIGEST_EVERY;
        self.compare = self.compare || self.state.compared_at.is_none_or(overdue);
        writes.push(self.write_state());
        (PageOutcome::Published(Box::new(published)), writes)
    }

    fn unstage(&mut self) -> Vec<Write> {
        let pages = std::mem::take(&mut self.stage);
        let mut writes: Vec<Write> = (0..pages.len()).map(staging).collect();
        if pages.iter().any(|page| page.cards) {
            writes.push(Write::Clear { table: Table::StagedCard });
        }
        writes
    }

    fn write_state(&self) -> Write {
        Write::json(Table::Meta, PULL_STATE, &self.state)
    }

    fn write_acked(&self) -> Write {
        Write::json(Table::Meta, ACKED, &self.acked)
    }
}

/// The name of an outcome's row.
pub fn outcome_name(device: DeviceId, op_no: u64) -> String {
    format!("{device}:{op_no}")
}

fn staging(no: usize) -> Write {
    Write::delete(Table::Staging, format!("{no:06}"))
}
