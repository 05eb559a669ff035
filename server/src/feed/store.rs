//! Rows of scopes: counters, changes and sweeps.

use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::entity::{application, auction, sync_epoch, sync_row, sync_scope};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::{Followed, FollowedSet};
use toruk_sync::protocol::limits::PULL_AUCTIONS_MAX;
use toruk_sync::protocol::pull::{Digest, kind};
use uuid::Uuid;

/// The counter of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counter {
    /// The number of the last change.
    pub head: u64,
    /// Removals up to this number are forgotten.
    pub floor: u64,
}

/// A consistent view of everything that a pull reads.
pub struct Standing {
    /// Identifies the database; changes after a restore.
    pub epoch: Uuid,
    /// The key that authenticates cookies.
    pub cookie_key: Vec<u8>,
    /// The number of the phone's next operation.
    pub next_op_no: u64,
    /// The counter of the person's own scope.
    pub person: Counter,
    /// The counter of the catalogue.
    pub catalogue: Counter,
    /// The auctions the person follows, published or not.
    pub followed: BTreeSet<AuctionId>,
}

#[derive(FromQueryResult)]
struct StandingRow {
    epoch: Uuid,
    cookie_key: Vec<u8>,
    next_op_no: i64,
    person_head: Option<i64>,
    person_floor: Option<i64>,
    catalogue_head: Option<i64>,
    catalogue_floor: Option<i64>,
    followed: Option<String>,
}

/// A changed row of a scope.
pub struct Change {
    pub kind: String,
    pub id: String,
    /// The scope's counter at this change.
    pub seq: u64,
    pub deleted: bool,
}

/// Reads the view for a person's phone in one statement, because most pulls bring nothing new.
pub async fn standing(
    db: &impl ConnectionTrait,
    person: PersonId,
    device: DeviceId,
) -> Result<Standing, StoreError> {
    const STANDING: &str = "\
        SELECT e.id AS epoch, e.cookie_key, d.next_op_no, f.state AS followed, \
            p.head AS person_head, p.floor AS person_floor, \
            c.head AS catalogue_head, c.floor AS catalogue_floor \
        FROM device d CROSS JOIN sync_epoch e \
        LEFT JOIN sync_scope p ON p.scope = $1 \
        LEFT JOIN sync_scope c ON c.scope = $2 \
        LEFT JOIN followed f ON f.person = d.person \
        WHERE d.id = $3";
    let scopes = [SyncScope::Person(person), SyncScope::Catalogue].map(|scope| scope.to_string());
    let [own, catalogue] = scopes;
    let values = [own.into(), catalogue.into(), device.0.into()];
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, STANDING, values);
    let row = StandingRow::find_by_statement(statement).one(db).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let followed: Option<Followed> = row
        .followed
        .map(|state| serde_json::from_str(&state).map_err(StoreError::damaged("followed")))
        .transpose()?;
    Ok(Standing {
        epoch: row.epoch,
        cookie_key: row.cookie_key,
        next_op_no: number(row.next_op_no)?,
        person: counter(row.person_head, row.person_floor)?,
        catalogue: counter(row.catalogue_head, row.catalogue_floor)?,
        followed: followed.map(|set| FollowedSet::from(&set).auctions()).unwrap_or_default(),
    })
}

/// The published auctions a person follows or has applied to, with the lengths of their logs;
/// beyond the limit, only the newest.
pub async fn rights(
    db: &impl ConnectionTrait,
    person: PersonId,
    followed: &BTreeSet<AuctionId>,
) -> Result<BTreeMap<AuctionId, u64>, StoreError> {
    let applied = Query::select()
        .column(application::Column::Auction)
        .from(application::Entity)
        .and_where(application::Column::Person.eq(person.0))
        .to_owned();
    let mut mine = Condition::any().add(auction::Column::Id.in_subquery(applied));
    if !followed.is_empty() {
        mine = mine.add(auction::Column::Id.is_in(followed.iter().map(|auction| auction.0)));
    }
    let rows: Vec<(Uuid, i64)> = auction::Entity::find()
        .select_only()
        .columns([auction::Column::Id, auction::Column::Seq])
        .filter(auction::Column::Published.eq(true))
        .filter(mine)
        .order_by_desc(auction::Column::Id)
        .limit(PULL_AUCTIONS_MAX as u64)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(|(id, seq)| Ok((AuctionId(id), number(seq)?))).collect()
}

