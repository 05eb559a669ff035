//! Rows of notices of bids on SQLite, in statements that stay prepared.

use super::super::notice::{GroupNotice, PersonNotice};
use super::{KIND, body, groups, key};
use crate::db::StoreError;
use crate::db::ledger::LedgerTxn;
use rusqlite::params;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// As [`super::insert_all`], of one notice.
pub fn insert(
    txn: &LedgerTxn<'_>,
    (id, push): (Uuid, Uuid),
    notice: &PersonNotice,
    at: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO notification (id, person, kind, auction, seq, expires_at, \
        created_at, delivered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)";
    txn.statement(SQL)?.execute(params![
        id.as_bytes(),
        notice.person.0.as_bytes(),
        key(notice.kind)?,
        notice.auction.0.as_bytes(),
        i64::try_from(notice.seq).map_err(StoreError::damaged("notification"))?,
        notice.expires_at.0,
        at.0,
    ])?;
    insert_row(txn, push, KIND, &body(id, None)?, at)
}

/// As [`groups::insert`].
pub fn insert_group(
    txn: &LedgerTxn<'_>,
    id: Uuid,
    notice: &GroupNotice,
    at: Timestamp,
) -> Result<(), StoreError> {
    insert_row(txn, id, groups::KIND, &groups::first_body(*notice)?, at)
}

fn insert_row(
    txn: &LedgerTxn<'_>,
    id: Uuid,
    kind: &str,
    body: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO outbox (id, kind, body, attempts, next_at, done_at, failure, \
        created_at) VALUES (?1, ?2, ?3, 0, ?4, NULL, NULL, ?4)";
    txn.statement(SQL)?.execute(params![id.as_bytes(), kind, body, at.0])?;
    Ok(())
}
