//! Deposits, payments, refunds and the ledger.

use crate::append_only;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        deposit(manager).await?;
        payment_intent(manager).await?;
        payment(manager).await?;
        refund(manager).await?;
        ledger_entry(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["ledger_entry", "refund", "payment", "payment_intent", "deposit"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn deposit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("deposit")
        .col(uuid("id").primary_key())
        .col(uuid("application"))
        .col(uuid("auction"))
        .col(uuid("person"))
        .col(text("status"))
        .col(text("state"))
        .col(big_integer("updated_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("deposit_application")
        .table("deposit")
        .col("application")
        .unique()
        .take();
    manager.create_index(index).await?;
    let index = Index::create().name("deposit_auction").table("deposit").col("auction").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn payment_intent(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("payment_intent")
        .col(uuid("id").primary_key())
        .col(uuid("deposit"))
        .col(uuid("person"))
        .col(text("state"))
        .col(text("status"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("payment_intent_deposit")
        .table("payment_intent")
        .col("deposit")
        .take();
    manager.create_index(index).await?;
    let index = Index::create()
        .name("payment_intent_status")
        .table("payment_intent")
        .col("status")
        .col("expires_at")
        .take();
    manager.create_index(index).await?;
    Ok(())
}

async fn payment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("payment")
        .col(text("reference").primary_key())
        .col(uuid("intent"))
        .col(big_integer("amount_tyiyn"))
        .col(big_integer("paid_at"))
        .col(text_null("mismatch"))
        .col(big_integer("unmatched_tyiyn"))
        .col(big_integer("created_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("payment_intent_id").table("payment").col("intent").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn refund(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("refund")
        .col(uuid("id").primary_key())
        .col(text("payment"))
        .col(uuid_null("deposit"))
        .col(big_integer("amount_tyiyn"))
        .col(big_integer_null("done_at"))
        .col(big_integer("created_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("refund_open").table("refund").col("done_at").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn ledger_entry(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("ledger_entry")
        .col(text("key").primary_key())
        .col(text("debit"))
        .col(text("credit"))
        .col(big_integer("amount_tyiyn"))
        .col(big_integer("at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("ledger_entry_at").table("ledger_entry").col("at").take();
    manager.create_index(index).await?;
    append_only(manager, "ledger_entry").await?;
    Ok(())
}
