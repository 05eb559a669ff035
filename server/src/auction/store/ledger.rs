//! What a batch of bids reads and writes on SQLite, in statements that stay prepared. The same as
//! in [`super::lane`], which writes it on PostgreSQL.

use super::receipts::StoredReceipt;
use super::{Grown, LockedAuction, LogEntry, kept_lot_card, signed, state_card, status};
use crate::db::StoreError;
use crate::db::ledger::LedgerTxn;
use crate::db::witness::LogHead;
use rusqlite::{OptionalExtension as _, Row, params};
use std::collections::{BTreeMap, HashMap};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Hash;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Earlier answers to these bids.
pub fn receipts(
    txn: &LedgerTxn<'_>,
    bids: impl IntoIterator<Item = BidId>,
) -> Result<HashMap<BidId, StoredReceipt>, StoreError> {
    const SQL: &str =
        "SELECT person, device, request_hash, receipt FROM bid_receipt WHERE bid = ?1";
    let mut statement = txn.statement(SQL)?;
    let mut found = HashMap::new();
    for bid in bids {
        let row = |row: &Row<'_>| {
            Ok((id(row, 0)?, id(row, 1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        };
        let row = statement.query_row([bid.0.as_bytes()], row).optional()?;
        if let Some((person, device, request_hash, json)) = row {
            found.insert(bid, StoredReceipt::read((person, device), request_hash, json)?);
        }
    }
    Ok(found)
}

/// Loads the auctions that are not the latest in `known`: the head of a log is a hash of everything
/// that the state is folded from. An auction that does not exist is missing from what it returns.
/// The turn to write is their lock.
pub fn lock_known(
    txn: &LedgerTxn<'_>,
    ids: impl IntoIterator<Item = AuctionId>,
    known: &mut HashMap<AuctionId, LockedAuction>,
) -> Result<BTreeMap<AuctionId, LockedAuction>, StoreError> {
    const HEAD: &str = "SELECT seq, head FROM auction WHERE id = ?1";
    let mut heads = txn.statement(HEAD)?;
    let mut all = BTreeMap::new();
    for auction in ids {
        let head = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?));
        let found = heads.query_row([auction.0.as_bytes()], head).optional()?;
        let Some((seq, head)) = found else { continue };
        let is_latest = |known: &LockedAuction| seq == signed(known.seq) && head == known.head;
        let locked = match known.remove(&auction).filter(is_latest) {
            Some(known) => known,
            None => load(txn, auction)?,
        };
        all.insert(auction, locked);
    }
    Ok(all)
}

fn load(txn: &LedgerTxn<'_>, auction: AuctionId) -> Result<LockedAuction, StoreError> {
    const SQL: &str = "SELECT number, state, seq, head, updated_at FROM auction WHERE id = ?1";
    let row = |row: &Row<'_>| {
        let (number, state): (String, String) = (row.get(0)?, row.get(1)?);
        let (seq, head, at): (i64, Hash, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok((number, state, seq, head, at))
    };
    let found = txn.statement(SQL)?.query_row([auction.0.as_bytes()], row)?;
    let (number, state, seq, head, at) = found;
    let seq = u64::try_from(seq).map_err(StoreError::damaged("auction"))?;
    txn.check_log(auction.0, LogHead { seq, hash: head })?;
    let auction = serde_json::from_str(&state).map_err(StoreError::damaged("auction"))?;
    Ok(LockedAuction { number, auction, seq, head, at: Timestamp(at) })
}

/// As [`super::append`], to the logs of several auctions.
pub fn append_all(txn: &LedgerTxn<'_>, grown: &[Grown<'_>]) -> Result<(), StoreError> {
    const EVENT: &str =
        "INSERT INTO auction_event (auction, seq, at, event, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = txn.statement(EVENT)?;
    for LogEntry { record, head } in grown.iter().flat_map(|(_, entries)| entries.iter()) {
        let event = canonical_json(&record.event);
        let auction = record.auction.0.as_bytes();
        insert.execute(params![auction, signed(record.seq), record.at.0, event, head])?;
    }
    for (locked, entries) in grown {
        if let Some(last) = entries.last() {
            store_state(txn, locked, last)?;
            follow(txn, locked)?;
        }
    }
    Ok(())
}

fn store_state(
    txn: &LedgerTxn<'_>,
    locked: &LockedAuction,
    LogEntry { record, head }: &LogEntry,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE auction SET status = ?2, published = ?3, state = ?4, seq = ?5, \
        head = ?6, wake_at = ?7, start = ?8, updated_at = ?9 WHERE id = ?1";
    txn.grown(record.auction.0, LogHead { seq: record.seq, hash: *head });
    let auction = &locked.auction;
    let state = serde_json::to_string(auction).map_err(StoreError::damaged("auction"))?;
    txn.statement(SQL)?.execute(params![
        auction.birth.id.0.as_bytes(),
        status(auction),
        auction.is_public(),
        state,
        signed(locked.seq),
        locked.head,
        auction.wake_at().map(|at| at.0),
        auction.birth.offer.start.0,
        record.at.0,
    ])?;
    Ok(())
}

fn follow(txn: &LedgerTxn<'_>, locked: &LockedAuction) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "INSERT INTO catalogue_entry (auction, status, price, start, seq, state_card, card_seq) ",
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5) ON CONFLICT (auction) DO UPDATE SET ",
        "status = excluded.status, price = excluded.price, start = excluded.start, ",
        "seq = excluded.seq, state_card = excluded.state_card, card_seq = excluded.card_seq, ",
        "lot_card = ",
        kept_lot_card!()
    );
    let auction = &locked.auction;
    if auction.is_public() {
        txn.statement(SQL)?.execute(params![
            auction.birth.id.0.as_bytes(),
            status(auction),
            auction.price().get(),
            auction.birth.offer.start.0,
            signed(locked.seq),
            state_card(locked),
        ])?;
    }
    Ok(())
}

/// Inserts the answers to bids that had none.
pub fn insert_receipts(txn: &LedgerTxn<'_>, all: &[StoredReceipt]) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO bid_receipt (bid, auction, person, device, request_hash, \
        receipt, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut insert = txn.statement(SQL)?;
    for stored in all {
        insert.execute(params![
            stored.bid.0.as_bytes(),
            stored.auction.0.as_bytes(),
            stored.person.0.as_bytes(),
            stored.device.0.as_bytes(),
            stored.request_hash,
            &*stored.json,
            stored.decided_at.0,
        ])?;
    }
    Ok(())
}

/// As [`super::person_of`].
pub fn person_of(
    txn: &LedgerTxn<'_>,
    auction: AuctionId,
    bidder: BidderNo,
) -> Result<Option<PersonId>, StoreError> {
    const SQL: &str = "SELECT person FROM participant WHERE auction = ?1 AND bidder_no = ?2";
    let key = params![auction.0.as_bytes(), i64::from(bidder.0)];
    Ok(txn.statement(SQL)?.query_row(key, |row| id(row, 0)).optional()?.map(PersonId))
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}
