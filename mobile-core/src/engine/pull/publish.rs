//! Saves pages, and publishes all pages of a run at once.

use super::{Name, Page, Published, PulledRow, Pulls, VERSION, outcome_name, staging};
use crate::store::{Table, Write};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::pull::{Digest, Entity, PullReply, Row, Scope, kind};

/// The rows that a run changed: their new content, or `None` if removed.
type Touched = BTreeMap<(Scope, Name), Option<Row>>;

impl Pulls {
    /// Saves a page, without rows that would take a scope back: a counter only grows.
    pub(super) fn set_aside(&mut self, reply: PullReply, starts_over: bool) -> Vec<Write> {
        let known = self.stage.last().map(|page| &page.heads);
        let mut heads =
            known.or((!starts_over).then_some(&self.state.heads)).cloned().unwrap_or_default();
        let mut writes = Vec::new();
        let removed: BTreeSet<Scope> = reply.removed.into_iter().collect();
        let reset: BTreeSet<Scope> = reply.reset.into_keys().collect();
        heads.retain(|scope, _| !removed.contains(scope) && !reset.contains(scope));
        let is_new = reply.rows.iter().any(|row| row.scope == Scope::Catalogue)
            && !heads.contains_key(&Scope::Catalogue);
        let clear_cards =
            is_new || removed.contains(&Scope::Catalogue) || reset.contains(&Scope::Catalogue);
        if clear_cards {
            writes.push(Write::Clear { table: Table::StagedCard });
        }
        let mut rows = Vec::new();
        let mut cards = clear_cards;
        for row in reply.rows {
            let head = heads.entry(row.scope).or_insert(0);
            if row.seq < *head {
                continue;
            }
            *head = row.seq;
            if row.scope == Scope::Catalogue {
                cards = true;
                writes.push(card(&row));
            } else {
                rows.push(row);
            }
        }
        let (epoch, cookie) = (reply.epoch, reply.cookie);
        let page =
            Page { starts_over, epoch, rows, removed, reset, cookie, heads, cards, clear_cards };
        writes.push(Write::json(Table::Staging, format!("{:06}", self.stage.len()), &page));
        self.stage.push(page);
        writes
    }

    /// Publishes all pages. The writes form one change.
    pub(super) fn publish(
        &mut self,
        now: Timestamp,
        own: Option<DeviceId>,
    ) -> (Published, Vec<Write>) {
        let mut published = Published::default();
        let mut writes = Vec::new();
        let mut touched: Touched = BTreeMap::new();
        let pages = std::mem::take(&mut self.stage);
        for (no, page) in pages.iter().enumerate() {
            if page.starts_over && no == 0 {
                let all: Vec<Scope> = self.rows.keys().copied().collect();
                all.iter().for_each(|scope| self.purge(*scope, &mut touched));
                published.removed.extend(all);
            }
            for scope in &page.removed {
                self.purge(*scope, &mut touched);
                published.removed.insert(*scope);
            }
            page.reset.iter().for_each(|scope| self.purge(*scope, &mut touched));
            for row in &page.rows {
                self.put(row, &mut touched);
            }
            published.cards |= page.cards;
            if page.clear_cards {
                writes.push(Write::Clear { table: Table::Card });
            }
        }
        writes.dedup();
        if published.cards {
            writes.push(Write::PublishCards);
        }
        published.is_first = self.state.epoch.is_none();
        published.is_elsewhere = std::mem::take(&mut self.state.is_elsewhere);
        if let Some(last) = pages.last() {
            self.state.epoch = Some(last.epoch);
            self.state.cookie = Some(last.cookie.clone());
            self.state.heads.clone_from(&last.heads);
        }
        published.removed.retain(|scope| !self.rows.contains_key(scope));
        published.touched = touched.keys().map(|(scope, _)| *scope).collect();
        self.state.as_of = Some(now);
        for ((scope, (kind, id)), row) in touched {
            let key = key(scope, &kind, &id);
            writes.push(match &row {
                Some(row) => Write::json(Table::Row, key, row),
                None => Write::delete(Table::Row, key),
            });
        }
        writes.extend(pages.iter().enumerate().map(|(no, _)| staging(no)));
        published.changed = pages.into_iter().flat_map(|page| page.rows).collect();
        self.forget_settled_acks(own, &mut writes);
        (published, writes)
    }

    fn put(&mut self, row: &Row, touched: &mut Touched) {
        let name = (row.kind.clone(), row.id.clone());
        let rows = self.rows.entry(row.scope).or_default();
        if row.value.is_none() {
            rows.remove(&name);
            touched.insert((row.scope, name), None);
            return;
        }
        // An auction that this version can read is kept with the auctions, a receipt with those.
        let elsewhere = match row.kind.as_str() {
            kind::AUCTION => matches!(row.entity(), Some(Entity::Auction(_))),
            kind::RECEIPT => matches!(row.entity(), Some(Entity::Receipt(_))),
            _ => false,
        };
        let value = row.value.clone().filter(|_| !elsewhere);
        rows.insert(name.clone(), PulledRow { seq: row.seq, value: value.clone() });
        touched.insert((row.scope, name), Some(Row { value, ..row.clone() }));
    }

    fn purge(&mut self, scope: Scope, touched: &mut Touched) {
        for name in self.rows.remove(&scope).unwrap_or_default().into_keys() {
            touched.insert((scope, name), None);
        }
    }

    /// Forgets acknowledgements that the server has taken in: sent with this run, and without a row
    /// now.
    fn forget_settled_acks(&mut self, own: Option<DeviceId>, writes: &mut Vec<Write>) {
        let acks_sent = std::mem::take(&mut self.acks_sent);
        let still = |op_no: &u64| {
            let Some(own) = own else { return false };
            let named = outcome_name(own, *op_no);
            self.of_kind(Scope::Person, kind::OUTCOME).any(|(id, _)| id == named)
        };
        let done: Vec<u64> = acks_sent.into_iter().filter(|op_no| !still(op_no)).collect();
        if !done.is_empty() {
            self.acked.retain(|op_no| !done.contains(op_no));
            writes.push(self.write_acked());
        }
    }

    pub(super) fn compare(
        &mut self,
        digest: &BTreeMap<Scope, Digest>,
        now: Timestamp,
        published: &mut Published,
    ) {
        self.compare = false;
        self.state.compared_at = Some(now);
        VERSION.clone_into(&mut self.state.compared_by);
        let mut scopes: BTreeSet<Scope> = digest.keys().copied().collect();
        scopes.extend(self.rows.keys());
        for scope in scopes {
            let theirs = digest.get(&scope).copied().unwrap_or_default();
            if scope == Scope::Catalogue {
                published.count_cards = Some(theirs);
            } else if self.digest(scope) != theirs {
                published.differ.push(scope);
            }
        }
    }

    fn digest(&self, scope: Scope) -> Digest {
        let mut digest = Digest::default();
        for ((kind, id), held) in self.rows.get(&scope).into_iter().flatten() {
            digest.add(kind, id, held.seq);
        }
        digest
    }
}

fn card(row: &Row) -> Write {
    let (table, key) = (Table::StagedCard, format!("{}/{}", row.kind, row.id));
    match row.value {
        Some(_) => Write::json(table, key, row),
        None => Write::Put { table, key, value: Vec::new() },
    }
}

fn key(scope: Scope, kind: &str, id: &str) -> String {
    format!("{scope}/{kind}/{id}")
}
