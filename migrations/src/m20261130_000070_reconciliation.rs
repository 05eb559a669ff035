//! Statements of the payment system, their comparison with the ledger, and money that waits for a
//! person.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lines = Table::create()
            .table("statement_line")
            .col(text("day"))
            .col(big_integer("no"))
            .col(text("kind"))
            .col(text("name"))
            .col(text("state"))
            .primary_key(Index::create().col("day").col("no"))
            .take();
        manager.create_table(lines).await?;
        let index = Index::create()
            .name("statement_line_name")
            .table("statement_line")
            .col("name")
            .col("kind")
            .take();
        manager.create_index(index).await?;
        let days = Table::create()
            .table("reconciliation")
            .col(text("day").primary_key())
            .col(text("state"))
            .col(big_integer("updated_at"))
            .take();
        manager.create_table(days).await?;
        let tasks = Table::create()
            .table("money_task")
            .col(uuid("id").primary_key())
            .col(text("key"))
            .col(text("kind"))
            .col(text("status"))
            .col(text_null("day"))
            .col(text("state"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .take();
        manager.create_table(tasks).await?;
        for (name, columns, is_unique) in [
            ("money_task_key", &["key"][..], true),
            ("money_task_status", &["status", "created_at"], false),
            ("money_task_day", &["day"], false),
        ] {
            let mut index = Index::create().name(name).table("money_task").take();
            for column in columns {
                index.col(*column);
            }
            if is_unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        for column in [
            big_integer("attempts").default(0).take(),
            text_null("held").take(),
            big_integer_null("due_at").take(),
        ] {
            let table = Table::alter().table("refund").add_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["money_task", "reconciliation", "statement_line"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for column in ["due_at", "held", "attempts"] {
            let table = Table::alter().table("refund").drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
