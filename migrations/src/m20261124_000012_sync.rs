//! Data for pulls: scopes with their counters, the latest change of each row, followed auctions.

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let epoch = Table::create()
            .table("sync_epoch")
            .col(uuid("id").primary_key())
            .col(binary("cookie_key"))
            .take();
        let scope = Table::create()
            .table("sync_scope")
            .col(text("scope").primary_key())
            .col(big_integer("head"))
            .col(big_integer("floor"))
            .take();
        let row = Table::create()
            .table("sync_row")
            .col(text("scope"))
            .col(text("kind"))
            .col(text("id"))
            .col(big_integer("seq"))
            .col(boolean("deleted"))
            .col(big_integer("changed_at"))
            .primary_key(Index::create().col("scope").col("kind").col("id"))
            .take();
        let followed = Table::create()
            .table("followed")
            .col(uuid("person").primary_key())
            .col(text("state"))
            .take();
        for table in [epoch, scope, row, followed] {
            manager.create_table(table).await?;
        }
        for statement in [
            "CREATE UNIQUE INDEX sync_row_seq ON sync_row (scope, seq)",
            // Rows that are swept after their time; the index finds them without reading the
            // others.
            "CREATE INDEX sync_row_removed ON sync_row (changed_at) WHERE deleted",
            "CREATE INDEX sync_row_outcome ON sync_row (changed_at) \
             WHERE kind = 'outcome' AND NOT deleted",
            "CREATE INDEX application_of ON application (person, auction)",
            "ALTER TABLE op_receipt ADD COLUMN auction uuid",
            "ALTER TABLE op_receipt ADD COLUMN operation text NOT NULL DEFAULT ''",
            "ALTER TABLE op_receipt ADD COLUMN acked_at bigint",
        ] {
            let statement = match manager.get_database_backend() {
                // The type that the schema's helpers use there.
                DbBackend::Sqlite => statement.replace("auction uuid", "auction uuid_text"),
                _ => statement.to_owned(),
            };
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["acked_at", "operation", "auction"] {
            let statement = format!("ALTER TABLE op_receipt DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        manager.get_connection().execute_unprepared("DROP INDEX application_of").await?;
        for table in ["followed", "sync_row", "sync_scope", "sync_epoch"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
