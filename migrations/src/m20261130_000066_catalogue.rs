//! Published auctions by what a reader of the catalogue filters, searches and sorts.
//!
//! # Why a table of its own
//! A search reads many rows, and an auction's row holds its whole state, some kilobytes. Ten
//! thousand of these rows are a megabyte or two.
//!
//! # Why the rows of known auctions are not written here
//! The searched text is folded by rules that are code of the server, which a migration must not
//! know. The server writes the rows that are missing when it starts; a change of those rules
//! comes with a migration that deletes all rows.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("catalogue_entry")
            .col(uuid("auction").primary_key())
            .col(text("status"))
            .col(big_integer("price"))
            .col(big_integer("start"))
            .col(big_integer("seq"))
            .col(text_null("kind"))
            .col(text_null("region"))
            .col(text_null("search"))
            .take();
        manager.create_table(table).await?;
        for column in ["price", "start"] {
            let index = Index::create()
                .name(format!("catalogue_entry_{column}"))
                .table("catalogue_entry")
                .col(column)
                .col("auction")
                .take();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("catalogue_entry").take()).await
    }
}
