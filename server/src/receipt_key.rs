//! Ensures that all nodes on one database sign receipts with the same key.
//!
//! # Why
//! Phones store the operator's key when they sign in. A node with a data folder of its own would
//! make a key of its own, and nobody could verify its receipts; so such a node does not start.

use crate::db::Db;
use crate::db::advisory_lock::AdvisoryLock;
use crate::entity::receipt_key;
use anyhow::ensure;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::VerifierKey;

/// Registers the first key, and checks that any later one is the same. To sign with another key, an
/// operator adds it to the table first.
///
/// # Errors
/// If the database does not know this key, or fails.
pub async fn agree(db: &Db, key: &VerifierKey, now: Timestamp) -> anyhow::Result<()> {
    let public_key = key.to_string();
    let txn = db.begin().await?;
    AdvisoryLock::ReceiptKey.acquire(&txn).await?;
    let known = receipt_key::Entity::find().all(&txn).await?;
    if known.is_empty() {
        let row =
            receipt_key::ActiveModel { public_key: Set(public_key.clone()), since: Set(now.0) };
        row.insert(&txn).await?;
    } else {
        ensure!(
            known.iter().any(|known| known.public_key == public_key),
            "receipt.key in the data folder is not the key this database's receipts are signed \
             with; nodes on one database share a data folder"
        );
    }
    Ok(db.commit(txn).await?)
}
