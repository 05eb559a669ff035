//! The outbox of work after a commit, and notifications to people.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        outbox(manager).await?;
        notification(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["notification", "outbox"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("outbox")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("body"))
        .col(big_integer("attempts"))
        .col(big_integer("next_at"))
        .col(big_integer_null("done_at"))
        .col(text_null("failure"))
        .col(big_integer("created_at"))
        .take();
    manager.create_table(table).await?;
    let index =
        Index::create().name("outbox_due").table("outbox").col("done_at").col("next_at").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn notification(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("notification")
        .col(uuid("id").primary_key())
        .col(uuid("person"))
        .col(text("kind"))
        .col(uuid("auction"))
        .col(big_integer("seq"))
        .col(big_integer("expires_at"))
        .col(big_integer("created_at"))
        .col(big_integer_null("delivered_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("notification_person")
        .table("notification")
        .col("person")
        .col("created_at")
        .take();
    manager.create_index(index).await?;
    Ok(())
}
