//! Examines a database: whether the ledger, the states that were made of it, and the logs hold.
//!
//! Everything is computed again from the rows, without the code that wrote them, in one snapshot of
//! the database. Nothing is repaired: what is wrong is named, for people to look at.

mod findings;
mod ledger;
mod logs;
mod states;

pub use self::findings::{Damage, Damaged, Examination};
use crate::db::{Db, StoreError};

/// Examines everything.
///
/// # Errors
/// [`StoreError`] if the database can't be read.
pub async fn examine(db: &Db) -> Result<Examination, StoreError> {
    let snapshot = db.snapshot().await?;
    let mut found = Examination::default();
    let books = ledger::Books::load(&snapshot, &mut found).await?;
    books.examine(&mut found);
    states::examine(&snapshot, &books, &mut found).await?;
    logs::auctions(&snapshot, &mut found).await?;
    logs::audit_trail(&snapshot, &mut found).await?;
    Ok(found)
}
