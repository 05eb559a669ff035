//! Rows of files and their uploads.

use self::columns::{of, scan_name, scan_of};
use super::upload::{Scan, View, Whole};
use crate::db::{Db, StoreError, Txn};
use crate::entity::blob;
use crate::entity::person;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

mod columns;
mod scans;

pub use scans::{claim_scan, give_up_waiting, postpone_scan, set_clean, set_infected};

/// `expires_at` of a file that an application refers to.
const NEVER: i64 = i64::MAX;

/// A file as the database knows it.
pub struct StoredBlob {
    pub view: View,
    /// The announced media type.
    pub mime: String,
}

/// Finds a person's file.
pub async fn find(
    db: &impl ConnectionTrait,
    person: PersonId,
    sha256: &str,
) -> Result<Option<StoredBlob>, StoreError> {
    let row = blob::Entity::find_by_id((person.0, sha256.to_owned())).one(db).await?;
    let known = |row: blob::Model| {
        let view = View {
            size_bytes: unsigned(row.size_bytes)?,
            offset: unsigned(row.received_bytes)?,
            stored: row.stored,
            scan: scan_of(&row.scan)?,
            expires_at: (row.expires_at != NEVER).then_some(Timestamp(row.expires_at)),
            sha256: row.sha256,
        };
        Ok(StoredBlob { view, mime: row.mime })
    };
    row.map(known).transpose()
}

/// Locks a person until the transaction ends: the files that count against their limits are counted
/// one request at a time.
pub async fn hold_person(txn: &Txn, person: PersonId) -> Result<(), StoreError> {
    person::Entity::find_by_id(person.0).lock_exclusive().one(txn).await?;
    Ok(())
}

/// Lengths of a person's files that no application refers to and that use space.
pub async fn pending(txn: &Txn, person: PersonId) -> Result<Vec<u64>, StoreError> {
    let sizes: Vec<(i64, String)> = blob::Entity::find()
        .select_only()
        .column(blob::Column::SizeBytes)
        .column(blob::Column::Scan)
        .filter(blob::Column::Person.eq(person.0))
        .filter(blob::Column::ExpiresAt.lt(NEVER))
        .into_tuple()
        .all(txn)
        .await?;
    let infected = scan_name(Scan::Infected);
    let room = |(size, scan): (i64, String)| unsigned(if scan == infected { 0 } else { size });
    sizes.into_iter().map(room).collect()
}

/// The bytes of all people's files that no application refers to, as announced.
pub async fn pending_of_all(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    // A sum of BIGINT is NUMERIC on PostgreSQL.
    let sum = Expr::col(blob::Column::SizeBytes).sum().cast_as("bigint");
    let bytes: Option<Option<i64>> = blob::Entity::find()
        .select_only()
        .column_as(sum, "bytes")
        .filter(blob::Column::ExpiresAt.lt(NEVER))
        .filter(blob::Column::Scan.ne(scan_name(Scan::Infected)))
        .into_tuple()
        .one(db)
        .await?;
    unsigned(bytes.flatten().unwrap_or_default())
}

