//! What the server owns, as this phone has it: rows in scopes, behind one cookie.
//!
//! Pages are kept aside, durably, until the last one is there; then all of them become true in one
//! write. A process that dies in between goes on with the next page. Drafts, waiting operations,
//! files and outcomes that nobody has seen are not rows, and nothing here touches them.
//!
//! # Why the catalogue is not in memory
//! It may have a hundred thousand cards, and a bidder looks at thirty. Its rows go from the reply
//! to the store; what is compared once a day is counted there, too.

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

/// The name of [`PullState`] in [`Table::Meta`].
pub const PULL_STATE: &str = "pulled";
/// The name of the acknowledged operations in [`Table::Meta`].
pub const ACKED: &str = "acked";
/// Pages of one run; a server that has more to say than this says nothing.
pub const PAGES_MAX: usize = 10_000;
/// How often the copy is compared with what the server counts.
const DIGEST_EVERY: TimeSpan = TimeSpan::hours(24);
/// A copy that differs is fetched anew at most this often by itself.
const REPAIR_EVERY: TimeSpan = TimeSpan::hours(1);
/// Whoever reads rows: another version may read what this one could not.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What was published last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullState {
    /// Which database the server has.
    pub epoch: Option<Uuid>,
    /// What to send next.
    pub cookie: Option<String>,
    /// The highest counter of each scope.
    pub heads: BTreeMap<Scope, u64>,
    /// The server's time of the last page; `None` before the first run ended.
    pub as_of: Option<Timestamp>,
    /// When the copy was compared last, the server's time.
    pub compared_at: Option<Timestamp>,
    /// When the copy was fetched anew because it differed, the server's time.
    pub repaired_at: Option<Timestamp>,
    /// The version that compared it.
    pub compared_by: String,
}

/// One page, kept aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Whether everything held before goes away first: it was asked for without a cookie.
    #[serde(rename = "anew")]
    starts_over: bool,
    epoch: Uuid,
    rows: Vec<Row>,
    removed: BTreeSet<Scope>,
    reset: BTreeSet<Scope>,
    cookie: String,
    /// The scopes' counters after this page.
    heads: BTreeMap<Scope, u64>,
    /// Whether it had cards, which are in [`Table::StagedCard`].
    cards: bool,
    /// Whether the cards held before go away.
    clear_cards: bool,
}

/// One published row.
#[derive(Debug, Clone, PartialEq)]
pub struct PulledRow {
    /// The scope's counter when it changed last.
    pub seq: u64,
    /// What it holds; absent when it is kept elsewhere.
    pub value: Option<Value>,
}

type Name = (String, String);

/// What came of a page.
#[derive(Debug, PartialEq)]
pub enum PageOutcome {
    /// Nobody asked for it, or it came twice.
    Nothing,
    /// There are more.
    More,
    /// The server's database is another one: everything is asked for anew.
    StartOver,
    /// It broke the protocol.
    Broken,
    /// All pages became true.
    Published(Box<Published>),
}

/// What became true.
#[derive(Debug, Default, PartialEq)]
pub struct Published {
    /// Rows that changed, in order; removed ones have no value.
    pub changed: Vec<Row>,
    /// Scopes of which rows came or went.
    pub touched: BTreeSet<Scope>,
    /// Scopes that are not the person's any more.
    pub removed: BTreeSet<Scope>,
    /// Whether the catalogue changed.
    pub cards: bool,
    /// The scopes whose copy differs from what the server counts.
    pub differ: Vec<Scope>,
    /// What the server counts of the catalogue; to be compared with the store.
    pub count_cards: Option<Digest>,
}

/// The published rows, and those kept aside.
#[derive(Debug, Default)]
pub struct Pulls {
    state: PullState,
    rows: BTreeMap<Scope, BTreeMap<Name, PulledRow>>,
    stage: Vec<Page>,
    asked: Option<PageRequest>,
    acked: BTreeSet<u64>,
    /// Acknowledged with this run.
    told: BTreeSet<u64>,
    compare: bool,
}

#[derive(Debug, Clone, Copy)]
struct PageRequest {
    starts_over: bool,
}

