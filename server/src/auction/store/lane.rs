//! What a batch of bids reads and writes on PostgreSQL: a statement for all its rows of a kind. The
//! same as in [`super::ledger`], which writes it on SQLite.

use super::receipts::StoredReceipt;
use super::{Grown, LockedAuction, LogEntry, kept_lot_card, signed, state_card, status};
use crate::db::StoreError;
use crate::db::lane::LaneTxn;
use crate::db::witness::LogHead;
use sea_orm::sqlx::{query, query_as};
use std::collections::{BTreeMap, HashMap};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Hash;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Earlier answers to these bids.
pub async fn receipts(
    txn: &mut LaneTxn,
    bids: impl IntoIterator<Item = BidId>,
) -> Result<HashMap<BidId, StoredReceipt>, StoreError> {
    const SQL: &str =
        "SELECT bid, person, device, request_hash, receipt FROM bid_receipt WHERE bid = ANY($1)";
    let bids: Vec<Uuid> = bids.into_iter().map(|bid| bid.0).collect();
    let rows: Vec<(Uuid, Uuid, Uuid, String, String)> =
        query_as(SQL).bind(bids).fetch_all(txn.connection()).await?;
    let read = |(bid, person, device, request_hash, json)| {
        Ok((BidId(bid), StoredReceipt::read((person, device), request_hash, json)?))
    };
    rows.into_iter().map(read).collect()
}

/// As [`super::ledger::lock_known`]; the rows are locked in the order of their ids.
pub async fn lock_known(
    txn: &mut LaneTxn,
    ids: impl IntoIterator<Item = AuctionId>,
    known: &mut HashMap<AuctionId, LockedAuction>,
) -> Result<BTreeMap<AuctionId, LockedAuction>, StoreError> {
    const HEADS: &str =
        "SELECT id, seq, head FROM auction WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    const WHOLE: &str =
        "SELECT id, number, state, seq, head, updated_at FROM auction WHERE id = ANY($1)";
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let heads: Vec<(Uuid, i64, Vec<u8>)> =
        query_as(HEADS).bind(ids).fetch_all(txn.connection()).await?;
    let (mut all, mut unknown) = (BTreeMap::new(), Vec::new());
    for (id, seq, head) in heads {
        let id = AuctionId(id);
        match known.remove(&id).filter(|known| seq == signed(known.seq) && head == known.head) {
            Some(known) => drop(all.insert(id, known)),
            None => unknown.push(id.0),
        }
    }
    if !unknown.is_empty() {
        let rows: Vec<(Uuid, String, String, i64, Vec<u8>, i64)> =
            query_as(WHOLE).bind(unknown).fetch_all(txn.connection()).await?;
        for (id, number, state, seq, head, at) in rows {
            let seq = u64::try_from(seq).map_err(StoreError::damaged("auction"))?;
            let head: Hash = head.try_into().map_err(|_| StoreError::damaged("auction")("head"))?;
            txn.check_log(id, LogHead { seq, hash: head })?;
            let auction = serde_json::from_str(&state).map_err(StoreError::damaged("auction"))?;
            let locked = LockedAuction { number, auction, seq, head, at: Timestamp(at) };
            all.insert(AuctionId(id), locked);
        }
    }
    Ok(all)
}

/// As [`super::person_of`].
pub async fn person_of(
    txn: &mut LaneTxn,
    auction: AuctionId,
    bidder: BidderNo,
) -> Result<Option<PersonId>, StoreError> {
    const SQL: &str = "SELECT person FROM participant WHERE auction = $1 AND bidder_no = $2";
    let statement = query_as(SQL).bind(auction.0).bind(i64::from(bidder.0));
    let found: Option<(Uuid,)> = statement.fetch_optional(txn.connection()).await?;
    Ok(found.map(|(person,)| PersonId(person)))
}

