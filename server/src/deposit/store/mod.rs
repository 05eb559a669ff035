//! Rows of deposits and attempts to pay them. Money itself is in `money`.

mod forfeits;
mod money;
mod reconciliation;
mod refunds;
mod tasks;

pub use forfeits::{
    NamedProposal, forfeit_proposals, put_forfeit_proposal, remove_forfeit_proposal, undecided,
};
pub use money::{
    Received, balances, book, credited_references, end_clock_review, first_payment_at,
    insert_payment, insert_unmatched, known_payments, received,
};
pub use reconciliation::{
    ReconciledDay, booked, hold_day, lines_of, put_day, put_lines, reconciled_day, reconciled_days,
    stated_elsewhere,
};
pub use refunds::{
    Hold, RefundRow, due_refunds, finish_refund, hold_refund, insert_refund, overdue_refunds,
    postpone_refund, refund,
};
pub use tasks::{
    closed_tasks, insert_task, open_task_count, open_tasks, task, task_of, tasks_of_day,
    update_task,
};

use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn, reach};
use crate::entity::{application, auction, deposit, payment, payment_intent};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::deposit::{Deposit, Intent, IntentStatus, Status};
use toruk_sync::domain::id::{
    ApplicationId, AuctionId, DepositId, IntentId, OrganisationId, PersonId,
};
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

/// Finds an attempt; within a transaction it is locked until that ends.
pub async fn intent(
    db: &impl ConnectionTrait,
    id: IntentId,
) -> Result<Option<IntentRow>, StoreError> {
    let row = payment_intent::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    row.map(intent_row).transpose()
}

/// The attempts to pay deposits, the newest first.
pub async fn intents_of(
    db: &impl ConnectionTrait,
    deposits: &[DepositId],
) -> Result<Vec<IntentRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in deposits.chunks(CHUNK) {
        let query = payment_intent::Entity::find()
            .filter(payment_intent::Column::Deposit.is_in(chunk.iter().map(|id| id.0)))
            .order_by_desc(payment_intent::Column::CreatedAt);
        found.extend(intents(query, db).await?);
    }
    Ok(found)
}

/// The newest attempts to pay, from `before` on; at most `limit`.
pub async fn newest_intents(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    before: Option<(Timestamp, IntentId)>,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let mut query = newest(reach, limit);
    if let Some((at, id)) = before {
        let same =
            payment_intent::Column::CreatedAt.eq(at.0).and(payment_intent::Column::Id.lt(id.0));
        query = query.filter(payment_intent::Column::CreatedAt.lt(at.0).or(same));
    }
    intents(query, db).await
}

/// The newest attempts whose payments a wrong clock has dated and nobody has looked into.
pub async fn intents_with_open_clock(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let open = payment::Entity::find()
        .select_only()
        .column(payment::Column::Intent)
        .filter(payment::Column::ClockFault.is_not_null())
        .filter(payment::Column::ClockReviewedAt.is_null())
        .into_query();
    let query = newest(reach, limit).filter(payment_intent::Column::Id.in_subquery(open));
    intents(query, db).await
}

fn newest(reach: Option<&BTreeSet<OrganisationId>>, limit: u64) -> Select<payment_intent::Entity> {
    let query = payment_intent::Entity::find()
        .order_by_desc(payment_intent::Column::CreatedAt)
        .order_by_desc(payment_intent::Column::Id)
        .limit(limit);
    let Some(reach) = reach else { return query };
    let own = deposit::Entity::find()
        .select_only()
        .column(deposit::Column::Id)
        .filter(deposit::Column::Auction.in_subquery(reach::auctions(reach)))
        .into_query();
    query.filter(payment_intent::Column::Deposit.in_subquery(own))
}

/// Attempts whose time has passed but that are not marked as expired yet.
pub async fn expired_intents(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    intents(expired(now, limit), db).await
}

/// As [`expired_intents`], locked until the transaction ends.
pub async fn hold_expired_intents(
    txn: &Txn,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    intents(expired(now, limit).lock_exclusive(), txn).await
}

/// Attempts about which the payment system is to be asked by `now`, the longest due first: whichever
/// are asked about move behind all others, so nothing waits behind those that never end.
pub async fn due_questions(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let query = payment_intent::Entity::find()
        .filter(payment_intent::Column::AskAt.lte(now.0))
        .order_by_asc(payment_intent::Column::AskAt)
        .order_by_asc(payment_intent::Column::Id)
        .limit(limit);
    intents(query, db).await
}

/// Sets the next question about these attempts; `None`: there is none.
pub async fn ask_next(
    txn: &Txn,
    attempts: &[IntentId],
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    for chunk in attempts.chunks(CHUNK) {
        payment_intent::Entity::update_many()
            .col_expr(payment_intent::Column::AskAt, Expr::value(at.map(|at| at.0)))
            .filter(payment_intent::Column::Id.is_in(chunk.iter().map(|id| id.0)))
            .exec(txn)
            .await?;
    }
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
pub async fn update_intent(txn: &Txn, intent: &Intent) -> Result<(), StoreError> {
    payment_intent::Entity::update_many()
        .col_expr(payment_intent::Column::Status, Expr::value(key(intent.status)))
        .col_expr(payment_intent::Column::State, Expr::value(text(intent, "payment_intent")?))
        .filter(payment_intent::Column::Id.eq(intent.id.0))
        .exec(txn)
        .await?;
    touch_of(txn, intent.deposit).await
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

fn expired(now: Timestamp, limit: u64) -> Select<payment_intent::Entity> {
    use IntentStatus::{CodeIssued, Created, Redirected};
    in_status([Created, CodeIssued, Redirected])
        .filter(payment_intent::Column::ExpiresAt.lte(now.0))
        .order_by_asc(payment_intent::Column::ExpiresAt)
        // Always in one order: two nodes may lock them at once.
        .order_by_asc(payment_intent::Column::Id)
        .limit(limit)
}

fn in_status<const N: usize>(status: [IntentStatus; N]) -> Select<payment_intent::Entity> {
    payment_intent::Entity::find().filter(payment_intent::Column::Status.is_in(status.map(key)))
}

async fn intents(
    query: Select<payment_intent::Entity>,
    db: &impl ConnectionTrait,
) -> Result<Vec<IntentRow>, StoreError> {
    query.all(db).await?.into_iter().map(intent_row).collect()
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
