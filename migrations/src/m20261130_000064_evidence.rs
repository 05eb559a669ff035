//! What signatures by certificate rest on, and the lists of revoked certificates at their time.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let evidence = Table::create()
            .table("signature_evidence")
            .col(text("object").primary_key())
            .col(uuid("person"))
            .col(text("content"))
            .col(big_integer("created_at"))
            .take();
        manager.create_table(evidence).await?;
        let of_person = Index::create()
            .name("signature_evidence_person")
            .table("signature_evidence")
            .col("person")
            .take();
        manager.create_index(of_person).await?;
        let lists = Table::create()
            .table("revocation_list")
            .col(text("sha256").primary_key())
            .col(binary("der"))
            .col(big_integer("kept_at"))
            .take();
        manager.create_table(lists).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("revocation_list").take()).await?;
        manager.drop_table(Table::drop().table("signature_evidence").take()).await
    }
}
