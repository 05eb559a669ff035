//! Rows of auctions and their logs; in the modules below, what else belongs to an auction.

mod contracts;
pub mod heads;
pub mod lane;
pub mod ledger;
pub mod nodes;
mod participants;
pub mod proposals;
pub mod protocols;
mod receipts;
pub mod records;

pub use self::contracts::{contract, put_contract, sign_as_holder, sign_as_winner};
pub use self::participants::{
    Participant, bidder_numbers, insert_participants, number_of, opening_of, openings_of,
    participants, person_of,
};
pub use self::receipts::{StoredReceipt, receipt};

use crate::db::advisory_lock::AdvisoryLock;
use crate::db::witness::LogHead;
use crate::db::{StoreError, Txn};
use crate::entity::{auction, auction_event, catalogue_entry, lot};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Deserialize;
use toruk_sync::domain::auction::{Auction, Event, Status, evolve};
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::CardState;
use toruk_sync::receipt::{GENESIS, Hash, Record, link};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// An auction with the entries by which its log grows.
pub type Grown<'a> = (&'a LockedAuction, &'a [LogEntry]);

/// An auction under its row's lock.
pub struct LockedAuction {
    pub number: String,
    pub auction: Auction,
    pub seq: u64,
    pub head: Hash,
    /// The moment of its last record.
    pub at: Timestamp,
}

/// A record and the log's head after it.
pub struct LogEntry {
    pub record: Record,
    pub head: Hash,
}

impl LockedAuction {
    /// The auction after one more event.
    #[must_use]
    pub fn append(self, event: Event, at: Timestamp) -> (Self, LogEntry) {
        let Self { number, auction, seq, head, .. } = self;
        let auction = evolve(auction, &event);
        let record = Record { auction: auction.birth.id, seq: seq + 1, at, event };
        let head = link(&head, &record);
        (Self { number, auction, seq: seq + 1, head, at }, LogEntry { record, head })
    }

    /// The time of a decision by the clock: `now`, or the last record's moment if another node's
    /// clock, or a stamp made later than it, was ahead. A log's time never runs back.
    pub fn not_before(&self, now: Timestamp) -> Timestamp {
        now.max(self.at)
    }
}

/// The rules of a published auction.
pub async fn public_rules(
    db: &impl ConnectionTrait,
    id: AuctionId,
) -> Result<Option<RuleProfile>, StoreError> {
    let row = auction::Entity::find_by_id(id.0).one(db).await?;
    let published = row.filter(|row| row.published);
    let rules = |row: auction::Model| {
        let state: Rules =
            serde_json::from_str(&row.state).map_err(StoreError::damaged("auction"))?;
        Ok(state.birth.rules)
    };
    published.map(rules).transpose()
}

/// The part of an auction's state that has its rules.
#[derive(Deserialize)]
struct Rules {
    birth: RulesOfBirth,
}

#[derive(Deserialize)]
struct RulesOfBirth {
    rules: RuleProfile,
}

/// Loads an auction and locks its row, so that other decisions wait. On SQLite the one writer is
/// the lock.
pub async fn lock(txn: &Txn, id: AuctionId) -> Result<LockedAuction, StoreError> {
    let row = auction::Entity::find_by_id(id.0).lock_exclusive().one(txn).await?;
    locked(txn, row.ok_or(StoreError::NotFound)?)
}

fn locked(txn: &Txn, row: auction::Model) -> Result<LockedAuction, StoreError> {
    let seq = u64::try_from(row.seq).map_err(StoreError::damaged("auction"))?;
    let head = row.head.try_into().map_err(|_| StoreError::damaged("auction")("head"))?;
    txn.check_log(row.id, LogHead { seq, hash: head })?;
    Ok(LockedAuction {
        auction: serde_json::from_str(&row.state).map_err(StoreError::damaged("auction"))?,
        number: row.number,
        seq,
        head,
        at: Timestamp(row.updated_at),
    })
}

/// As [`lock`], for callers who are no officials: an unpublished auction does not exist for them.
pub async fn lock_public(txn: &Txn, id: AuctionId) -> Result<LockedAuction, StoreError> {
    let locked = lock(txn, id).await?;
    if locked.auction.is_public() { Ok(locked) } else { Err(StoreError::NotFound) }
}

