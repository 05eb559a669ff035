//! Bank transfers: the references that are given to payers, imported statements and their lines.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let references = Table::create()
            .table("transfer_reference")
            .col(text("reference").primary_key())
            .col(uuid("intent"))
            .take();
        manager.create_table(references).await?;
        let imports = Table::create()
            .table("bank_import")
            .col(uuid("id").primary_key())
            .col(text("state"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(imports).await?;
        let lines = Table::create()
            .table("bank_line")
            .col(text("identity").primary_key())
            .col(uuid("import"))
            .col(text("state"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(lines).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["bank_line", "bank_import", "transfer_reference"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
