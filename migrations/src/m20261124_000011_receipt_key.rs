//! The public keys of the receipts' signatures.

use crate::append_only;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("receipt_key")
            .col(text("public_key").primary_key())
            .col(big_integer("since"))
            .take();
        manager.create_table(table).await?;
        append_only(manager, "receipt_key").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("receipt_key").take()).await
    }
}
