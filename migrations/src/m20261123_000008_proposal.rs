//! Proposals that wait for a second person, and the heartbeats of services.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        proposal(manager).await?;
        heartbeat(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["heartbeat", "proposal"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn proposal(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("proposal")
        .col(uuid("id").primary_key())
        .col(uuid("auction"))
        .col(text("status"))
        .col(text("content"))
        .col(big_integer("created_at"))
        .col(uuid_null("decided_by"))
        .col(big_integer_null("decided_at"))
        .foreign_key(ForeignKey::create().from("proposal", "auction").to("auction", "id"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("proposal_auction")
        .table("proposal")
        .col("auction")
        .col("status")
        .take();
    manager.create_index(index).await
}

/// One row for each service, present from the beginning: nodes only ever update it.
async fn heartbeat(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("heartbeat")
        .col(string("service").primary_key())
        .col(big_integer_null("alive_at"))
        .take();
    manager.create_table(table).await?;
    let row = "INSERT INTO heartbeat (service, alive_at) VALUES ('bids', NULL)";
    manager.get_connection().execute_unprepared(row).await?;
    Ok(())
}
