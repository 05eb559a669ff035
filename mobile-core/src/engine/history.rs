//! The operator's statements about each auction's log: its head after a number of records. An
//! operator that states two heads for one place has two histories, and is not believed about that
//! auction any more.
//!
//! Snapshots and receipts state a head; records imply one, by the log's own chain. All of them must
//! agree, also across restarts of the phone. Whether a newer snapshot continues an older one is not
//! checked here, because the records between are missing: checking a receipt against the whole log
//! (`toruk verify-log`) shows it.
//!
//! # Why an event may never grow a field that phones do not know
//! A record's hash covers all its fields. A phone that skipped an unknown field would compute
//! another head, and accuse an honest operator; so a field is added to the log only together with a
//! version of the app that is required (`upgrade_required`).

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::receipt::{Hash, Record, link};

/// The most heads of one auction in memory; the oldest are dropped first.
const HEADS_MAX: usize = 512;
/// The most auctions whose newest head is remembered.
const AUCTIONS_MAX: usize = 1_000;
/// The number of records after which the newest head is saved; the heads of snapshots and receipts
/// are saved at once.
const SAVE_EVERY: u64 = 32;

/// The newest known head of a log, as it is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHead {
    /// The auction of the log.
    pub auction: AuctionId,
    /// The number of records before the head.
    pub seq: u64,
    /// The hash, in hex.
    pub head: String,
    /// The number of records for which two heads were stated, if that happened.
    pub contradicted: Option<u64>,
}

/// The result of checking one statement.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HeadCheck {
    /// `true` if the statement can be believed.
    pub is_sound: bool,
    /// The number of records at the first contradiction, if this statement is it.
    pub contradiction: Option<u64>,
    /// Changes to make durable.
    pub writes: Vec<Write>,
}

/// The heads that the operator stated, by auction.
#[derive(Debug, Default)]
pub struct LogHeads {
    logs: BTreeMap<AuctionId, History>,
}

#[derive(Debug, Default)]
struct History {
    heads: BTreeMap<u64, Hash>,
    saved: u64,
    contradicted: Option<u64>,
}

impl LogHeads {
    /// Continues with the heads saved by an earlier process.
    pub fn load(saved: Vec<KnownHead>) -> Self {
        let mut known = Self::default();
        for row in saved {
            let Some(head) = parse(&row.head) else { continue };
            let history = History {
                heads: BTreeMap::from([(row.seq, head)]),
                saved: row.seq,
                contradicted: row.contradicted,
            };
            known.logs.insert(row.auction, history);
        }
        known
    }

    /// The number of records for which two histories were stated.
    pub fn contradiction(&self, auction: AuctionId) -> Option<u64> {
        self.logs.get(&auction)?.contradicted
    }

    /// Checks the head in a snapshot or a receipt, in hex.
    pub fn named(&mut self, auction: AuctionId, seq: u64, head: &str) -> HeadCheck {
        self.check(auction, seq, parse(head), 1)
    }

    /// Checks the head that a record implies. If the head before it is unknown, nothing can be
    /// checked.
    pub fn record(&mut self, record: &Record) -> HeadCheck {
        let history = self.logs.get(&record.auction);
        let before = record.seq.checked_sub(1);
        let previous = history.and_then(|history| history.heads.get(&before?));
        match previous.map(|previous| link(previous, record)) {
            Some(head) => self.check(record.auction, record.seq, Some(head), SAVE_EVERY),
            None => HeadCheck {
                is_sound: self.contradiction(record.auction).is_none(),
                ..HeadCheck::default()
            },
        }
    }

    fn check(&mut self, auction: AuctionId, seq: u64, head: Option<Hash>, every: u64) -> HeadCheck {
        let mut writes: Vec<Write> = self.make_room(auction).into_iter().collect();
        let history = self.logs.entry(auction).or_default();
        if history.contradicted.is_some() {
            return HeadCheck::default();
        }
        let known = history.heads.get(&seq).copied();
        let Some(head) = head.filter(|head| known.is_none_or(|known| known == *head)) else {
            history.contradicted = Some(seq);
            let writes = history.row(auction).into_iter().collect();
            return HeadCheck { is_sound: false, contradiction: Some(seq), writes };
        };
        history.heads.insert(seq, head);
        if history.heads.len() > HEADS_MAX {
            history.heads.pop_first();
        }
        let newest = history.heads.last_key_value().map_or(0, |(newest, _)| *newest);
        if newest >= history.saved.saturating_add(every) {
            history.saved = newest;
            writes.extend(history.row(auction));
        }
        HeadCheck { is_sound: true, contradiction: None, writes }
    }

    /// Forgets an auction if there are too many, but never a contradicted one.
    fn make_room(&mut self, wanted: AuctionId) -> Option<Write> {
        if self.logs.len() < AUCTIONS_MAX || self.logs.contains_key(&wanted) {
            return None;
        }
        let sound = |(_, history): &(&AuctionId, &History)| history.contradicted.is_none();
        let oldest = self.logs.iter().find(sound).map(|(auction, _)| *auction)?;
        self.logs.remove(&oldest);
        Some(Write::delete(Table::History, key(oldest)))
    }
}

impl History {
    /// The write that saves the newest head.
    fn row(&self, auction: AuctionId) -> Option<Write> {
        let (seq, head) = self.heads.last_key_value()?;
        let (head, contradicted) = (hex::encode(head), self.contradicted);
        let row = KnownHead { auction, seq: *seq, head, contradicted };
        Some(Write::json(Table::History, key(auction), &row))
    }
}

fn key(auction: AuctionId) -> String {
    auction.to_string()
}

fn parse(head: &str) -> Option<Hash> {
    hex::decode(head).ok()?.try_into().ok()
}
