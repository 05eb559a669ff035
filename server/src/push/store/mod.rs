//! Rows of notifications and of the outbox's pushes.

pub mod groups;
pub mod lane;
pub mod ledger;
pub mod subject;

use super::notice::PersonNotice;
use crate::db::{StoreError, Txn};
use crate::entity::{credential, device, notification, outbox, session};
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The outbox's `kind` of pushes.
const KIND: &str = "push";

/// The body of a push's outbox row.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct PushBody {
    notification: Uuid,
    /// The phones that remain; absent before the first attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    devices: Option<Vec<DeviceId>>,
}

/// A push that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// Id of its outbox row.
    pub id: Uuid,
    pub notification: Uuid,
    /// The phones that remain; `None` before the first attempt.
    pub devices: Option<Vec<DeviceId>>,
    /// Number of attempts, this one included.
    pub attempts: i64,
}

/// A phone with a push token.
#[derive(Debug, Clone)]
pub struct Phone {
    pub device: DeviceId,
    /// The registration token of the push gateway.
    pub token: String,
}

/// The outcome of an attempt for its outbox row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The push is finished.
    Done {
        /// The reason why it was not sent, or not to all phones.
        failure: Option<String>,
    },
    /// The push is tried again.
    Retry {
        at: Timestamp,
        /// The phones that remain; `None` means all phones of that time.
        devices: Option<Vec<DeviceId>>,
        failure: String,
    },
    /// These phones' gateway was not asked; that is no attempt.
    Held { until: Timestamp, devices: Vec<DeviceId> },
}

/// Inserts notifications and their pushes, each with the ids of both, to be sent at `at`.
pub async fn insert_all(
    txn: &Txn,
    notices: &[(Uuid, Uuid, PersonNotice)],
    at: Timestamp,
) -> Result<(), StoreError> {
    let (mut notifications, mut pushes) = (Vec::new(), Vec::new());
    for (id, push, notice) in notices {
        notifications.push(notification::ActiveModel {
            id: Set(*id),
            person: Set(notice.person.0),
            kind: Set(key(notice.kind)?),
            auction: Set(notice.auction.0),
            seq: Set(i64::try_from(notice.seq).map_err(StoreError::damaged("notification"))?),
            expires_at: Set(notice.expires_at.0),
            created_at: Set(at.0),
            delivered_at: Set(None),
        });
        pushes.push(row(*push, KIND, body(*id, None)?, at));
    }
    notification::Entity::insert_many(notifications).exec_without_returning(txn).await?;
    outbox::Entity::insert_many(pushes).exec_without_returning(txn).await?;
    Ok(())
}

/// A row that is due at `at`.
fn row(id: Uuid, kind: &str, body: String, at: Timestamp) -> outbox::ActiveModel {
    outbox::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        body: Set(body),
        attempts: Set(0),
        next_at: Set(at.0),
        done_at: Set(None),
        failure: Set(None),
        created_at: Set(at.0),
    }
}

/// Removes rows that were finished before `before`; returns how many.
pub async fn sweep(txn: &Txn, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
    let old: Vec<Uuid> = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Id)
        .filter(outbox::Column::DoneAt.lt(before.0))
        .limit(limit)
        .into_tuple()
        .all(txn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let of_old = outbox::Column::Id.is_in(old);
    Ok(outbox::Entity::delete_many().filter(of_old).exec(txn).await?.rows_affected)
}

/// Removes notices that expired before `before`; returns how many.
pub async fn sweep_notices(txn: &Txn, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
    let old: Vec<Uuid> = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(notification::Column::ExpiresAt.lt(before.0))
        .limit(limit)
        .into_tuple()
        .all(txn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let of_old = notification::Column::Id.is_in(old);
    Ok(notification::Entity::delete_many().filter(of_old).exec(txn).await?.rows_affected)
}

/// A kind's key in the database: the same as on the wire.
fn key(kind: NoticeKind) -> Result<String, StoreError> {
    match serde_json::to_value(kind) {
        Ok(Value::String(key)) => Ok(key),
        _ => Err(StoreError::damaged("notification")("a kind without a name")),
    }
}

fn from_key(key: &str) -> Result<NoticeKind, StoreError> {
    serde_json::from_value(key.into()).map_err(StoreError::damaged("notification"))
}

fn body(notification: Uuid, devices: Option<Vec<DeviceId>>) -> Result<String, StoreError> {
    serde_json::to_string(&PushBody { notification, devices })
        .map_err(StoreError::damaged("outbox"))
}

/// Returns `true` if any push is due.
pub async fn has_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, StoreError> {
    let due = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(KIND))
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::NextAt.lte(now.0));
    Ok(due.one(db).await?.is_some())
}

/// Claims the due pushes, the oldest first: until `until` no other node gets them, and if the
/// attempt does not end by then, they are due again.
pub async fn claim(
    txn: &Txn,
    now: Timestamp,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<Due>, StoreError> {
    let rows = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(KIND))
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::NextAt.lte(now.0))
        .order_by_asc(outbox::Column::NextAt)
        .order_by_asc(outbox::Column::CreatedAt)
        .order_by_asc(outbox::Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(txn)
        .await?;
    outbox::Entity::update_many()
        .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1))
        .col_expr(outbox::Column::NextAt, Expr::value(until.0))
        .filter(outbox::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(txn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let body: PushBody =
                serde_json::from_str(&row.body).map_err(StoreError::damaged("outbox"))?;
            let PushBody { notification, devices } = body;
            Ok(Due { id: row.id, notification, devices, attempts: row.attempts + 1 })
        })
        .collect()
}

