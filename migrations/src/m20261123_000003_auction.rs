//! Auctions, their logs, the answers to bids, the people behind the numbers.

use crate::append_only;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        auction(manager).await?;
        auction_event(manager).await?;
        bid_receipt(manager).await?;
        participant(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["participant", "bid_receipt", "auction_event", "auction"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn auction(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("auction")
        .col(uuid("id").primary_key())
        .col(text("number"))
        .col(uuid("lot"))
        .col(text("status"))
        .col(boolean("published"))
        .col(text("state"))
        .col(big_integer("seq"))
        .col(binary("head"))
        .col(big_integer_null("wake_at"))
        .col(big_integer("start"))
        .col(uuid_null("previous"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .take();
    manager.create_table(table).await?;
    let index =
        Index::create().name("auction_number").table("auction").col("number").unique().take();
    manager.create_index(index).await?;
    let index = Index::create().name("auction_wake").table("auction").col("wake_at").take();
    manager.create_index(index).await?;
    let index = Index::create().name("auction_created").table("auction").col("created_at").take();
    manager.create_index(index).await?;
    let index =
        Index::create().name("auction_previous").table("auction").col("previous").unique().take();
    manager.create_index(index).await?;
    Ok(())
}

async fn auction_event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("auction_event")
        .col(uuid("auction"))
        .col(big_integer("seq"))
        .col(big_integer("at"))
        .col(text("event"))
        .col(binary("hash"))
        .primary_key(Index::create().col("auction").col("seq"))
        .take();
    manager.create_table(table).await?;
    append_only(manager, "auction_event").await?;
    Ok(())
}

async fn bid_receipt(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("bid_receipt")
        .col(uuid("bid").primary_key())
        .col(uuid("auction"))
        .col(uuid("person"))
        .col(uuid("device"))
        .col(text("request_hash"))
        .col(text("receipt"))
        .col(big_integer("decided_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("bid_receipt_auction")
        .table("bid_receipt")
        .col("auction")
        .col("decided_at")
        .take();
    manager.create_index(index).await?;
    append_only(manager, "bid_receipt").await?;
    Ok(())
}

async fn participant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("participant")
        .col(uuid("auction"))
        .col(big_integer("bidder_no"))
        .col(uuid("person"))
        .col(uuid("application"))
        .col(binary("salt"))
        .primary_key(Index::create().col("auction").col("bidder_no"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("participant_person")
        .table("participant")
        .col("auction")
        .col("person")
        .unique()
        .take();
    manager.create_index(index).await?;
    Ok(())
}
