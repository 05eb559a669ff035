//! The history of Toruk's database. A merged migration is never edited; changes expand, then
//! contract.
//!
//! Times are Unix microseconds in BIGINT on both databases: text times sort wrongly on SQLite, and
//! a database's default time is not the injected clock's.

mod m20261123_000001_identity;
mod m20261123_000002_catalogue;
mod m20261123_000003_auction;
mod m20261123_000004_application;
mod m20261123_000005_deposit;
mod m20261123_000006_outbox;
mod m20261123_000007_audit;
mod m20261123_000008_proposal;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

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
        ]
    }
}

/// Lets rows of `table` be inserted, but never changed or removed, whoever asks.
///
/// # Why triggers
/// A PostgreSQL rule with `DO INSTEAD NOTHING` would swallow the attempt silently; a trigger that
/// raises tells whoever tried.
async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statements = match manager.get_database_backend() {
        DbBackend::Postgres => vec![
            format!(
                "CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
            ),
            format!(
                "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
            ),
        ],
        _ => ["UPDATE", "DELETE"]
            .map(|verb| {
                format!(
                    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} \
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            })
            .to_vec(),
    };
    for statement in statements {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
