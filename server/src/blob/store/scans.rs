//! Rows of files that wait for the scanner.

use super::columns::{of, scan_name};
use crate::blob::upload::Scan;
use crate::db::{Db, StoreError};
use crate::entity::blob;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Claims the file that is due at `now`, so that no other node takes it before `until`. Returns it
/// with the number of its claims, this one included.
pub async fn claim_scan(
    db: &Db,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<(PersonId, String, u32)>, StoreError> {
    // A read outside of the one writer: most often nothing is due.
    let due = blob::Entity::find()
        .filter(blob::Column::Scan.eq(scan_name(Scan::Waiting)))
        .filter(blob::Column::ScanAfter.lte(now.0))
        .order_by_asc(blob::Column::ScanAfter)
        .one(db.read())
        .await?;
    let Some(due) = due else { return Ok(None) };
    let attempts = due.scan_attempts + 1;
    let txn = db.begin().await?;
    let claimed = blob::Entity::update_many()
        .col_expr(blob::Column::ScanAfter, Expr::value(until.0))
        .col_expr(blob::Column::ScanAttempts, Expr::value(attempts))
        .filter(of(PersonId(due.person), &due.sha256))
        .filter(blob::Column::Scan.eq(scan_name(Scan::Waiting)))
        .filter(blob::Column::ScanAfter.eq(due.scan_after))
        .exec(&txn)
        .await?;
    db.commit(txn).await?;
    let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
    let is_ours = claimed.rows_affected == 1;
    Ok(is_ours.then_some((PersonId(due.person), due.sha256, attempts)))
}

/// Records a scan without a verdict, and the moment of the next one.
pub async fn postpone_scan(
    db: &Db,
    person: PersonId,
    sha256: &str,
    next: Timestamp,
) -> Result<(), StoreError> {
    set(db, person, sha256, &[(blob::Column::ScanAfter, Expr::value(next.0))]).await
}

/// Marks a file as clean.
pub async fn set_clean(db: &Db, person: PersonId, sha256: &str) -> Result<(), StoreError> {
    let clean = Expr::value(scan_name(Scan::Clean));
    set(db, person, sha256, &[(blob::Column::Scan, clean)]).await
}

/// Marks a file as infected; its row stays until `until`.
pub async fn set_infected(
    db: &Db,
    person: PersonId,
    sha256: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let changes = [
        (blob::Column::Scan, Expr::value(scan_name(Scan::Infected))),
        (blob::Column::Stored, Expr::value(false)),
        (blob::Column::ReceivedBytes, Expr::value(0_i64)),
        (blob::Column::ExpiresAt, Expr::value(until.0)),
    ];
    set(db, person, sha256, &changes).await
}

/// Releases all waiting files: there is no scanner any more.
pub async fn give_up_waiting(db: &Db) -> Result<u64, StoreError> {
    let txn = db.begin().await?;
    let released = blob::Entity::update_many()
        .col_expr(blob::Column::Scan, Expr::value(scan_name(Scan::Unscanned)))
        .filter(blob::Column::Scan.eq(scan_name(Scan::Waiting)))
        .exec(&txn)
        .await?;
    db.commit(txn).await?;
    Ok(released.rows_affected)
}

/// Changes a file that still waits; one that was swept meanwhile is left alone.
async fn set(
    db: &Db,
    person: PersonId,
    sha256: &str,
    changes: &[(blob::Column, SimpleExpr)],
) -> Result<(), StoreError> {
    let txn = db.begin().await?;
    let mut update = blob::Entity::update_many();
    for (column, value) in changes {
        update = update.col_expr(*column, value.clone());
    }
    update
        .filter(of(person, sha256))
        .filter(blob::Column::Scan.eq(scan_name(Scan::Waiting)))
        .exec(&txn)
        .await?;
    db.commit(txn).await
}
