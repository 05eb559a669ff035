//! What phones pull is counted per scope: every change of a row takes the scope's next number, in
//! the transaction that makes the change.
//!
//! # Why a counter in the transaction, and not a sequence or the time
//! Transactions commit in another order than they began. Whoever asks "what came after 7" between
//! two commits would miss the slower one for ever. A counter that is a row is held until the commit,
//! so its numbers become visible in their order, without gaps.
//!
//! # Why only the latest change of a row
//! A phone that was away for a year wants what is, not what was.

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

/// What is counted by itself. An auction is not among them: its log is its counter, see
/// [`toruk_sync::protocol::pull`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyncScope {
    /// All published auctions' cards.
    Catalogue,
    /// What belongs to one person.
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

/// What a transaction has changed, to be counted when it commits.
#[derive(Debug, Default)]
pub struct ChangedRows(BTreeMap<SyncScope, BTreeMap<RowKey, bool>>);

impl ChangedRows {
    /// A row was changed, or removed; what is said last counts.
    pub fn note(&mut self, scope: SyncScope, kind: &'static str, id: String, deleted: bool) {
        self.0.entry(scope).or_default().insert((kind, id), deleted);
    }

    /// Whose phones have something new to pull.
    pub fn people(&self) -> Vec<PersonId> {
        let person = |scope: &SyncScope| match scope {
            SyncScope::Person(person) => Some(*person),
            SyncScope::Catalogue => None,
        };
        self.0.keys().filter_map(person).collect()
    }

    /// Gives every changed row its number. To be done last in a transaction: from here on each
    /// scope's counter is held, in the order of their names, by whoever else commits to it too.
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

/// Raises counters, each by so much, in the order given; what they are then.
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
