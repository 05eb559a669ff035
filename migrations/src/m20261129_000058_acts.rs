//! Signed receipts of acts on applications, and contracts that both sides sign.

use crate::append_only;
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let receipt = Table::create()
            .table("application_receipt")
            .col(uuid("id").primary_key())
            .col(uuid("auction"))
            .col(uuid("person"))
            .col(uuid_null("application"))
            .col(uuid_null("device"))
            .col(big_integer_null("op_no"))
            .col(text_null("package"))
            .col(boolean("is_refused"))
            .col(text("receipt"))
            .col(big_integer("decided_at"))
            .take();
        manager.create_table(receipt).await?;
        for statement in [OF_OPERATION, OF_PACKAGE, NEWEST] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        append_only(manager, "application_receipt").await?;
        let contract = Table::create()
            .table("contract")
            .col(uuid("auction").primary_key())
            .col(text("title"))
            .col(text("payload"))
            .col(uuid("uploaded_by"))
            .col(big_integer("uploaded_at"))
            .col(text_null("winner_confirmation"))
            .col(big_integer_null("winner_signed_at"))
            .col(uuid_null("official"))
            .col(text_null("official_confirmation"))
            .col(big_integer_null("official_signed_at"))
            .take();
        manager.create_table(contract).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["contract", "application_receipt"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            let function = "DROP FUNCTION application_receipt_append_only()";
            manager.get_connection().execute_unprepared(function).await?;
        }
        Ok(())
    }
}

/// An operation has one receipt, which is given again with its outcome.
const OF_OPERATION: &str = "CREATE UNIQUE INDEX application_receipt_operation \
    ON application_receipt (device, op_no) WHERE device IS NOT NULL";
/// The same package again has the receipt of the first.
const OF_PACKAGE: &str = "CREATE INDEX application_receipt_package \
    ON application_receipt (application, package) WHERE package IS NOT NULL";
const NEWEST: &str = "CREATE INDEX application_receipt_newest \
    ON application_receipt (person, is_refused, decided_at)";
