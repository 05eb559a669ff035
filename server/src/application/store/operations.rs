//! Rows of the operation log: arrivals, decisions and acknowledgements.

use super::json::{parsed, text};
use super::kept;
use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::entity::person;
use crate::entity::{device, intake_journal, op_receipt};
use sea_orm::sea_query::{CaseStatement, Expr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::operations::{Outcome, Verdict};
use toruk_sync::protocol::pull::{OutcomeView, kind};
use uuid::Uuid;

/// Rows in one statement: databases limit its parameters.
const ROWS_AT_ONCE: usize = 500;

/// The number of the phone's next operation. Locks the person and the phone until the transaction
/// ends: two phones of one person change the same drafts and applications.
pub async fn next_op_no(txn: &Txn, person: PersonId, device: DeviceId) -> Result<u64, StoreError> {
    let (people, devices) = (BTreeSet::from([person]), BTreeSet::from([device]));
    let next = next_op_nos(txn, &people, &devices).await?;
    next.get(&device).copied().ok_or(StoreError::NotFound)
}

/// The numbers of these phones' next operations; a phone that does not exist has none. Locks the
/// people and the phones until the transaction ends.
pub async fn next_op_nos(
    txn: &Txn,
    people: &BTreeSet<PersonId>,
    devices: &BTreeSet<DeviceId>,
) -> Result<BTreeMap<DeviceId, u64>, StoreError> {
    person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
        .order_by_asc(person::Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .all(txn)
        .await?;
    let rows: Vec<(Uuid, i64)> = device::Entity::find()
        .select_only()
        .columns([device::Column::Id, device::Column::NextOpNo])
        .filter(device::Column::Id.is_in(devices.iter().map(|device| device.0)))
        .order_by_asc(device::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(txn)
        .await?;
    let next = |(device, next)| {
        let next = u64::try_from(next).map_err(StoreError::damaged("device"))?;
        Ok((DeviceId(device), next))
    };
    rows.into_iter().map(next).collect()
}

/// Stores the numbers of phones' next operations.
pub async fn set_next_op_nos(
    txn: &Txn,
    next: impl IntoIterator<Item = (DeviceId, u64)>,
) -> Result<(), StoreError> {
    let (mut value, mut devices) = (CaseStatement::new(), Vec::new());
    for (device, next) in next {
        value = value.case(device::Column::Id.eq(device.0), number(next)?);
        devices.push(device.0);
    }
    if devices.is_empty() {
        return Ok(());
    }
    let value = value.finally(Expr::col(device::Column::NextOpNo));
    device::Entity::update_many()
        .col_expr(device::Column::NextOpNo, value.into())
        .filter(device::Column::Id.is_in(devices))
        .exec(txn)
        .await?;
    Ok(())
}

/// A phone's operation as the journal keeps it: by its hash, not by its content.
pub struct Arrival {
    pub device: DeviceId,
    pub op_no: u64,
    /// The whole operation in canonical JSON, as rows from before the hash have it.
    pub raw: String,
}

impl Arrival {
    /// A row's length does not depend on the content's.
    fn hash(&self) -> String {
        format!("sha256:{}", hex::encode(Sha256::digest(&self.raw)))
    }
}

/// The moment when an operation of exactly this content was first received, if it was.
pub async fn journaled(txn: &Txn, arrival: &Arrival) -> Result<Option<Timestamp>, StoreError> {
    let row = intake_journal::Entity::find()
        .filter(intake_journal::Column::Device.eq(arrival.device.0))
        .filter(intake_journal::Column::OpNo.eq(number(arrival.op_no)?))
        .filter(intake_journal::Column::Raw.is_in([arrival.hash(), arrival.raw.clone()]))
        .order_by_asc(intake_journal::Column::ReceivedAt)
        .one(txn)
        .await?;
    Ok(row.map(|row| Timestamp(row.received_at)))
}

/// Records the arrival of an operation.
pub async fn journal(
    txn: &Txn,
    id: Uuid,
    arrival: &Arrival,
    received_at: Timestamp,
) -> Result<(), StoreError> {
    let row = intake_journal::ActiveModel {
        id: Set(id),
        device: Set(arrival.device.0),
        op_no: Set(number(arrival.op_no)?),
        received_at: Set(received_at.0),
        raw: Set(arrival.hash()),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The number of a person's operations, on all their phones, that were received after `since` and
/// decided.
pub async fn decided_since(
    db: &impl ConnectionTrait,
    person: PersonId,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let counts = decided_since_by(db, &BTreeSet::from([person]), since).await?;
    Ok(counts.get(&person).copied().unwrap_or_default())
}

/// As [`decided_since`], for several people; who has none is left out.
pub async fn decided_since_by(
    db: &impl ConnectionTrait,
    people: &BTreeSet<PersonId>,
    since: Timestamp,
) -> Result<BTreeMap<PersonId, u64>, StoreError> {
    let phone = op_receipt::Entity::belongs_to(device::Entity)
        .from(op_receipt::Column::Device)
        .to(device::Column::Id)
        .into();
    let rows: Vec<(Uuid, i64)> = op_receipt::Entity::find()
        .select_only()
        .column(device::Column::Person)
        .column_as(op_receipt::Column::OpNo.count(), "decided")
        .join(JoinType::InnerJoin, phone)
        .filter(device::Column::Person.is_in(people.iter().map(|person| person.0)))
        .filter(op_receipt::Column::ReceivedAt.gt(since.0))
        .group_by(device::Column::Person)
        .into_tuple()
        .all(db)
        .await?;
    let count = |(person, count)| (PersonId(person), u64::try_from(count).unwrap_or_default());
    Ok(rows.into_iter().map(count).collect())
}

/// The hash and outcome of a decided operation. A merge's outcome is without what was merged.
pub async fn outcome(
    txn: &Txn,
    device: DeviceId,
    op_no: u64,
) -> Result<Option<(String, Outcome)>, StoreError> {
    Ok(decided(txn, device, &[op_no]).await?.remove(&op_no))
}

/// The hashes and outcomes of those of these operations that were decided, by their numbers.
pub async fn decided(
    txn: &Txn,
    device: DeviceId,
    op_nos: &[u64],
) -> Result<BTreeMap<u64, (String, Outcome)>, StoreError> {
    // A number that no row can have is of no operation.
    let named: Vec<_> = op_nos.iter().filter_map(|op_no| i64::try_from(*op_no).ok()).collect();
    let rows = op_receipt::Entity::find()
        .filter(op_receipt::Column::Device.eq(device.0))
        .filter(op_receipt::Column::OpNo.is_in(named))
        .all(txn)
        .await?;
    let decided = |row: op_receipt::Model| {
        let outcome: Outcome = parsed(&row.outcome, "op_receipt")?;
        Ok((outcome.op_no, (row.hash, outcome)))
    };
    rows.into_iter().map(decided).collect()
}

/// An operation and its outcome.
pub struct DecidedOperation {
    pub person: PersonId,
    /// SHA-256 of the operation.
    pub hash: String,
    pub received_at: Timestamp,
    /// The outcome, with the operation's kind.
    pub outcome: OutcomeView,
}

/// Stores operations' outcomes; all phones of their people pull those with something to see.
pub async fn decide(txn: &Txn, decided: &[DecidedOperation]) -> Result<(), StoreError> {
    let row = |DecidedOperation { hash, received_at, outcome: view, .. }: &DecidedOperation| {
        Ok(op_receipt::ActiveModel {
            device: Set(view.device.0),
            op_no: Set(number(view.outcome.op_no)?),
            hash: Set(hash.clone()),
            received_at: Set(received_at.0),
            outcome: Set(text(&kept::referring(&view.outcome), "op_receipt")?),
            auction: Set(view.auction.map(|auction| auction.0)),
            operation: Set(view.operation.clone()),
            acked_at: Set(None),
        })
    };
    for some in decided.chunks(ROWS_AT_ONCE) {
        let rows: Vec<_> = some.iter().map(row).collect::<Result<_, StoreError>>()?;
        op_receipt::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    for DecidedOperation { person, outcome: view, .. } in decided {
        if is_shown(&view.operation, &view.outcome.verdict) {
            let id = outcome_id(view.device, view.outcome.op_no);
            txn.touch(SyncScope::Person(*person), kind::OUTCOME, id);
        }
    }
    Ok(())
}

/// Returns `true` if a person has to hear of an outcome: always for commands, for merges only when
/// refused.
fn is_shown(operation: &str, verdict: &Verdict) -> bool {
    let merges = matches!(operation, "edit_draft" | "edit_followed");
    !merges || matches!(verdict, Verdict::Refused(_))
}

fn outcome_id(device: DeviceId, op_no: u64) -> String {
    format!("{device}:{op_no}")
}

/// Decided operations of a phone that it has not acknowledged yet.
pub async fn unacked(
    db: &impl ConnectionTrait,
    device: DeviceId,
    op_nos: &[u64],
) -> Result<Vec<u64>, StoreError> {
    // A number that no row can have is of no operation.
    let op_nos: Vec<_> = op_nos.iter().filter_map(|op_no| i64::try_from(*op_no).ok()).collect();
    let rows: Vec<i64> = op_receipt::Entity::find()
        .select_only()
        .column(op_receipt::Column::OpNo)
        .filter(op_receipt::Column::Device.eq(device.0))
        .filter(op_receipt::Column::OpNo.is_in(op_nos))
        .filter(op_receipt::Column::AckedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|no| u64::try_from(no).map_err(StoreError::damaged("op_receipt")))
        .collect()
}

/// Records that a person has seen outcomes of one of their phones; they are not shown any more.
pub async fn ack(
    txn: &Txn,
    person: PersonId,
    device: DeviceId,
    op_nos: &[u64],
    now: Timestamp,
) -> Result<(), StoreError> {
    for op_no in op_nos {
        let Some(row) =
            op_receipt::Entity::find_by_id((device.0, number(*op_no)?)).one(txn).await?
        else {
            continue;
        };
        let outcome: Outcome = parsed(&row.outcome, "op_receipt")?;
        if is_shown(&row.operation, &outcome.verdict) {
            txn.forget(SyncScope::Person(person), kind::OUTCOME, outcome_id(device, *op_no));
        }
    }
    let op_nos: Vec<i64> = op_nos.iter().map(|op_no| number(*op_no)).collect::<Result<_, _>>()?;
    op_receipt::Entity::update_many()
        .col_expr(op_receipt::Column::AckedAt, Expr::value(now.0))
        .filter(op_receipt::Column::Device.eq(device.0))
        .filter(op_receipt::Column::OpNo.is_in(op_nos))
        .filter(op_receipt::Column::AckedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Outcomes of a person's phones, by their ids as rows.
pub async fn outcomes(
    db: &impl ConnectionTrait,
    person: PersonId,
    ids: &[String],
) -> Result<BTreeMap<String, OutcomeView>, StoreError> {
    let mut named = Condition::any();
    for (device, op_no) in ids.iter().filter_map(|id| id.split_once(':')) {
        let (Ok(device), Ok(op_no)) = (device.parse::<Uuid>(), op_no.parse::<i64>()) else {
            continue;
        };
        let one = Condition::all()
            .add(op_receipt::Column::Device.eq(device))
            .add(op_receipt::Column::OpNo.eq(op_no));
        named = named.add(one);
    }
    if named.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = op_receipt::Entity::find()
        .filter(op_receipt::Column::Device.in_subquery(phones_of(person)))
        .filter(named)
        .all(db)
        .await?;
    let view = |row: op_receipt::Model| {
        let outcome: Outcome = parsed(&row.outcome, "op_receipt")?;
        let device = DeviceId(row.device);
        let (id, auction) = (outcome_id(device, outcome.op_no), row.auction.map(AuctionId));
        Ok((id, OutcomeView { device, auction, operation: row.operation, outcome }))
    };
    rows.into_iter().map(view).collect()
}

/// Shortens the long outcomes of operations received before `before`, at most `limit` of them, the
/// oldest first. Returns how many.
pub async fn shorten(txn: &Txn, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
    let rows = op_receipt::Entity::find()
        .filter(Expr::cust(kept::IS_LONG))
        .filter(op_receipt::Column::ReceivedAt.lt(before.0))
        .order_by_asc(op_receipt::Column::ReceivedAt)
        .limit(limit)
        .all(txn)
        .await?;
    let count = rows.len() as u64;
    for row in rows {
        let outcome: Outcome = parsed(&row.outcome, "op_receipt")?;
        let short = text(&kept::without_names(&outcome), "op_receipt")?;
        op_receipt::Entity::update_many()
            .col_expr(op_receipt::Column::Outcome, Expr::value(short))
            .filter(op_receipt::Column::Device.eq(row.device))
            .filter(op_receipt::Column::OpNo.eq(row.op_no))
            .exec(txn)
            .await?;
    }
    Ok(count)
}

/// A person's phones, revoked ones too.
fn phones_of(person: PersonId) -> SelectStatement {
    Query::select()
        .column(device::Column::Id)
        .from(device::Entity)
        .and_where(device::Column::Person.eq(person.0))
        .to_owned()
}

fn number(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(StoreError::damaged("op_receipt"))
}
