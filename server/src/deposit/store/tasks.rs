//! Rows of money that waits for a person.

use super::{parsed, text};
use crate::db::{StoreError, Txn};
use crate::entity::money_task;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::money_task::MoneyTask;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

const CLOSED: &str = "closed";

/// Finds a task and locks it until the transaction ends.
pub async fn task(txn: &Txn, id: Uuid) -> Result<MoneyTask, StoreError> {
    let row = money_task::Entity::find_by_id(id).lock_exclusive().one(txn).await?;
    parsed(&row.ok_or(StoreError::NotFound)?.state, "money_task")
}

/// The task of a cause, locked until the transaction ends.
pub async fn task_of(txn: &Txn, key: &str) -> Result<Option<MoneyTask>, StoreError> {
    let found = money_task::Entity::find()
        .filter(money_task::Column::Key.eq(key))
        .lock_exclusive()
        .one(txn)
        .await?;
    found.map(|row| parsed(&row.state, "money_task")).transpose()
}

/// Inserts a new task under the key of its cause.
pub async fn insert_task(
    txn: &Txn,
    key: &str,
    day: Option<BusinessDay>,
    task: &MoneyTask,
) -> Result<(), StoreError> {
    let row = money_task::ActiveModel {
        id: Set(task.id),
        key: Set(key.to_owned()),
        kind: Set(task.cause.key().to_owned()),
        status: Set(task.status().to_owned()),
        day: Set(day.map(|day| day.to_string())),
        state: Set(text(task, "money_task")?),
        created_at: Set(task.at.0),
        updated_at: Set(task.at.0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Stores the state of a task.
pub async fn update_task(txn: &Txn, task: &MoneyTask, now: Timestamp) -> Result<(), StoreError> {
    let row = money_task::ActiveModel {
        id: Set(task.id),
        status: Set(task.status().to_owned()),
        state: Set(text(task, "money_task")?),
        updated_at: Set(now.0),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// Tasks that are not closed, the oldest first.
pub async fn open_tasks(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<MoneyTask>, StoreError> {
    let rows = money_task::Entity::find()
        .filter(money_task::Column::Status.ne(CLOSED))
        .order_by_asc(money_task::Column::CreatedAt)
        .order_by_asc(money_task::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "money_task")).collect()
}

/// The number of tasks that are not closed.
pub async fn open_task_count(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let open = money_task::Entity::find().filter(money_task::Column::Status.ne(CLOSED));
    Ok(open.count(db).await?)
}

/// The tasks that were closed last, the newest first.
pub async fn closed_tasks(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<MoneyTask>, StoreError> {
    let rows = money_task::Entity::find()
        .filter(money_task::Column::Status.eq(CLOSED))
        .order_by_desc(money_task::Column::UpdatedAt)
        .order_by_desc(money_task::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "money_task")).collect()
}

/// The tasks that a day's reconciliation found, closed ones too.
pub async fn tasks_of_day(
    db: &impl ConnectionTrait,
    day: BusinessDay,
    limit: u64,
) -> Result<Vec<MoneyTask>, StoreError> {
    let rows = money_task::Entity::find()
        .filter(money_task::Column::Day.eq(day.to_string()))
        .order_by_asc(money_task::Column::Key)
        .limit(limit)
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "money_task")).collect()
}
