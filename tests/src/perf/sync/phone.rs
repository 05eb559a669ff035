//! A phone of a benchmark: our protocol, and our store with its seal and `synchronous=FULL`.

use super::connection::Connection;
use crate::world::seed::SeededBidder;
use anyhow::{Context as _, ensure};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use toruk_mobile_core::platform::SystemEntropy;
use toruk_mobile_core::store::{Seal, SqliteStore, Store as _, Table, Write, read_all};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::draft::{Actor, Draft, DraftState, Sibling, draft_id};
use toruk_sync::protocol::limits::PUSH_OPS_MAX;
use toruk_sync::protocol::operations::{Op, Operation, Push, PushReply, Verdict};
use toruk_sync::protocol::pull::{Digest, Pull, PullReply, Row, Scope};

/// The phone's number in its person's account, as seeded.
const ACTOR: Actor = 1;
/// Of this number of operations, one breaks a rule and is refused.
pub const REFUSED_EVERY: u64 = 20;

/// A phone of the benchmark: signs, pushes and pulls as the core does.
pub struct BenchPhone {
    /// The one HTTP connection that the phone keeps open.
    pub connection: Connection,
    store: SqliteStore,
    person: PersonId,
    cookie: Option<String>,
    drafts: BTreeMap<AuctionId, Draft>,
    next_op_no: u64,
}

/// Totals of a pull.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Rows received, over all pages.
    pub rows: usize,
    /// Pages they came in.
    pub pages: usize,
    /// Bytes of the answers' bodies through deflate, each by itself, when that is compiled in.
    pub deflated: usize,
}

/// Totals of a push.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Outcomes that came, one for each operation.
    pub outcomes: usize,
    /// Of the outcomes, the refusals.
    pub refused: usize,
}

impl BenchPhone {
    /// A fresh phone with nothing in its store, which is made in `folder`.
    ///
    /// # Errors
    /// When the server is not there.
    pub async fn open(port: u16, seat: &SeededBidder, folder: &Path) -> anyhow::Result<Self> {
        let seal = Seal::new(&[7; 32], Arc::new(SystemEntropy));
        let store = SqliteStore::open(&folder.join(format!("{}.db", seat.person)), seal)?;
        let connection = Connection::open(port, &seat.token).await?;
        let (person, drafts) = (seat.person, BTreeMap::new());
        Ok(Self { connection, store, person, cookie: None, drafts, next_op_no: 1 })
    }

    /// Pulls everything that is new, page by page, each kept before the next is asked for.
    ///
    /// # Errors
    /// When a page is refused.
    pub async fn pull(&mut self, measures_deflate: bool) -> anyhow::Result<Pulled> {
        let mut pulled = Pulled::default();
        loop {
            let cookie = self.cookie.take();
            let request = Pull { cookie, catalogue: true, ..Pull::default() };
            let body =
                self.connection.post("/v1/sync/pull", &serde_json::to_vec(&request)?).await?;
            if measures_deflate {
                pulled.deflated += super::deflated(body)?;
            }
            let reply: PullReply = serde_json::from_slice(body)?;
            ensure!(reply.reset.is_empty(), "sent again: {:?}", reply.reset);
            let mut writes: Vec<Write> = reply.rows.iter().map(kept).collect();
            if !writes.is_empty() {
                writes.push(Write::json(Table::Meta, "cookie", &reply.cookie));
                self.store.apply(&writes)?;
            }
            self.cookie = Some(reply.cookie);
            pulled.rows += reply.rows.len();
            pulled.pages += 1;
            if !reply.more {
                return Ok(pulled);
            }
        }
    }