/// Inserts a new auction and the first records of its log.
pub async fn insert(
    txn: &Txn,
    number: String,
    auction: Auction,
    events: &[Event],
    now: Timestamp,
) -> Result<LockedAuction, StoreError> {
    let birth = &auction.birth;
    let row = auction::ActiveModel {
        id: Set(birth.id.0),
        number: Set(number.clone()),
        lot: Set(birth.lot.0),
        status: Set(status(&auction)),
        published: Set(false),
        state: Set(String::new()),
        seq: Set(0),
        head: Set(GENESIS.to_vec()),
        wake_at: Set(None),
        start: Set(birth.offer.start.0),
        previous: Set(birth.previous.map(|id| id.0)),
        lot_holder: Set(Some(birth.lot_holder.0)),
        procuring_entity: Set(Some(birth.procuring_entity.0)),
        created_at: Set(now.0),
        updated_at: Set(now.0),
    };
    row.insert(txn).await?;
    let mut locked = LockedAuction { number, auction, seq: 0, head: GENESIS, at: now };
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        let entry;
        (locked, entry) = locked.append(event.clone(), now);
        entries.push(entry);
    }
    append(txn, &locked, &entries).await?;
    Ok(locked)
}

/// Appends the entries that [`LockedAuction::append`] made, and stores the new state.
pub async fn append(
    txn: &Txn,
    locked: &LockedAuction,
    entries: &[LogEntry],
) -> Result<(), StoreError> {
    let Some(last) = entries.last() else { return Ok(()) };
    let rows = entries.iter().map(|LogEntry { record, head }| auction_event::ActiveModel {
        auction: Set(record.auction.0),
        seq: Set(signed(record.seq)),
        at: Set(record.at.0),
        event: Set(canonical_json(&record.event)),
        hash: Set(head.to_vec()),
    });
    auction_event::Entity::insert_many(rows).exec_without_returning(txn).await?;
    store_state(txn, locked, last).await?;
    follow(txn, locked).await
}

