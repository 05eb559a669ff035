//! Profiles of rules in versions, and proposals of them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let profiles = Table::create()
            .table("rule_profile")
            .col(big_integer("version").primary_key())
            .col(text("rules"))
            .col(text("basis"))
            .col(text("reason"))
            .col(uuid("proposed_by"))
            .col(uuid("approved_by"))
            .col(big_integer("approved_at"))
            .col(boolean("is_calendar_sent"))
            .take();
        manager.create_table(profiles).await?;
        let proposals = Table::create()
            .table("rule_proposal")
            .col(uuid("id").primary_key())
            .col(text("content"))
            .col(text("fate"))
            .col(uuid_null("decided_by"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(proposals).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["rule_proposal", "rule_profile"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
