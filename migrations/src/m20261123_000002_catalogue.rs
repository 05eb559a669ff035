//! Organisations, lots and their documents.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        organisation(manager).await?;
        lot(manager).await?;
        lot_document(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["lot_document", "lot", "organisation"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn organisation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("organisation")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(big_integer("created_at"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn lot(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("lot")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("title"))
        .col(text("description"))
        .col(text_null("area"))
        .col(text("address"))
        .col(text_null("cadastral_number"))
        .col(uuid_null("lot_holder"))
        .col(text("offer_hint"))
        .col(text_null("source"))
        .col(boolean("synthetic"))
        .col(big_integer("created_at"))
        .col(uuid_null("created_by"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("lot_created").table("lot").col("created_at").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn lot_document(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("lot_document")
        .col(uuid("id").primary_key())
        .col(uuid("lot"))
        .col(text("title"))
        .col(text("mime"))
        .col(text("sha256"))
        .col(big_integer("size_bytes"))
        .col(big_integer("created_at"))
        .col(uuid("created_by"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("lot_document_lot").table("lot_document").col("lot").take();
    manager.create_index(index).await?;
    Ok(())
}