/// Writes all that a batch has decided, but its notices.
///
/// # Errors
/// [`StoreError::Conflict`] if a bid has been answered before.
pub async fn write(
    txn: &mut LaneTxn,
    grown: &[Grown<'_>],
    receipts: &[StoredReceipt],
) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "\
        WITH event AS (INSERT INTO auction_event (auction, seq, at, event, hash) \
            SELECT * FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[], $5::bytea[])), \
        state AS (UPDATE auction SET status = n.status, published = n.published, \
            state = n.state, seq = n.seq, head = n.head, wake_at = n.wake_at, start = n.start, \
            updated_at = n.updated_at \
            FROM unnest($6::uuid[], $7::text[], $8::bool[], $9::text[], $10::int8[], \
            $11::bytea[], $12::int8[], $13::int8[], $14::int8[]) AS n (id, status, published, \
            state, seq, head, wake_at, start, updated_at) WHERE auction.id = n.id), \
        entry AS (INSERT INTO catalogue_entry (auction, status, price, start, seq, state_card, \
            card_seq) SELECT n.id, n.status, n.price, n.start, n.seq, n.card, n.seq \
            FROM unnest($6::uuid[], $7::text[], $15::int8[], $13::int8[], $10::int8[], \
            $23::text[]) AS n (id, status, price, start, seq, card) \
            ON CONFLICT (auction) DO UPDATE SET \
            status = excluded.status, price = excluded.price, start = excluded.start, \
            seq = excluded.seq, state_card = excluded.state_card, card_seq = excluded.card_seq, \
            lot_card = ",
        kept_lot_card!(),
        ") \
        INSERT INTO bid_receipt (bid, auction, person, device, request_hash, receipt, decided_at) \
            SELECT * FROM unnest($16::uuid[], $17::uuid[], $18::uuid[], $19::uuid[], \
            $20::text[], $21::text[], $22::int8[])"
    );
    let (events, states) = (EventRows::of(grown), StateRows::of(txn, grown)?);
    // In the order of their ids, as every lane: bidders choose these, and two lanes that insert the
    // same two in opposite orders would wait for each other.
    let mut receipts: Vec<&StoredReceipt> = receipts.iter().collect();
    receipts.sort_unstable_by_key(|receipt| receipt.bid);
    let of = |id: fn(&StoredReceipt) -> Uuid| receipts.iter().copied().map(id).collect::<Vec<_>>();
    let hashes: Vec<&str> = receipts.iter().map(|one| one.request_hash.as_str()).collect();
    let texts: Vec<&str> = receipts.iter().map(|one| &*one.json).collect();
    let decided_at: Vec<i64> = receipts.iter().map(|one| one.decided_at.0).collect();
    let statement = query(SQL)
        .bind(events.auction)
        .bind(events.seq)
        .bind(events.at)
        .bind(events.event)
        .bind(events.hash)
        .bind(states.id)
        .bind(states.status)
        .bind(states.published)
        .bind(states.state)
        .bind(states.seq)
        .bind(states.head)
        .bind(states.wake_at)
        .bind(states.start)
        .bind(states.updated_at)
        .bind(states.price)
        .bind(of(|one| one.bid.0))
        .bind(of(|one| one.auction.0))
        .bind(of(|one| one.person.0))
        .bind(of(|one| one.device.0))
        .bind(hashes)
        .bind(texts)
        .bind(decided_at)
        .bind(states.card);
    statement.execute(txn.connection()).await?;
    Ok(())
}

/// New rows of logs, by column.
#[derive(Default)]
struct EventRows {
    auction: Vec<Uuid>,
    seq: Vec<i64>,
    at: Vec<i64>,
    event: Vec<String>,
    hash: Vec<Vec<u8>>,
}

impl EventRows {
    fn of(grown: &[Grown<'_>]) -> Self {
        let mut rows = Self::default();
        for LogEntry { record, head } in grown.iter().flat_map(|(_, entries)| entries.iter()) {
            rows.auction.push(record.auction.0);
            rows.seq.push(signed(record.seq));
            rows.at.push(record.at.0);
            rows.event.push(canonical_json(&record.event));
            rows.hash.push(head.to_vec());
        }
        rows
    }
}

/// Changed rows of auctions, by column; they are public, so the catalogue's entries follow them.
#[derive(Default)]
struct StateRows {
    id: Vec<Uuid>,
    status: Vec<String>,
    published: Vec<bool>,
    state: Vec<String>,
    seq: Vec<i64>,
    head: Vec<Vec<u8>>,
    wake_at: Vec<Option<i64>>,
    start: Vec<i64>,
    updated_at: Vec<i64>,
    price: Vec<i64>,
    card: Vec<String>,
}

impl StateRows {
    fn of(txn: &mut LaneTxn, grown: &[Grown<'_>]) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        for (locked, entries) in grown {
            let Some(LogEntry { record, head }) = entries.last() else { continue };
            let auction = &locked.auction;
            txn.grown(record.auction.0, LogHead { seq: record.seq, hash: *head });
            rows.id.push(auction.birth.id.0);
            rows.status.push(status(auction));
            rows.published.push(auction.is_public());
            // Nobody signs it, so it need not be canonical.
            let state = serde_json::to_string(auction).map_err(StoreError::damaged("auction"))?;
            rows.state.push(state);
            rows.seq.push(signed(locked.seq));
            rows.head.push(locked.head.to_vec());
            rows.wake_at.push(auction.wake_at().map(|at| at.0));
            rows.start.push(auction.birth.offer.start.0);
            rows.updated_at.push(record.at.0);
            rows.price.push(auction.price().get());
            rows.card.push(state_card(locked));
        }
        Ok(rows)
    }
}
