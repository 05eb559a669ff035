//! Lengths and heads of logs, by auction.

use std::collections::BTreeMap;
use uuid::Uuid;

/// The length of a log, and the hash of its last record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    pub seq: u64,
    pub hash: [u8; 32],
}

/// The longest known logs, by auction.
pub type LogHeads = BTreeMap<Uuid, LogHead>;

/// Takes in a head, if it is that of a longer log.
pub fn note(heads: &mut LogHeads, auction: Uuid, head: LogHead) {
    let known = heads.entry(auction).or_insert(head);
    if head.seq > known.seq {
        *known = head;
    }
}