/// The state that is folded from the log up to `last`.
async fn store_state(txn: &Txn, locked: &LockedAuction, last: &LogEntry) -> Result<(), StoreError> {
    let LogEntry { record, head } = last;
    txn.grown(record.auction.0, LogHead { seq: record.seq, hash: *head });
    let auction = &locked.auction;
    // Nobody signs it, so it need not be canonical, which takes several times as long.
    let state = serde_json::to_string(auction).map_err(StoreError::damaged("auction"))?;
    let row = auction::ActiveModel {
        status: Set(status(auction)),
        published: Set(auction.is_public()),
        state: Set(state),
        seq: Set(signed(locked.seq)),
        head: Set(locked.head.to_vec()),
        wake_at: Set(auction.wake_at().map(|at| at.0)),
        start: Set(auction.birth.offer.start.0),
        updated_at: Set(record.at.0),
        ..Default::default()
    };
    auction::Entity::update_many()
        .set(row)
        .filter(auction::Column::Id.eq(auction.birth.id.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Writes what changes with the state into the catalogue's entry; what is known of the lot stays.
async fn follow(txn: &Txn, locked: &LockedAuction) -> Result<(), StoreError> {
    use catalogue_entry::Column;
    let auction = &locked.auction;
    if !auction.is_public() {
        return Ok(());
    }
    let row = catalogue_entry::ActiveModel {
        auction: Set(auction.birth.id.0),
        status: Set(status(auction)),
        price: Set(auction.price().get()),
        start: Set(auction.birth.offer.start.0),
        seq: Set(signed(locked.seq)),
        kind: Set(None),
        region: Set(None),
        search: Set(None),
        lot_card: Set(None),
        state_card: Set(Some(state_card(locked))),
        card_seq: Set(Some(signed(locked.seq))),
    };
    let columns = [
        Column::Status,
        Column::Price,
        Column::Start,
        Column::Seq,
        Column::StateCard,
        Column::CardSeq,
    ];
    let known = OnConflict::column(Column::Auction)
        .update_columns(columns)
        .value(Column::LotCard, Expr::cust(kept_lot_card!()))
        .to_owned();
    catalogue_entry::Entity::insert(row).on_conflict(known).exec_without_returning(txn).await?;
    Ok(())
}

/// What becomes of the half of a card that is the lot's when its auction changes. A server that knows
/// no cards may have changed the lot with the record before: then it is written again.
macro_rules! kept_lot_card {
    () => {
        "CASE WHEN catalogue_entry.card_seq = catalogue_entry.seq THEN catalogue_entry.lot_card END"
    };
}
use kept_lot_card;

/// The half of an auction's card that its log decides.
fn state_card(locked: &LockedAuction) -> String {
    canonical_json(&CardState::of(&locked.auction, locked.seq))
}

/// Auctions whose tick is due, with the moment of each, the most overdue first, after `after`.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    after: Option<(Timestamp, AuctionId)>,
    limit: u64,
) -> Result<Vec<(Timestamp, AuctionId)>, StoreError> {
    let mut query = auction::Entity::find()
        .select_only()
        .columns([auction::Column::WakeAt, auction::Column::Id])
        .filter(auction::Column::WakeAt.lte(now.0))
        .order_by_asc(auction::Column::WakeAt)
        .order_by_asc(auction::Column::Id)
        .limit(limit);
    if let Some((at, id)) = after {
        let at_once = Condition::all()
            .add(auction::Column::WakeAt.eq(at.0))
            .add(auction::Column::Id.gt(id.0));
        let later = Condition::any().add(auction::Column::WakeAt.gt(at.0)).add(at_once);
        query = query.filter(later);
    }
    let due: Vec<(i64, Uuid)> = query.into_tuple().all(db).await?;
    Ok(due.into_iter().map(|(at, id)| (Timestamp(at), AuctionId(id))).collect())
}

/// The moment of the next due tick.
pub async fn next_wake(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<i64> = auction::Entity::find()
        .select_only()
        .column(auction::Column::WakeAt)
        .filter(auction::Column::WakeAt.is_not_null())
        .order_by_asc(auction::Column::WakeAt)
        .into_tuple()
        .one(db)
        .await?;
    Ok(row.map(Timestamp))
}

/// Published auctions that are not over, behind this one; at most `limit`.
pub async fn running(
    db: &impl ConnectionTrait,
    after: Option<AuctionId>,
    limit: u64,
) -> Result<Vec<AuctionId>, StoreError> {
    let over = [Status::Complete, Status::Unsuccessful, Status::Cancelled].map(|s| key(&s));
    let mut query = auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .filter(auction::Column::Published.eq(true))
        .filter(auction::Column::Status.is_not_in(over))
        .order_by_asc(auction::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(auction::Column::Id.gt(after.0));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(AuctionId).collect())
}

/// The number of auctions, for the next public number; until the transaction ends, no other one can
/// take it.
pub async fn count(txn: &Txn) -> Result<u64, StoreError> {
    AdvisoryLock::AuctionNumber.acquire(txn).await?;
    Ok(auction::Entity::find().count(txn).await?)
}

/// Returns `true` if a lot is in a published auction that is not over. Locks the lot: only one of
/// two auctions gets it.
pub async fn is_in_use(txn: &Txn, lot: LotId) -> Result<bool, StoreError> {
    lot::Entity::find_by_id(lot.0).lock_exclusive().one(txn).await?;
    let over = [Status::Complete, Status::Unsuccessful, Status::Cancelled].map(|s| key(&s));
    let live = auction::Entity::find()
        .filter(auction::Column::Lot.eq(lot.0))
        .filter(auction::Column::Published.eq(true))
        .filter(auction::Column::Status.is_not_in(over))
        .count(txn)
        .await?;
    Ok(live > 0)
}

/// Head of the log just after the bidding of this round was closed, in hex; of an award to the sole
/// applicant, just after applications were.
pub async fn closing_head(
    db: &impl ConnectionTrait,
    auction: &Auction,
) -> Result<Option<String>, StoreError> {
    let kind = match auction.has_sole_applicant() {
        true => "{\"tendering_closed\"",
        false => "{\"bidding_closed\"",
    };
    let row = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.eq(auction.birth.id.0))
        .filter(auction_event::Column::Event.starts_with(kind))
        .order_by_desc(auction_event::Column::Seq)
        .one(db)
        .await?;
    Ok(row.map(|row| hex::encode(row.hash)))
}

fn status(auction: &Auction) -> String {
    key(&auction.status)
}

fn key(status: &Status) -> String {
    canonical_json(status).trim_matches('"').to_owned()
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
