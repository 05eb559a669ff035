//! Each attempt to pay and each open refund has the moment of the next question about it, so that
//! one that never ends stands in nobody's way.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer_null("ask_at").take();
        let attempts = Table::alter().table("payment_intent").add_column(column).take();
        manager.alter_table(attempts).await?;
        let column = big_integer("next_at").default(0).take();
        manager.alter_table(Table::alter().table("refund").add_column(column).take()).await?;
        for statement in [KNOWN, ASKED, OPEN] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["payment_intent_ask", "refund_next"] {
            let statement = format!("DROP INDEX {index}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        for (table, column) in [("payment_intent", "ask_at"), ("refund", "next_at")] {
            let column = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(column).await?;
        }
        Ok(())
    }
}

/// Known attempts that may have an order are asked about once; then it is known when again.
const KNOWN: &str = "UPDATE payment_intent SET ask_at = 0 WHERE status IN \
    ('code_issued', 'redirected', 'expired', 'succeeded', 'succeeded_late')";
/// Attempts about which there is nothing left to ask are not in the index.
const ASKED: &str =
    "CREATE INDEX payment_intent_ask ON payment_intent (ask_at) WHERE ask_at IS NOT NULL";
const OPEN: &str = "CREATE INDEX refund_next ON refund (next_at) WHERE done_at IS NULL";