/// Rows of a scope that changed after `after`, in their order, at most `limit`.
pub async fn changed(
    db: &impl ConnectionTrait,
    scope: SyncScope,
    after: u64,
    limit: u64,
) -> Result<Vec<Change>, StoreError> {
    let mut query = sync_row::Entity::find()
        .filter(sync_row::Column::Scope.eq(scope.to_string()))
        .filter(sync_row::Column::Seq.gt(i64::try_from(after).unwrap_or(i64::MAX)))
        .order_by_asc(sync_row::Column::Seq)
        .limit(limit);
    // A phone that has nothing need not hear of removals.
    if after == 0 {
        query = query.filter(sync_row::Column::Deleted.eq(false));
    }
    let change = |row: sync_row::Model| {
        Ok(Change { seq: number(row.seq)?, kind: row.kind, id: row.id, deleted: row.deleted })
    };
    query.all(db).await?.into_iter().map(change).collect()
}

/// The digest of a scope's present rows.
pub async fn digest(db: &impl ConnectionTrait, scope: SyncScope) -> Result<Digest, StoreError> {
    let rows: Vec<(String, String, i64)> = sync_row::Entity::find()
        .select_only()
        .columns([sync_row::Column::Kind, sync_row::Column::Id, sync_row::Column::Seq])
        .filter(sync_row::Column::Scope.eq(scope.to_string()))
        .filter(sync_row::Column::Deleted.eq(false))
        .into_tuple()
        .all(db)
        .await?;
    let mut digest = Digest::default();
    for (kind, id, seq) in rows {
        digest.add(&kind, &id, number(seq)?);
    }
    Ok(digest)
}

/// Makes the epoch at a database's first start; needs its advisory lock.
pub async fn begin_epoch(txn: &Txn, id: Uuid, cookie_key: [u8; 32]) -> Result<(), StoreError> {
    if sync_epoch::Entity::find().one(txn).await?.is_none() {
        let row = sync_epoch::ActiveModel { id: Set(id), cookie_key: Set(cookie_key.to_vec()) };
        row.insert(txn).await?;
    }
    Ok(())
}

/// Gives the database a new identity for phones; the key stays, so their cookies are still valid.
pub async fn renew_epoch(txn: &Txn, id: Uuid) -> Result<(), StoreError> {
    sync_epoch::Entity::update_many()
        .col_expr(sync_epoch::Column::Id, Expr::value(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Outcomes that have been shown since before `before`, with the person of each.
pub async fn old_outcomes(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<(PersonId, String)>, StoreError> {
    let rows: Vec<(String, String)> = sync_row::Entity::find()
        .select_only()
        .columns([sync_row::Column::Scope, sync_row::Column::Id])
        .filter(Expr::cust("kind = 'outcome' AND NOT deleted"))
        .filter(sync_row::Column::ChangedAt.lt(before.0))
        .order_by_asc(sync_row::Column::ChangedAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let of = |(scope, id): (String, String)| {
        let person = scope.strip_prefix("person:").and_then(|person| person.parse().ok());
        let person = person.ok_or_else(|| StoreError::damaged("sync_row")("an outcome's scope"))?;
        Ok((PersonId(person), id))
    };
    rows.into_iter().map(of).collect()
}

/// Hides an outcome from all phones of its person.
pub fn forget_outcome(txn: &Txn, person: PersonId, id: String) {
    txn.forget(SyncScope::Person(person), kind::OUTCOME, id);
}

/// Scopes with removals older than `before`, and the number of the last of those in each.
pub async fn old_removals(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = sync_row::Entity::find()
        .select_only()
        .columns([sync_row::Column::Scope, sync_row::Column::Seq])
        .filter(Expr::cust("deleted"))
        .filter(sync_row::Column::ChangedAt.lt(before.0))
        .order_by_asc(sync_row::Column::ChangedAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let mut last = BTreeMap::new();
    for (scope, seq) in rows {
        let known = last.entry(scope).or_insert(seq);
        *known = seq.max(*known);
    }
    Ok(last)
}

/// Forgets a scope's removals up to `last`. Locks the counter first: no row of the scope gets a
/// number meanwhile.
pub async fn sweep(txn: &Txn, scope: &str, last: i64) -> Result<u64, StoreError> {
    sync_scope::Entity::update_many()
        .col_expr(sync_scope::Column::Floor, Expr::value(last))
        .filter(sync_scope::Column::Scope.eq(scope))
        .filter(sync_scope::Column::Floor.lt(last))
        .exec(txn)
        .await?;
    let swept = sync_row::Entity::delete_many()
        .filter(sync_row::Column::Scope.eq(scope))
        .filter(sync_row::Column::Deleted.eq(true))
        .filter(sync_row::Column::Seq.lte(last))
        .exec(txn)
        .await?;
    Ok(swept.rows_affected)
}

fn counter(head: Option<i64>, floor: Option<i64>) -> Result<Counter, StoreError> {
    Ok(Counter { head: number(head.unwrap_or(0))?, floor: number(floor.unwrap_or(0))? })
}

fn number(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(StoreError::damaged("sync_scope"))
}