    /// The cards it has kept, after checking that they are all that the server has.
    ///
    /// # Errors
    /// When one is missing or old.
    pub async fn cards(&mut self) -> anyhow::Result<Vec<Row>> {
        let cookie = self.cookie.clone();
        let request = Pull { cookie, catalogue: true, digest: true, ..Pull::default() };
        let body = self.connection.post("/v1/sync/pull", &serde_json::to_vec(&request)?).await?;
        let reply: PullReply = serde_json::from_slice(body)?;
        ensure!(reply.rows.is_empty() && !reply.more, "something is new");
        let expected = reply.digest.context("no digest")?;
        let rows: Vec<(String, Row)> = read_all(&self.store, Table::Cache)?;
        let cards = rows.into_iter().map(|(_, row)| row);
        let cards: Vec<Row> = cards.filter(|row| row.scope == Scope::Catalogue).collect();
        let mut digest = Digest::default();
        cards.iter().for_each(|row| digest.add(&row.kind, &row.id, row.seq));
        ensure!(expected.get(&Scope::Catalogue) == Some(&digest), "a card is missing or old");
        Ok(cards)
    }

    /// Writes so many answers into drafts of these auctions, one operation each, as the person does
    /// without a connection. Of [`REFUSED_EVERY`], one claims a write that nobody has seen.
    ///
    /// # Errors
    /// When they can't be kept.
    pub fn queue(&mut self, count: u64, auctions: &[AuctionId]) -> anyhow::Result<Vec<Op>> {
        let first = self.next_op_no;
        let numbers = first..first + count;
        let ops: Vec<Op> = numbers.map(|op_no| self.edit(op_no, auctions)).collect();
        self.next_op_no += count;
        let kept = |op: &Op| Write::json(Table::Outbox, format!("{:020}", op.op_no), op);
        self.store.apply(&ops.iter().map(kept).collect::<Vec<_>>())?;
        Ok(ops)
    }

    fn edit(&mut self, op_no: u64, auctions: &[AuctionId]) -> Op {
        // A handful of auctions, and any number of edits.
        let auction = auctions[(op_no % auctions.len() as u64) as usize];
        let value = Some(format!("Асанова Айгүл {op_no}"));
        let part = if op_no.is_multiple_of(REFUSED_EVERY) {
            let forged = Sibling { clock: BTreeMap::from([(ACTOR + 1, op_no)]), value };
            let fields = BTreeMap::from([("full_name".to_owned(), vec![forged])]);
            DraftState { fields, ..DraftState::default() }
        } else {
            self.drafts.entry(auction).or_default().set("full_name", value, ACTOR)
        };
        let draft = draft_id(self.person, auction);
        let operation = Operation::EditDraft { draft, auction, part };
        Op { op_no, person: self.person, operation }
    }

    /// Delivers these operations, as many at a time as may be, and keeps each outcome.
    ///
    /// # Errors
    /// When one gets no outcome, or another's.
    pub async fn push(&mut self, ops: &[Op]) -> anyhow::Result<Pushed> {
        let mut pushed = Pushed::default();
        for batch in ops.chunks(PUSH_OPS_MAX) {
            let body = serde_json::to_vec(&Push { ops: batch.to_vec() })?;
            let body = self.connection.post("/v1/sync/push", &body).await?;
            let reply: PushReply = serde_json::from_slice(body)?;
            let decided = reply.outcomes.iter().map(|outcome| outcome.op_no);
            ensure!(decided.eq(batch.iter().map(|op| op.op_no)), "lost, doubled or out of order");
            let mut writes = Vec::new();
            for outcome in &reply.outcomes {
                let key = format!("{:020}", outcome.op_no);
                writes.push(Write::delete(Table::Outbox, key.clone()));
                writes.push(Write::json(Table::Outcome, key, outcome));
                pushed.refused += usize::from(matches!(outcome.verdict, Verdict::Refused(_)));
            }
            self.store.apply(&writes)?;
            pushed.outcomes += reply.outcomes.len();
        }
        Ok(pushed)
    }
}

fn kept(row: &Row) -> Write {
    let key = format!("{}:{}:{}", row.scope, row.kind, row.id);
    match row.value {
        Some(_) => Write::json(Table::Cache, key, row),
        None => Write::delete(Table::Cache, key),
    }
}
