//! What the operator has said of each auction's log: its head after so many records. Whoever says
//! two things of the same place has two histories, and from then on is believed about neither.
//!
//! Snapshots and receipts name a head; records make one, by the log's own chain. All of them must
//! agree, across restarts of the phone too. That a newer snapshot continues an older one is not
//! checked here, as the records between are not at hand: a receipt held against the whole log
//! (`toruk verify-log`) shows it.
//!
//! # Why an event may never grow a field that phones do not know
//! A record's hash is over all it holds. A phone that skipped an unknown field would compute
//! another head, and accuse an honest operator; so a field is added to the log only together with
//! a version of the app that is asked for (`upgrade_required`).

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::receipt::{Hash, Record, link};

/// Heads of one auction in memory; the oldest go first.
const HEADS_MAX: usize = 512;
/// Auctions whose newest head is remembered.
const AUCTIONS_MAX: usize = 1_000;
/// Records after which the newest head is saved; what snapshots and receipts say is saved at once.
const SAVE_EVERY: u64 = 32;

/// The newest head of a log, as it is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHead {
    /// Whose log.
    pub auction: AuctionId,
    /// After how many records.
    pub seq: u64,
    /// The head, hex.
    pub head: String,
    /// After how many records two heads were named, if ever.
    pub contradicted: Option<u64>,
}

/// What became of something the operator said.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HeadCheck {
    /// Whether it may be believed.
    pub is_sound: bool,
    /// The first contradiction of this log: after how many records.
    pub contradiction: Option<u64>,
    /// To make durable.
    pub writes: Vec<Write>,
}

/// All that was said.
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
    /// Continues from what an earlier process was told.
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

    /// After how many records of an auction two histories were told.
    pub fn contradiction(&self, auction: AuctionId) -> Option<u64> {
        self.logs.get(&auction)?.contradicted
    }

    /// A snapshot or a receipt names a head, hex.
    pub fn named(&mut self, auction: AuctionId, seq: u64, head: &str) -> HeadCheck {
        self.said(auction, seq, parse(head), 1)
    }

    /// A record makes a head. Where the head before it is not known, there is nothing to say.
    pub fn record(&mut self, record: &Record) -> HeadCheck {
        let history = self.logs.get(&record.auction);
        let before = record.seq.checked_sub(1);
        let previous = history.and_then(|history| history.heads.get(&before?));
        match previous.map(|previous| link(previous, record)) {
            Some(head) => self.said(record.auction, record.seq, Some(head), SAVE_EVERY),
            None => HeadCheck {
                is_sound: self.contradiction(record.auction).is_none(),
                ..HeadCheck::default()
            },
        }
    }

    fn said(&mut self, auction: AuctionId, seq: u64, head: Option<Hash>, every: u64) -> HeadCheck {
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
        if newest >= history.saved + every {
            history.saved = newest;
            writes.extend(history.row(auction));
        }
        HeadCheck { is_sound: true, contradiction: None, writes }
    }

    /// Forgets an auction when there are too many; never one that was contradicted.
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
    /// Saves the newest head.
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
