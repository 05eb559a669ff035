//! Rows of deposits and attempts to pay them. Money itself is in `money`.

mod attempts;
mod forfeits;
mod money;
mod reconciliation;
mod refunds;
mod tasks;
mod transfers;

pub use attempts::{
    ask_next, due_questions, expired_intents, hold_expired_intents, intent, intents_of,
    intents_with_open_clock, newest_intents,
};
pub use forfeits::{
    NamedProposal, forfeit_proposals, put_forfeit_proposal, remove_forfeit_proposal, undecided,
};
pub use money::{
    Received, attach_payment, balances, book, credited_references, end_clock_review,
    first_payment_at, insert_payment, insert_unmatched, known_payments, received,
    unmatched_payment,
};
pub use reconciliation::{
    booked, hold_day, lines_of, put_day, put_lines, reconciled_day, reconciled_days,
    remove_lines_from, stated_elsewhere,
};
pub use refunds::{
    Hold, RefundRow, due_refunds, finish_refund, hold_refund, insert_refund, overdue_refunds,
    postpone_refund, refund,
};
pub use tasks::{
    closed_tasks, insert_task, open_task_count, open_tasks, task, task_of, tasks_of_day,
    update_task,
};
pub use transfers::{
    book_line, booked_lines, import, imports, insert_transfer_reference, put_import,
    transfer_intents,
};

use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::entity::{application, auction, deposit, payment_intent};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::{Deposit, Intent, Status};
use toruk_sync::domain::id::{ApplicationId, AuctionId, DepositId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::pull::kind;
use uuid::Uuid;

/// Ids in one statement; both databases limit its parameters.
const CHUNK: usize = 500;

/// A deposit with its auction and person.
pub struct DepositRow {
    pub deposit: Deposit,
    pub auction: AuctionId,
    pub person: PersonId,
}

/// An attempt to pay, with its person.
pub struct IntentRow {
    pub intent: Intent,
    pub person: PersonId,
    /// The start of the attempt.
    pub created_at: Timestamp,
    /// The next question about it, if there is anything left to ask.
    pub ask_at: Option<Timestamp>,
}

/// Finds a deposit and locks it until the transaction ends.
pub async fn deposit(txn: &Txn, id: DepositId) -> Result<DepositRow, StoreError> {
    let row = deposit::Entity::find_by_id(id.0).lock_exclusive().one(txn).await?;
    deposit_row(row.ok_or(StoreError::NotFound)?)
}

/// Deposits by their ids.
pub async fn deposits(
    db: &impl ConnectionTrait,
    ids: &[DepositId],
) -> Result<Vec<DepositRow>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query =
            deposit::Entity::find().filter(deposit::Column::Id.is_in(chunk.iter().copied()));
        for row in query.all(db).await? {
            found.push(deposit_row(row)?);
        }
    }
    Ok(found)
}

/// Deposits of these applications.
pub async fn deposits_of(
    db: &impl ConnectionTrait,
    applications: &[ApplicationId],
) -> Result<Vec<DepositRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in applications.chunks(CHUNK) {
        let query = deposit::Entity::find()
            .filter(deposit::Column::Application.is_in(chunk.iter().map(|id| id.0)));
        for row in query.all(db).await? {
            found.push(deposit_row(row)?);
        }
    }
    Ok(found)
}

