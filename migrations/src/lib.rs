//! The history of Toruk's database, as one [`Migrator`] for SQLite and PostgreSQL.
//!
//! [`up`] is called by a server at its start, and by `toruk-migrations up` from the command line;
//! [`pending`] lists missing migrations without changing anything; [`roles`] creates the roles of
//! PostgreSQL and their rights. A merged migration is never edited, which `tests/released.rs` holds
//! by their hashes; changes expand, then contract.
//!
//! Times are Unix microseconds in BIGINT on both databases: text times sort wrongly on SQLite, and
//! a database's default time is not the injected clock's. Logs are append-only by trigger on both
//! databases, and by privilege on PostgreSQL as well.

mod append_only;
mod m20261123_000001_identity;
mod m20261123_000002_catalogue;
mod m20261123_000003_auction;
mod m20261123_000004_application;
mod m20261123_000005_deposit;
mod m20261123_000006_outbox;
mod m20261123_000007_audit;
mod m20261123_000008_proposal;
mod m20261124_000011_receipt_key;
mod m20261124_000012_sync;
mod m20261125_000021_blob_scan;
mod m20261129_000032_people;
mod m20261129_000034_keys_and_outcomes;
mod m20261129_000037_node;
mod m20261129_000038_notice_index;
mod m20261129_000040_next_question;
mod m20261129_000042_payment_clock;
mod m20261129_000050_person;
mod m20261129_000056_keys;
mod m20261129_000058_acts;
mod m20261129_000060_forfeits;
mod m20261130_000064_evidence;
mod m20261130_000066_catalogue;
mod m20261130_000068_forfeit_id;
mod m20261130_000070_evidence_lists;
mod m20261130_000070_reconciliation;
mod m20261130_000071_transfers;
mod m20261130_000072_protocols;
mod m20261130_000073_import_head;
mod m20261130_000074_rules;
mod m20261130_000076_phone_names;
mod m20261130_000077_retired;
mod m20261130_000080_catalogue_cards;
pub mod roles;

use append_only::append_only;
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait,
};
use std::collections::BTreeSet;

/// All migrations, the oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_identity::Migration),
            Box::new(m20261123_000002_catalogue::Migration),
            Box::new(m20261123_000003_auction::Migration),
            Box::new(m20261123_000004_application::Migration),
            Box::new(m20261123_000005_deposit::Migration),
            Box::new(m20261123_000006_outbox::Migration),
            Box::new(m20261123_000007_audit::Migration),
            Box::new(m20261123_000008_proposal::Migration),
            Box::new(m20261124_000011_receipt_key::Migration),
            Box::new(m20261124_000012_sync::Migration),
            Box::new(m20261125_000021_blob_scan::Migration),
            Box::new(m20261129_000032_people::Migration),
            Box::new(m20261129_000034_keys_and_outcomes::Migration),
            Box::new(m20261129_000037_node::Migration),
            Box::new(m20261129_000038_notice_index::Migration),
            Box::new(m20261129_000040_next_question::Migration),
            Box::new(m20261129_000042_payment_clock::Migration),
            Box::new(m20261129_000050_person::Migration),
            Box::new(m20261129_000056_keys::Migration),
            Box::new(m20261129_000058_acts::Migration),
            Box::new(m20261129_000060_forfeits::Migration),
            Box::new(m20261130_000064_evidence::Migration),
            Box::new(m20261130_000066_catalogue::Migration),
            Box::new(m20261130_000068_forfeit_id::Migration),
            Box::new(m20261130_000070_evidence_lists::Migration),
            Box::new(m20261130_000070_reconciliation::Migration),
            Box::new(m20261130_000071_transfers::Migration),
            Box::new(m20261130_000072_protocols::Migration),
            Box::new(m20261130_000073_import_head::Migration),
            Box::new(m20261130_000074_rules::Migration),
            Box::new(m20261130_000076_phone_names::Migration),
            Box::new(m20261130_000077_retired::Migration),
            Box::new(m20261130_000080_catalogue_cards::Migration),
        ]
    }
}

/// Two nodes that start at once migrate one after the other.
const MIGRATING: &str = "SELECT pg_advisory_xact_lock(1953461621, 0)";

/// The missing migrations, the oldest first; nothing is written.
///
/// # Errors
/// [`DbErr`].
pub async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let mut known = BTreeSet::new();
    if SchemaManager::new(connection).has_table("seaql_migrations").await? {
        let versions = "SELECT version FROM seaql_migrations";
        let backend = connection.get_database_backend();
        let rows = connection.query_all_raw(Statement::from_string(backend, versions)).await?;
        for row in rows {
            known.insert(row.try_get::<String>("", "version")?);
        }
    }
    let all = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
    Ok(all.filter(|name| !known.contains(name)).collect())
}

/// Applies the missing migrations, all or nothing on PostgreSQL. A login that may not change
/// tables, such as a member of [`roles::APP`], only checks that none is missing.
///
/// # Errors
/// [`DbErr`], also if a migration is missing and the login may not apply it.
pub async fn up(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let missing = pending(connection).await?;
    if missing.is_empty() {
        return Ok(());
    }
    if connection.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(connection, None).await;
    }
    let may = "SELECT has_schema_privilege('public', 'CREATE') AS may";
    let may = Statement::from_string(DbBackend::Postgres, may);
    let row = connection.query_one_raw(may).await?;
    if !row.map(|row| row.try_get::<bool>("", "may")).transpose()?.unwrap_or_default() {
        let missing = missing.join(", ");
        return Err(DbErr::Migration(format!(
            "the database lacks {missing}; its owner must run `toruk-migrations up`"
        )));
    }
    let txn = connection.begin().await?;
    txn.execute_unprepared(MIGRATING).await?;
    Migrator::up(&txn, None).await?;
    roles::renew(&txn).await?;
    txn.commit().await
}
