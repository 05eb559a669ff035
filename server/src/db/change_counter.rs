//! Counts changes per scope of the data that phones pull: every changed row gets the scope's next
//! number, in the transaction that changes it.
//!
//! # Why a counter in the transaction, and not a sequence or the time
//! Transactions commit in another order than they began. A reader that asks "what came after 7"
//! between two commits would miss the slower one for ever. A counter that is a row is locked until
//! the commit, so its numbers become visible in their order, without gaps.
//!
//! # Why only the latest change of a row
//! A phone that was away for a year needs the present state, not the history.

use super::error::StoreError;
use crate::entity::{sync_row, sync_scope};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};
use std::collections::BTreeMap;
use std::fmt;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Rows in one statement; both databases limit its parameters.
const ROWS_AT_ONCE: usize = 500;

/// A scope with a counter of its own. An auction is not one: its log is its counter, see
/// [`toruk_sync::protocol::pull`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyncScope {
    /// All published auctions' cards.
    Catalogue,
    /// All rows of one person.
    Person(PersonId),
}

impl fmt::Display for SyncScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue => f.write_str("catalogue"),
            Self::Person(person) => write!(f, "person:{person}"),
        }
    }
}

type RowKey = (&'static str, String);

/// The rows that a transaction has changed; they are counted when it commits.
#[derive(Debug, Default)]
pub struct ChangedRows(BTreeMap<SyncScope, BTreeMap<RowKey, bool>>);

impl ChangedRows {
    /// Notes that a row was changed or removed; the last call for a row counts.
    pub fn note(&mut self, scope: SyncScope, kind: &'static str, id: String, deleted: bool) {
        self.0.entry(scope).or_default().insert((kind, id), deleted);
    }

    /// The people whose phones have something new to pull.
    pub fn people(&self) -> Vec<PersonId> {
        let person = |scope: &SyncScope| match scope {
            SyncScope::Person(person) => Some(*person),
            SyncScope::Catalogue => None,
        };
        self.0.keys().filter_map(person).collect()
    }

    /// Gives every changed row its number. Called last in a transaction: from here on it locks each
    /// scope's counter, in the order of their names, against other transactions that commit to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write(&self, db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
        for chunk in self.0.iter().collect::<Vec<_>>().chunks(ROWS_AT_ONCE) {
            let heads = raise(db, chunk.iter().map(|(scope, rows)| (**scope, rows.len()))).await?;
            let mut rows = Vec::new();
            for (scope, changed) in chunk {
                let name = scope.to_string();
                let head = *heads.get(&name).ok_or(StoreError::NotFound)?;
                let first = head - count(changed.len())? + 1;
                for (seq, ((kind, id), deleted)) in (first..).zip(changed.iter()) {
                    rows.push(sync_row::ActiveModel {
                        scope: Set(name.clone()),
                        kind: Set((*kind).to_owned()),
                        id: Set(id.clone()),
                        seq: Set(seq),
                        deleted: Set(*deleted),
                        changed_at: Set(now.0),
                    });
                }
            }
            for rows in rows.chunks(ROWS_AT_ONCE) {
                insert(db, rows).await?;
            }
        }
        Ok(())
    }
}

/// Raises each counter by its amount, in the order given; returns the new values.
async fn raise(
    db: &impl ConnectionTrait,
    scopes: impl Iterator<Item = (SyncScope, usize)>,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut rows = Vec::new();
    for (scope, by) in scopes {
        rows.push(sync_scope::ActiveModel {
            scope: Set(scope.to_string()),
            head: Set(count(by)?),
            floor: Set(0),
        });
    }
    let raised = Expr::col((sync_scope::Entity, sync_scope::Column::Head))
        .add(Expr::col(("excluded", sync_scope::Column::Head)));
    let heads = sync_scope::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(sync_scope::Column::Scope)
                .value(sync_scope::Column::Head, raised)
                .to_owned(),
        )
        .exec_with_returning(db)
        .await?;
    Ok(heads.into_iter().map(|row| (row.scope, row.head)).collect())
}

async fn insert(
    db: &impl ConnectionTrait,
    rows: &[sync_row::ActiveModel],
) -> Result<(), StoreError> {
    use sync_row::Column::{ChangedAt, Deleted, Id, Kind, Scope, Seq};
    sync_row::Entity::insert_many(rows.to_vec())
        .on_conflict(
            OnConflict::columns([Scope, Kind, Id])
                .update_columns([Seq, Deleted, ChangedAt])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

fn count(count: usize) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(StoreError::damaged("sync_scope"))
}