/// The content of a notification.
pub async fn notice(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<PersonNotice>, StoreError> {
    let found = notification::Entity::find_by_id(id).one(db).await?;
    found
        .map(|row| {
            Ok(PersonNotice {
                person: PersonId(row.person),
                kind: from_key(&row.kind)?,
                auction: AuctionId(row.auction),
                seq: u64::try_from(row.seq).map_err(StoreError::damaged("notification"))?,
                expires_at: Timestamp(row.expires_at),
            })
        })
        .transpose()
}

/// Returns `true` if a notification of the same kind was enqueued for a later state.
pub async fn is_overtaken(
    db: &impl ConnectionTrait,
    notice: &PersonNotice,
) -> Result<bool, StoreError> {
    let seq = i64::try_from(notice.seq).map_err(StoreError::damaged("notification"))?;
    let newer = notification::Entity::find()
        .filter(notification::Column::Person.eq(notice.person.0))
        .filter(notification::Column::Auction.eq(notice.auction.0))
        .filter(notification::Column::Kind.eq(key(notice.kind)?))
        .filter(notification::Column::Seq.gt(seq));
    Ok(newer.one(db).await?.is_some())
}

/// Returns `true` if the key is left that a notice is about: a passkey by which the account was
/// recovered at its moment, a phone that was added then, or one that such a passkey signed in, which
/// may bid although the passkey has ended.
pub async fn has_key_since(
    db: &impl ConnectionTrait,
    notice: &PersonNotice,
) -> Result<bool, StoreError> {
    let at = i64::try_from(notice.seq).map_err(StoreError::damaged("notification"))?;
    let passkey = credential::Entity::find()
        .filter(credential::Column::Person.eq(notice.person.0))
        .filter(credential::Column::RecoveredAt.eq(at))
        .filter(credential::Column::RevokedAt.is_null());
    let phone = device::Entity::find()
        .filter(device::Column::Person.eq(notice.person.0))
        .filter(device::Column::CreatedAt.eq(at))
        .filter(device::Column::RevokedAt.is_null());
    let active = Query::select()
        .column(device::Column::Id)
        .from(device::Entity)
        .and_where(device::Column::Person.eq(notice.person.0))
        .and_where(device::Column::RevokedAt.is_null())
        .to_owned();
    let session = session::Entity::find()
        .filter(session::Column::Person.eq(notice.person.0))
        .filter(session::Column::RecoveredAt.eq(at))
        .filter(session::Column::Device.in_subquery(active));
    Ok(passkey.one(db).await?.is_some()
        || phone.one(db).await?.is_some()
        || session.one(db).await?.is_some())
}

/// A person's phones that have a push token and are signed in.
pub async fn phones(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Phone>, StoreError> {
    let signed_in = Query::select()
        .column(session::Column::Device)
        .from(session::Entity)
        .and_where(session::Column::Person.eq(person.0))
        .and_where(session::Column::Device.is_not_null())
        .and_where(session::Column::ExpiresAt.gt(now.0))
        .to_owned();
    let rows = device::Entity::find()
        .filter(device::Column::Id.in_subquery(signed_in))
        .filter(device::Column::Person.eq(person.0))
        .filter(device::Column::RevokedAt.is_null())
        .filter(device::Column::PushToken.is_not_null())
        .order_by_asc(device::Column::CreatedAt)
        .order_by_asc(device::Column::Id)
        .all(db)
        .await?;
    let phone =
        |row: device::Model| row.push_token.map(|token| Phone { device: DeviceId(row.id), token });
    Ok(rows.into_iter().filter_map(phone).collect())
}

/// Forgets a token that belongs to no phone any more, at every account that has it. A phone that
/// has a new one already keeps that.
pub async fn forget_token(txn: &Txn, token: &str) -> Result<(), StoreError> {
    device::Entity::update_many()
        .col_expr(device::Column::PushToken, Expr::value(None::<String>))
        .filter(device::Column::PushToken.eq(token))
        .exec(txn)
        .await?;
    Ok(())
}

/// Records that a push gateway accepted a notification.
pub async fn mark_delivered(txn: &Txn, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
    notification::Entity::update_many()
        .col_expr(notification::Column::DeliveredAt, Expr::value(now.0))
        .filter(notification::Column::Id.eq(id))
        .filter(notification::Column::DeliveredAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Stores the outcome of an attempt.
pub async fn settle(
    txn: &Txn,
    due: &Due,
    next: AttemptOutcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut row = outbox::ActiveModel { id: Set(due.id), ..Default::default() };
    match next {
        AttemptOutcome::Done { failure } => {
            row.done_at = Set(Some(now.0));
            row.failure = Set(failure);
        }
        AttemptOutcome::Retry { at, devices, failure } => {
            row.next_at = Set(at.0);
            row.body = Set(body(due.notification, devices)?);
            row.failure = Set(Some(failure));
        }
        AttemptOutcome::Held { until, devices } => {
            row.next_at = Set(until.0);
            row.attempts = Set(due.attempts - 1);
            row.body = Set(body(due.notification, Some(devices))?);
            row.failure = Set(Some("the sender is stopped".to_owned()));
        }
    }
    row.update(txn).await?;
    Ok(())
}
