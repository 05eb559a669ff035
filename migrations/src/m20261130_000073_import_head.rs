//! The head of each imported bank statement, for their list, beside all of the statement's lines.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let head = Table::alter().table("bank_import").add_column(text_null("head")).take();
        manager.alter_table(head).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let head = Table::alter().table("bank_import").drop_column("head").take();
        manager.alter_table(head).await
    }
}
