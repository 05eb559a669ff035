//! Cards of the catalogue whose text is ready, in two halves.
//!
//! # Why both are empty at first
//! As the entries themselves, they are written by the server.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 3] = ["lot_card", "state_card", "card_seq"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [lot, state, seq] = COLUMNS;
        // SQLite adds one column at a time.
        for column in [text_null(lot), text_null(state), big_integer_null(seq)] {
            let alter = Table::alter().table("catalogue_entry").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let alter = Table::alter().table("catalogue_entry").drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
