//! The audit trail of people's and the system's acts.

use crate::append_only;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        audit_event(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["audit_event"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn audit_event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit_event")
        .col(big_integer("seq").primary_key())
        .col(big_integer("at"))
        .col(uuid_null("actor"))
        .col(text("role"))
        .col(text("action"))
        .col(text("object"))
        .col(text("detail"))
        .col(binary("hash"))
        .take();
    manager.create_table(table).await?;
    let index =
        Index::create().name("audit_event_object").table("audit_event").col("object").take();
    manager.create_index(index).await?;
    append_only(manager, "audit_event").await?;
    Ok(())
}
