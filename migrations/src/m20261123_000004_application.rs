//! Drafts, files, applications and what phones delivered.

use crate::append_only;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        draft(manager).await?;
        blob(manager).await?;
        application(manager).await?;
        op_receipt(manager).await?;
        intake_journal(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["intake_journal", "op_receipt", "application", "blob", "draft"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn draft(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("draft")
        .col(uuid("id").primary_key())
        .col(uuid("person"))
        .col(uuid("auction"))
        .col(text("state"))
        .col(boolean("closed"))
        .col(big_integer("updated_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("draft_person").table("draft").col("person").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn blob(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("blob")
        .col(uuid("person"))
        .col(text("sha256"))
        .col(big_integer("size_bytes"))
        .col(text("mime"))
        .col(big_integer("received_bytes"))
        .col(boolean("stored"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .primary_key(Index::create().col("person").col("sha256"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn application(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("application")
        .col(uuid("id").primary_key())
        .col(uuid("auction"))
        .col(uuid("person"))
        .col(uuid("device"))
        .col(text("status"))
        .col(text("state"))
        .col(text("package"))
        .col(text("confirmation"))
        .col(big_integer("received_at"))
        .col(big_integer("updated_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("application_person")
        .table("application")
        .col("auction")
        .col("person")
        .unique()
        .take();
    manager.create_index(index).await?;
    let index =
        Index::create().name("application_status").table("application").col("status").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn op_receipt(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("op_receipt")
        .col(uuid("device"))
        .col(big_integer("op_no"))
        .col(text("hash"))
        .col(big_integer("received_at"))
        .col(text("outcome"))
        .primary_key(Index::create().col("device").col("op_no"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn intake_journal(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("intake_journal")
        .col(uuid("id").primary_key())
        .col(uuid("device"))
        .col(big_integer("op_no"))
        .col(big_integer("received_at"))
        .col(text("raw"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("intake_device")
        .table("intake_journal")
        .col("device")
        .col("op_no")
        .take();
    manager.create_index(index).await?;
    append_only(manager, "intake_journal").await?;
    Ok(())
}
