//! Files wait in quarantine until a scanner has looked at them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            // Older files had no scanner to wait for.
            text("scan").default("unscanned").take(),
            big_integer("scan_after").default(0).take(),
            big_integer("scan_attempts").default(0).take(),
        ];
        // SQLite accepts one column at a time.
        for column in columns {
            let table = Table::alter().table("blob").add_column(column).take();
            manager.alter_table(table).await?;
        }
        let mut waiting = Index::create();
        waiting.name("blob_scan").table("blob").col("scan").col("scan_after");
        manager.create_index(waiting).await?;
        let expiring = Index::create().name("blob_expires").table("blob").col("expires_at").take();
        manager.create_index(expiring).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["blob_expires", "blob_scan"] {
            manager.drop_index(Index::drop().name(name).table("blob").to_owned()).await?;
        }
        for column in ["scan_attempts", "scan_after", "scan"] {
            let table = Table::alter().table("blob").drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