/// An auction's deposits, locked until the transaction ends.
pub async fn deposits_in(txn: &Txn, auction: AuctionId) -> Result<Vec<DepositRow>, StoreError> {
    let rows = deposit::Entity::find()
        .filter(deposit::Column::Auction.eq(auction.0))
        .order_by_asc(deposit::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    rows.into_iter().map(deposit_row).collect()
}

/// Paid deposits whose application has ended, or was replaced by another, after `after` in the order
/// of ids.
pub async fn paid_of_ended(
    db: &impl ConnectionTrait,
    after: Option<DepositId>,
    limit: u64,
) -> Result<Vec<DepositId>, StoreError> {
    use ApplicationStatus::{Admitted, Eligible, NeedsReconfirm, Reserve, Signed, Won};
    let going_on = [NeedsReconfirm, Signed, Admitted, Eligible, Reserve, Won].map(key);
    let applications = Query::select()
        .column(application::Column::Id)
        .from(application::Entity)
        .and_where(application::Column::Status.is_in(going_on))
        .to_owned();
    let mut query = deposit::Entity::find()
        .select_only()
        .column(deposit::Column::Id)
        .filter(deposit::Column::Status.eq(key(Status::Paid)))
        .filter(deposit::Column::Application.not_in_subquery(applications))
        .order_by_asc(deposit::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(deposit::Column::Id.gt(after.0));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(DepositId).collect())
}

/// Inserts a new deposit.
pub async fn insert_deposit(txn: &Txn, row: &DepositRow, now: Timestamp) -> Result<(), StoreError> {
    let model = deposit::ActiveModel {
        id: Set(row.deposit.id.0),
        application: Set(row.deposit.application.0),
        auction: Set(row.auction.0),
        person: Set(row.person.0),
        status: Set(key(row.deposit.status)),
        state: Set(text(&row.deposit, "deposit")?),
        updated_at: Set(now.0),
    };
    model.insert(txn).await?;
    touch(txn, row.person, row.auction);
    Ok(())
}

/// Makes a person's phones pull their application again: its deposit is a part of it.
fn touch(txn: &Txn, person: PersonId, auction: AuctionId) {
    txn.touch(SyncScope::Person(person), kind::APPLICATION, auction);
}

/// Stores the state of a deposit.
pub async fn update_deposit(txn: &Txn, row: &DepositRow, now: Timestamp) -> Result<(), StoreError> {
    let deposit = &row.deposit;
    touch(txn, row.person, row.auction);
    deposit::Entity::update_many()
        .col_expr(deposit::Column::Status, Expr::value(key(deposit.status)))
        .col_expr(deposit::Column::State, Expr::value(text(deposit, "deposit")?))
        .col_expr(deposit::Column::UpdatedAt, Expr::value(now.0))
        .filter(deposit::Column::Id.eq(deposit.id.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Inserts a new attempt.
pub async fn insert_intent(txn: &Txn, row: &IntentRow) -> Result<(), StoreError> {
    let model = payment_intent::ActiveModel {
        id: Set(row.intent.id.0),
        deposit: Set(row.intent.deposit.0),
        person: Set(row.person.0),
        state: Set(text(&row.intent, "payment_intent")?),
        status: Set(key(row.intent.status)),
        created_at: Set(row.created_at.0),
        expires_at: Set(row.intent.expires_at.0),
        ask_at: Set(row.ask_at.map(|at| at.0)),
    };
    model.insert(txn).await?;
    touch_of(txn, row.intent.deposit).await
}

/// Makes the phones of a deposit's person pull it again.
async fn touch_of(txn: &Txn, deposit: DepositId) -> Result<(), StoreError> {
    let of: Option<(Uuid, Uuid)> = deposit::Entity::find_by_id(deposit.0)
        .select_only()
        .columns([deposit::Column::Person, deposit::Column::Auction])
        .into_tuple()
        .one(txn)
        .await?;
    if let Some((person, auction)) = of {
        touch(txn, PersonId(person), AuctionId(auction));
    }
    Ok(())
}

/// Stores the state of an attempt.
pub async fn update_intent(txn: &Txn, attempt: &Intent) -> Result<(), StoreError> {
    payment_intent::Entity::update_many()
        .col_expr(payment_intent::Column::Status, Expr::value(key(attempt.status)))
        .col_expr(payment_intent::Column::State, Expr::value(text(attempt, "payment_intent")?))
        .filter(payment_intent::Column::Id.eq(attempt.id.0))
        .exec(txn)
        .await?;
    touch_of(txn, attempt.deposit).await
}

/// The public number of an auction.
pub async fn auction_number(
    db: &impl ConnectionTrait,
    id: AuctionId,
) -> Result<String, StoreError> {
    let number: Option<String> = auction::Entity::find_by_id(id.0)
        .select_only()
        .column(auction::Column::Number)
        .into_tuple()
        .one(db)
        .await?;
    number.ok_or(StoreError::NotFound)
}

fn deposit_row(row: deposit::Model) -> Result<DepositRow, StoreError> {
    Ok(DepositRow {
        deposit: parsed(&row.state, "deposit")?,
        auction: AuctionId(row.auction),
        person: PersonId(row.person),
    })
}

fn intent_row(row: payment_intent::Model) -> Result<IntentRow, StoreError> {
    Ok(IntentRow {
        intent: parsed(&row.state, "payment_intent")?,
        person: PersonId(row.person),
        created_at: Timestamp(row.created_at),
        ask_at: row.ask_at.map(Timestamp),
    })
}

fn key<T: Serialize>(value: T) -> String {
    let key = serde_json::to_value(value).ok();
    key.as_ref().and_then(|key| key.as_str()).unwrap_or_default().to_owned()
}

fn text<T: Serialize>(value: &T, table: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::damaged(table))
}

fn parsed<T: DeserializeOwned>(text: &str, table: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged(table))
}
