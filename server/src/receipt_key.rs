//! Ensures that all nodes on one database sign receipts with the same key.
//!
//! # Why
//! Phones store the operator's key when they sign in. A node with a data folder of its own would
//! make a key of its own, and nobody could verify its receipts; so such a node does not start. A key
//! that replaces a known one is registered by the node that holds both.

use crate::db::Db;
use crate::db::advisory_lock::AdvisoryLock;
use crate::entity::receipt_key::{ActiveModel, Column, Entity};
use anyhow::{bail, ensure};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, QueryOrder as _};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Signer;

/// Most former keys that are kept in use for verifying what they have signed.
const FORMER_MAX: usize = 16;

/// Registers the first key, and one that replaces a known one; any other must be known. Returns the
/// other known keys, the newest first: those that signed before.
///
/// # Errors
/// If the database does not know this key, or fails.
pub async fn agree(db: &Db, signer: &Signer, now: Timestamp) -> anyhow::Result<Vec<String>> {
    let public_key = signer.verifier().to_string();
    let former = signer.former_verifier().map(ToString::to_string);
    let txn = db.begin().await?;
    AdvisoryLock::ReceiptKey.acquire(&txn).await?;
    let known = Entity::find().order_by_desc(Column::Since).all(&txn).await?;
    let mut known: Vec<String> = known.into_iter().map(|row| row.public_key).collect();
    if !known.contains(&public_key) {
        if let Some(other) = known.iter().find(|known| same_key(known, &public_key)) {
            let host = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
            bail!(
                "--public-origin names {}, but the receipts of this database are signed for {}; \
                 give --public-origin https://{}",
                host(&public_key),
                host(other),
                host(other)
            );
        }
        ensure!(
            known.is_empty() || former.is_some_and(|former| known.contains(&former)),
            "receipt.key in the data folder is not the key this database's receipts are signed \
             with; nodes on one database share a data folder"
        );
        let row = ActiveModel { public_key: Set(public_key.clone()), since: Set(now.0) };
        row.insert(&txn).await?;
    }
    db.commit(txn).await?;
    known.retain(|key| *key != public_key);
    known.truncate(FORMER_MAX);
    Ok(known)
}

/// Returns `true` if two texts of verifying keys differ in their name at most. The id depends on
/// the name, so the key itself counts.
fn same_key(one: &str, other: &str) -> bool {
    let bytes = |text: &str| text.splitn(3, '+').nth(2).map(str::to_owned);
    bytes(one).is_some() && bytes(one) == bytes(other)
}
