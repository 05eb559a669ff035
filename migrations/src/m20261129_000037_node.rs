//! The nodes that take bids, and the times in which bids could not be decided.

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let node = Table::create()
            .table("node")
            .col(uuid("id").primary_key())
            .col(big_integer("beats"))
            .col(big_integer("alive_at"))
            .col(big_integer("decided_to"))
            .take();
        manager.create_table(node).await?;
        // What the service's last heartbeat was stays known across the upgrade.
        let nil = match manager.get_database_backend() {
            DbBackend::Sqlite => "X'00000000000000000000000000000000'",
            _ => "'00000000-0000-0000-0000-000000000000'",
        };
        let last =
            format!("INSERT INTO node (id, beats, alive_at, decided_to) SELECT {nil}, {REST}");
        manager.get_connection().execute_unprepared(&last).await?;
        manager.drop_table(Table::drop().table("heartbeat").take()).await?;
        let outage = Table::create()
            .table("outage")
            .col(uuid("id").primary_key())
            .col(big_integer("since"))
            .col(big_integer("until"))
            .col(uuid_null("auction"))
            .col(boolean("is_partial"))
            .take();
        manager.create_table(outage).await?;
        let index = Index::create().name("outage_until").table("outage").col("until").take();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["outage", "node"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        let heartbeat = Table::create()
            .table("heartbeat")
            .col(string("service").primary_key())
            .col(big_integer_null("alive_at"))
            .take();
        manager.create_table(heartbeat).await?;
        let row = "INSERT INTO heartbeat (service, alive_at) VALUES ('bids', NULL)";
        manager.get_connection().execute_unprepared(row).await?;
        Ok(())
    }
}

/// Of a node that has decided everything.
const REST: &str = "1, alive_at, 9223372036854775807 FROM heartbeat WHERE alive_at IS NOT NULL";