impl Pulls {
    /// Continues where the last process stopped, also in the middle of a run.
    pub fn load(state: PullState, rows: Vec<Row>, stage: Vec<Page>, acked: BTreeSet<u64>) -> Self {
        let compare = state.cookie.is_some() && state.compared_by != VERSION;
        let mut pulls = Self { state, stage, acked, compare, ..Self::default() };
        for row in rows {
            let held = PulledRow { seq: row.seq, value: row.value };
            pulls.rows.entry(row.scope).or_default().insert((row.kind, row.id), held);
        }
        pulls
    }

    /// What was published last.
    pub fn state(&self) -> &PullState {
        &self.state
    }

    /// Whether a page was asked for and has not come.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Pages kept aside.
    pub fn staged(&self) -> usize {
        self.stage.len()
    }

    /// Published rows of a kind, by their names.
    pub fn of_kind<'a>(
        &'a self,
        scope: Scope,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a PulledRow)> {
        let rows = self.rows.get(&scope).into_iter().flatten();
        rows.filter(move |((of, _), _)| of == kind).map(|((_, id), held)| (id.as_str(), held))
    }

    /// Whether a scope is one of the person's.
    pub fn has(&self, scope: Scope) -> bool {
        self.state.heads.contains_key(&scope)
    }

    /// Operations that were acknowledged here and not yet there.
    pub fn acked(&self) -> &BTreeSet<u64> {
        &self.acked
    }

    /// The person has seen what became of an operation of this phone.
    pub fn acknowledge(&mut self, op_no: u64) -> Write {
        self.acked.insert(op_no);
        self.write_acked()
    }

    /// This phone has another name now: its numbers say nothing any more.
    pub fn forget_acked(&mut self) -> Write {
        self.acked.clear();
        self.told.clear();
        self.write_acked()
    }

    /// The next request.
    pub fn ask(&mut self, catalogue: bool, rows: Option<u32>) -> Pull {
        let cookie = self.stage.last().map(|page| &page.cookie).or(self.state.cookie.as_ref());
        let cookie = cookie.cloned();
        let started_over = self.stage.first().is_some_and(|page| page.starts_over);
        self.asked = Some(PageRequest { starts_over: started_over || cookie.is_none() });
        let acked: Vec<u64> = self.acked.iter().copied().take(ACKED_MAX).collect();
        self.told.extend(&acked);
        Pull { cookie, acked, catalogue, digest: self.compare, rows }
    }

    /// Compares the copy with the next run.
    pub fn compare_again(&mut self) {
        self.compare = true;
    }

    /// No page came.
    pub fn failed(&mut self) {
        self.asked = None;
    }

    /// Forgets the cookie and what was kept aside: the next run fetches everything. What is shown
    /// stays until then.
    pub fn start_over(&mut self) -> Vec<Write> {
        self.state.cookie = None;
        self.asked = None;
        let mut writes = self.unstage();
        writes.push(self.write_state());
        writes
    }

    /// The copy of the catalogue or of another scope differs: fetches everything anew, unless that
    /// was done a moment ago. Answers whether it does.
    pub fn repair(&mut self, now: Timestamp) -> (bool, Vec<Write>) {
        if self.state.repaired_at.is_some_and(|at| now - at < REPAIR_EVERY && now >= at) {
            return (false, Vec::new());
        }
        self.state.repaired_at = Some(now);
        (true, self.start_over())
    }

    /// Takes in a page.
    pub fn arrived(
        &mut self,
        reply: PullReply,
        own: Option<DeviceId>,
    ) -> (PageOutcome, Vec<Write>) {
        let Some(asked) = self.asked.take() else { return (PageOutcome::Nothing, Vec::new()) };
        let is_first = asked.starts_over && self.stage.is_empty();
        let before = self.stage.last().map_or(self.state.epoch, |page| Some(page.epoch));
        // Of a cookie that is not its own the server can't say what this phone has and should not.
        let unreadable = reply.reset.values().any(|reason| *reason == ResetReason::NotOurs);
        let elsewhere = before.is_some_and(|epoch| epoch != reply.epoch);
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

/// How the row of an outcome is called.
pub fn outcome_name(device: DeviceId, op_no: u64) -> String {
    format!("{device}:{op_no}")
}

fn staging(no: usize) -> Write {
    Write::delete(Table::Staging, format!("{no:06}"))
}
