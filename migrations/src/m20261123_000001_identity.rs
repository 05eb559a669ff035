//! People, their passkeys, sessions, phones and roles.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        person(manager).await?;
        credential(manager).await?;
        ceremony(manager).await?;
        session(manager).await?;
        device(manager).await?;
        role_grant(manager).await?;
        invitation(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["invitation", "role_grant", "device", "session", "ceremony", "credential", "person"]
        {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn person(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text("language"))
        .col(big_integer("created_at"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn credential(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("credential")
        .col(text("id").primary_key())
        .col(uuid("person"))
        .col(text("passkey"))
        .col(big_integer("created_at"))
        .col(big_integer_null("used_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("credential_person").table("credential").col("person").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn ceremony(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("ceremony")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("state"))
        .col(big_integer("expires_at"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("session")
        .col(text("token_hash").primary_key())
        .col(uuid("person"))
        .col(uuid_null("device"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("session_person").table("session").col("person").take();
    manager.create_index(index).await?;
    Ok(())
}

async fn device(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("device")
        .col(uuid("id").primary_key())
        .col(uuid("person"))
        .col(big_integer("actor"))
        .col(text("platform"))
        .col(binary("public_key"))
        .col(text_null("push_token"))
        .col(big_integer("next_op_no"))
        .col(big_integer("created_at"))
        .col(big_integer_null("revoked_at"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create()
        .name("device_actor")
        .table("device")
        .col("person")
        .col("actor")
        .unique()
        .take();
    manager.create_index(index).await?;
    Ok(())
}

async fn role_grant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("role_grant")
        .col(uuid("person"))
        .col(text("role"))
        .col(uuid_null("organisation"))
        .col(big_integer("granted_at"))
        .col(uuid_null("granted_by"))
        .primary_key(Index::create().col("person").col("role"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}

async fn invitation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("invitation")
        .col(text("token_hash").primary_key())
        .col(text("role"))
        .col(uuid_null("organisation"))
        .col(big_integer("created_at"))
        .col(uuid_null("created_by"))
        .col(big_integer("expires_at"))
        .col(uuid_null("used_by"))
        .take();
    manager.create_table(table).await?;
    Ok(())
}
