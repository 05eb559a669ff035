//! Rows of bank transfers: references, imported statements, lines.

use super::{CHUNK, parsed, text};
use crate::db::{StoreError, Txn};
use crate::deposit::bank::{BankImport, BankLine, ImportHead};
use crate::entity::{bank_import, bank_line, transfer_reference};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Stores the reference that a payer has to write.
pub async fn insert_transfer_reference(
    txn: &Txn,
    reference: &str,
    intent: IntentId,
) -> Result<(), StoreError> {
    let row = transfer_reference::ActiveModel {
        reference: Set(reference.to_owned()),
        intent: Set(intent.0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The attempts to pay that these references name.
pub async fn transfer_intents(
    db: &impl ConnectionTrait,
    references: &[String],
) -> Result<BTreeMap<String, IntentId>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in references.chunks(CHUNK) {
        let rows = transfer_reference::Entity::find()
            .filter(transfer_reference::Column::Reference.is_in(chunk))
            .all(db)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.reference, IntentId(row.intent))));
    }
    Ok(found)
}

/// Stores a statement, or its new state.
pub async fn put_import(txn: &Txn, import: &BankImport) -> Result<(), StoreError> {
    let row = bank_import::ActiveModel {
        id: Set(import.id),
        state: Set(text(import, "bank_import")?),
        head: Set(Some(text(&import.head(), "bank_import")?)),
        created_at: Set(import.at.0),
    };
    let known = OnConflict::column(bank_import::Column::Id)
        .update_columns([bank_import::Column::State, bank_import::Column::Head])
        .to_owned();
    bank_import::Entity::insert(row).on_conflict(known).exec_without_returning(txn).await?;
    Ok(())
}

/// A statement; within a transaction it is locked until that ends.
pub async fn import(db: &impl ConnectionTrait, id: Uuid) -> Result<BankImport, StoreError> {
    let row = bank_import::Entity::find_by_id(id).lock_exclusive().one(db).await?;
    parsed(&row.ok_or(StoreError::NotFound)?.state, "bank_import")
}

/// The newest statements, without their lines.
pub async fn imports(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<ImportHead>, StoreError> {
    let rows: Vec<(Uuid, Option<String>)> = bank_import::Entity::find()
        .select_only()
        .columns([bank_import::Column::Id, bank_import::Column::Head])
        .order_by_desc(bank_import::Column::CreatedAt)
        .order_by_desc(bank_import::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let mut heads = Vec::with_capacity(rows.len());
    for (id, head) in rows {
        heads.push(match head {
            Some(head) => parsed(&head, "bank_import")?,
            None => import(db, id).await?.head(),
        });
    }
    Ok(heads)
}

/// Those of these lines that were booked already.
pub async fn booked_lines(
    db: &impl ConnectionTrait,
    identities: &[String],
) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    for chunk in identities.chunks(CHUNK) {
        let some: Vec<String> = bank_line::Entity::find()
            .select_only()
            .column(bank_line::Column::Identity)
            .filter(bank_line::Column::Identity.is_in(chunk))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(some);
    }
    Ok(found)
}

/// Marks a line as booked; `false` if it was already.
pub async fn book_line(
    txn: &Txn,
    import: Uuid,
    line: &BankLine,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = bank_line::ActiveModel {
        identity: Set(line.identity.clone()),
        import: Set(import),
        state: Set(text(line, "bank_line")?),
        created_at: Set(now.0),
    };
    let known = OnConflict::column(bank_line::Column::Identity).do_nothing().to_owned();
    let rows = bank_line::Entity::insert(row).on_conflict(known).exec_without_returning(txn);
    Ok(rows.await? > 0)
}
