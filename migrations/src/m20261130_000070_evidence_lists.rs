//! Which lists of revoked certificates the evidence of signatures rests on, so that a list on which
//! none rests any more can be removed: the evidence itself is sealed.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Lists from before stay: nobody can tell any more what rests on them.
const OLDER: &str = "INSERT INTO evidence_list (object, sha256) \
     SELECT '', sha256 FROM revocation_list";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("evidence_list")
            .col(text("object"))
            .col(text("sha256"))
            .primary_key(Index::create().col("object").col("sha256"))
            .take();
        manager.create_table(table).await?;
        let of_list = Index::create()
            .name("evidence_list_sha256")
            .table("evidence_list")
            .col("sha256")
            .take();
        manager.create_index(of_list).await?;
        let kept = Index::create()
            .name("revocation_list_kept_at")
            .table("revocation_list")
            .col("kept_at")
            .take();
        manager.create_index(kept).await?;
        manager.get_connection().execute_unprepared(OLDER).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kept =
            Index::drop().name("revocation_list_kept_at").table("revocation_list").to_owned();
        manager.drop_index(kept).await?;
        manager.drop_table(Table::drop().table("evidence_list").take()).await
    }
}
