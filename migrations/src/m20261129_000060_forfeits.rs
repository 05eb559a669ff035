//! Opinions on guarantees that may be kept, which wait for an official of the other office.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("forfeit_proposal")
            .col(uuid("deposit").primary_key())
            .col(text("content"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("forfeit_proposal").take()).await
    }
}
