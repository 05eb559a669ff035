//! An official's account that has ended keeps the personal number that was proven for it, and the
//! same human may have a new one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let retired = big_integer_null("retired_at").take();
        manager.alter_table(Table::alter().table("person").add_column(retired).take()).await?;
        for statement in [ENDED_BEFORE, "DROP INDEX person_pin", ONE_LIVE_ACCOUNT] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in ["DROP INDEX person_pin", NUMBERS_OF_ENDED, ONE_ACCOUNT] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.alter_table(Table::alter().table("person").drop_column("retired_at").take()).await
    }
}

/// The moment isn't known. A role is given with the account and never again.
const ENDED_BEFORE: &str = "UPDATE person SET retired_at = created_at WHERE kind = 'official' \
    AND id NOT IN (SELECT person FROM role_grant)";
const ONE_LIVE_ACCOUNT: &str =
    "CREATE UNIQUE INDEX person_pin ON person (kind, pin_hash) WHERE retired_at IS NULL";
const NUMBERS_OF_ENDED: &str =
    "UPDATE person SET pin_hash = NULL, pin_sealed = NULL WHERE retired_at IS NOT NULL";
const ONE_ACCOUNT: &str = "CREATE UNIQUE INDEX person_pin ON person (kind, pin_hash)";
