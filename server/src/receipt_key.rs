//! Ensures that all nodes on one database sign receipts with the same key.
//!
//! # Why
//! Phones store the operator's key when they sign in. A node with a data folder of its own would
//! make a key of its own, and nobody could verify its receipts; so such a node does not start.

use crate::db::Db;
use crate::db::advisory_lock::AdvisoryLock;
use crate::entity::receipt_key;
use anyhow::{bail, ensure};
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
        let host = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
        let named = known.iter().find(|known| same_key(&known.public_key, &public_key));
        if let Some(other) = named.filter(|known| known.public_key != public_key) {
            bail!(
                "--public-origin names {}, but the receipts of this database are signed for {}; \
                 give --public-origin https://{}",
                host(&public_key),
                host(&other.public_key),
                host(&other.public_key)
            );
        }
        ensure!(
            named.is_some(),
            "receipt.key in the data folder is not the key this database's receipts are signed \
             with; nodes on one database share a data folder"
        );
    }
    Ok(db.commit(txn).await?)
}

/// Returns `true` if two texts of verifying keys differ in their name at most. The id depends on
/// the name, so the key itself counts.
fn same_key(one: &str, other: &str) -> bool {
    let bytes = |text: &str| text.splitn(3, '+').nth(2).map(str::to_owned);
    bytes(one).is_some() && bytes(one) == bytes(other)
}
