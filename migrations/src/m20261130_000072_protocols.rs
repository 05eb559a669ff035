//! Auctions whose official protocol has still to be made.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = Table::create()
            .table("protocol_due")
            .col(uuid("auction").primary_key())
            .col(big_integer("since"))
            .take();
        manager.create_table(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("protocol_due").take()).await
    }
}
