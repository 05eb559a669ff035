//! A device key is one person's, and phones known until now may sign bids in the first form.
//! Outcomes of operations are counted by day, and shortened when they are old.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("signs_v1").default(false).take();
        manager.alter_table(Table::alter().table("device").add_column(column).take()).await?;
        manager.get_connection().execute_unprepared(KNOWN_PHONES).await?;
        let index = Index::create().name("device_key").table("device").col("public_key").take();
        manager.create_index(index).await?;
        for statement in [RECENT, LONG] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["op_receipt_recent", "op_receipt_long"] {
            let statement = format!("DROP INDEX {index}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        let index = Index::drop().name("device_key").table("device").to_owned();
        manager.drop_index(index).await?;
        let column = Table::alter().table("device").drop_column("signs_v1").take();
        manager.alter_table(column).await?;
        Ok(())
    }
}

/// Phones registered without a proof, except where two people have one key: nobody knows whose it
/// is, and a bid in the first form, which names nobody, could be sent by either.
const KNOWN_PHONES: &str = "UPDATE device SET signs_v1 = true WHERE NOT EXISTS (\
    SELECT 1 FROM device AS other \
    WHERE other.public_key = device.public_key AND other.person <> device.person)";
/// For counting what a phone delivered lately.
const RECENT: &str = "CREATE INDEX op_receipt_recent ON op_receipt (device, received_at)";
/// Outcomes to be shortened; one that was leaves the index.
const LONG: &str = "CREATE INDEX op_receipt_long ON op_receipt (received_at) \
    WHERE length(outcome) > 512";
