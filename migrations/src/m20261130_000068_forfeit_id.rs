//! Each opinion on a guarantee has an id of its own.
//!
//! # Why the column may be there already
//! One released version made the table with it, others without. Opinions wait for days at most, so
//! a table without the column is made again: its opinions are written again by their officials.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column("forfeit_proposal", "id").await? {
            return Ok(());
        }
        manager.drop_table(Table::drop().table("forfeit_proposal").take()).await?;
        let table = Table::create()
            .table("forfeit_proposal")
            .col(uuid("deposit").primary_key())
            .col(uuid("id"))
            .col(text("content"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(table).await
    }

    /// Leaves the column: the version before this one writes it too.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