/// Inserts the row of an announced file.
pub async fn insert(
    txn: &Txn,
    person: PersonId,
    view: &View,
    mime: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = blob::ActiveModel {
        person: Set(person.0),
        sha256: Set(view.sha256.clone()),
        size_bytes: Set(signed(view.size_bytes)?),
        mime: Set(mime.to_owned()),
        received_bytes: Set(0),
        stored: Set(false),
        created_at: Set(now.0),
        expires_at: Set(expires_at.0),
        scan: Set(scan_name(Scan::Arriving).to_owned()),
        scan_after: Set(0),
        scan_attempts: Set(0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Stores the number of bytes of a file on disk.
pub async fn set_offset(
    db: &Db,
    person: PersonId,
    sha256: &str,
    offset: u64,
) -> Result<(), StoreError> {
    let txn = db.begin().await?;
    blob::Entity::update_many()
        .col_expr(blob::Column::ReceivedBytes, Expr::value(signed(offset)?))
        .filter(of(person, sha256))
        .exec(&txn)
        .await?;
    db.commit(txn).await
}

/// Marks a file as complete since `at`, with its scan state.
pub async fn set_whole(
    db: &Db,
    person: PersonId,
    view: &View,
    at: Timestamp,
) -> Result<(), StoreError> {
    let txn = db.begin().await?;
    blob::Entity::update_many()
        .col_expr(blob::Column::ReceivedBytes, Expr::value(signed(view.size_bytes)?))
        .col_expr(blob::Column::Stored, Expr::value(true))
        .col_expr(blob::Column::CreatedAt, Expr::value(at.0))
        .col_expr(blob::Column::ExpiresAt, Expr::value(view.expires_at.map_or(NEVER, |at| at.0)))
        .col_expr(blob::Column::Scan, Expr::value(scan_name(view.scan)))
        .col_expr(blob::Column::ScanAfter, Expr::value(at.0))
        .filter(of(person, &view.sha256))
        .exec(&txn)
        .await?;
    db.commit(txn).await
}

/// Extends the life of a file that no application refers to.
pub async fn renew(
    txn: &Txn,
    person: PersonId,
    sha256: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    blob::Entity::update_many()
        .col_expr(blob::Column::ExpiresAt, Expr::value(expires_at.0))
        .filter(of(person, sha256))
        .filter(blob::Column::ExpiresAt.lt(NEVER))
        .exec(txn)
        .await?;
    Ok(())
}

/// Selects the complete or infected ones of the named files, and locks them until the transaction
/// ends: a file that an application is about to refer to must not be swept meanwhile.
pub async fn whole(
    txn: &Txn,
    person: PersonId,
    sha256: &[String],
) -> Result<BTreeMap<String, Whole>, StoreError> {
    let rows = blob::Entity::find()
        .filter(blob::Column::Person.eq(person.0))
        .filter(blob::Column::Sha256.is_in(sha256))
        .filter(blob::Column::Scan.ne(scan_name(Scan::Arriving)))
        .order_by_asc(blob::Column::Sha256)
        .lock_exclusive()
        .all(txn)
        .await?;
    let whole = |row: blob::Model| {
        let (size_bytes, scan) = (unsigned(row.size_bytes)?, scan_of(&row.scan)?);
        let whole = Whole { scan, size_bytes, mime: row.mime, at: Timestamp(row.created_at) };
        Ok((row.sha256, whole))
    };
    rows.into_iter().map(whole).collect()
}

/// Keeps files for ever.
pub async fn keep(txn: &Txn, person: PersonId, sha256: &[String]) -> Result<(), StoreError> {
    blob::Entity::update_many()
        .col_expr(blob::Column::ExpiresAt, Expr::value(NEVER))
        .filter(blob::Column::Person.eq(person.0))
        .filter(blob::Column::Sha256.is_in(sha256))
        .exec(txn)
        .await?;
    Ok(())
}

/// A page of files whose time has passed.
pub async fn expired(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(PersonId, String)>, StoreError> {
    let rows = blob::Entity::find()
        .filter(blob::Column::ExpiresAt.lte(now.0))
        .order_by_asc(blob::Column::ExpiresAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row.sha256)).collect())
}

/// Removes the row of a file that no application refers to; with `now`, only if it has expired.
/// Returns `true` if it did.
pub async fn remove_unreferenced(
    db: &Db,
    person: PersonId,
    sha256: &str,
    now: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let until = now.map_or(NEVER - 1, |now| now.0);
    let txn = db.begin().await?;
    let removed = blob::Entity::delete_many()
        .filter(of(person, sha256))
        .filter(blob::Column::ExpiresAt.lte(until))
        .exec(&txn)
        .await?;
    db.commit(txn).await?;
    Ok(removed.rows_affected > 0)
}

/// Removes the rows of all files of an account; returns their hashes.
pub async fn remove_all(txn: &Txn, person: PersonId) -> Result<Vec<String>, StoreError> {
    let mine = blob::Column::Person.eq(person.0);
    let rows = blob::Entity::find().filter(mine.clone()).all(txn).await?;
    blob::Entity::delete_many().filter(mine).exec(txn).await?;
    Ok(rows.into_iter().map(|row| row.sha256).collect())
}

fn unsigned(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(StoreError::damaged("blob"))
}

fn signed(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(StoreError::damaged("blob"))
}
