//! Several passkeys of one person, with names, and codes for the next device. Passkeys of which
//! there may be two copies, and payments with a wrong date, wait until an official has looked into
//! them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Tables and their new columns, all moments in Unix microseconds.
const MOMENTS: [(&str, &str); 4] = [
    ("credential", "review_since"),
    ("credential", "recovered_at"),
    ("session", "recovered_at"),
    ("payment", "clock_reviewed_at"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in MOMENTS {
            let column = big_integer_null(column).take();
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        let name = text_null("name").take();
        manager.alter_table(Table::alter().table("credential").add_column(name).take()).await?;
        let codes = Table::create()
            .table("passkey_link")
            .col(text("code_hash").primary_key())
            .col(uuid("person"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("recovered_at"))
            .take();
        manager.create_table(codes).await?;
        let of_person =
            Index::create().name("passkey_link_person").table("passkey_link").col("person").take();
        manager.create_index(of_person).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("passkey_link").take()).await?;
        let named = Table::alter().table("credential").drop_column("name").take();
        manager.alter_table(named).await?;
        for (table, column) in MOMENTS {
            manager.alter_table(Table::alter().table(table).drop_column(column).take()).await?;
        }
        Ok(())
    }
}
