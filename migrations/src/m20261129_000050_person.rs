//! A person apart from the keys that prove them: the sealed personal number (ПИН) with its keyed
//! hash, proven identities, organisations with identifiers, memberships with powers, at most one
//! live application of a human, or of a firm, to an auction. Holder and seller of a lot are two
//! organisations.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("person", text_null("pin_hash").take()),
            ("person", binary_null("pin_sealed").take()),
            ("organisation", text_null("scheme").take()),
            ("organisation", text_null("identifier").take()),
            ("application", text_null("pin_hash").take()),
            ("application", uuid_null("organisation").take()),
            ("lot", uuid_null("procuring_entity").take()),
            ("auction", uuid_null("lot_holder").take()),
            ("auction", uuid_null("procuring_entity").take()),
        ];
        // SQLite accepts one column at a time.
        for (table, column) in columns {
            let table = Table::alter().table(table).add_column(column).take();
            manager.alter_table(table).await?;
        }
        person_key(manager).await?;
        person_secret(manager).await?;
        identity(manager).await?;
        membership(manager).await?;
        for statement in
            [ONE_ACCOUNT, ONE_FIRM, ONE_APPLICATION, ONE_APPLICATION_OF_A_FIRM, SELLERS]
        {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in
            ["application_firm", "application_human", "organisation_identifier", "person_pin"]
        {
            let statement = format!("DROP INDEX {index}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        for table in ["membership", "identity", "person_secret", "person_key"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        let columns = [
            ("auction", "procuring_entity"),
            ("auction", "lot_holder"),
            ("lot", "procuring_entity"),
            ("application", "organisation"),
            ("application", "pin_hash"),
            ("organisation", "identifier"),
            ("organisation", "scheme"),
            ("person", "pin_sealed"),
            ("person", "pin_hash"),
        ];
        for (table, column) in columns {
            let table = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}

/// One human has at most one account of each kind. Columns without a value are all different.
const ONE_ACCOUNT: &str = "CREATE UNIQUE INDEX person_pin ON person (kind, pin_hash)";
const ONE_FIRM: &str =
    "CREATE UNIQUE INDEX organisation_identifier ON organisation (scheme, identifier)";
/// An application that was withdrawn leaves its place to another one.
const ONE_APPLICATION: &str = "CREATE UNIQUE INDEX application_human \
    ON application (auction, pin_hash) WHERE status <> 'withdrawn'";
const ONE_APPLICATION_OF_A_FIRM: &str = "CREATE UNIQUE INDEX application_firm \
    ON application (auction, organisation) WHERE status <> 'withdrawn'";

/// Until now the lot's holder ran each auction.
const SELLERS: &str = "UPDATE auction SET \
    lot_holder = (SELECT lot.lot_holder FROM lot WHERE lot.id = auction.lot), \
    procuring_entity = (SELECT lot.lot_holder FROM lot WHERE lot.id = auction.lot)";

async fn person_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person_key")
        .col(uuid("person").primary_key())
        .col(binary_null("wrapped"))
        .col(big_integer_null("destroyed_at"))
        .take();
    manager.create_table(table).await
}

async fn person_secret(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person_secret")
        .col(text("fingerprint").primary_key())
        .col(big_integer("since"))
        .take();
    manager.create_table(table).await
}

async fn identity(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("identity")
        .col(text("provider"))
        .col(text("issuer"))
        .col(text("subject"))
        .col(text("kind"))
        .col(uuid("person"))
        .col(big_integer("created_at"))
        .col(big_integer("used_at"))
        .col(big_integer_null("revoked_at"))
        .primary_key(Index::create().col("provider").col("issuer").col("subject").col("kind"))
        .take();
    manager.create_table(table).await?;
    let index = Index::create().name("identity_person").table("identity").col("person").take();
    manager.create_index(index).await
}

async fn membership(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("membership")
        .col(uuid("id").primary_key())
        .col(uuid("person"))
        .col(uuid("organisation"))
        .col(text("power"))
        .col(text("document"))
        .col(big_integer("valid_from"))
        .col(big_integer_null("valid_until"))
        .col(big_integer_null("ended_at"))
        .take();
    manager.create_table(table).await?;
    for (name, column) in
        [("membership_person", "person"), ("membership_organisation", "organisation")]
    {
        let index = Index::create().name(name).table("membership").col(column).take();
        manager.create_index(index).await?;
    }
    Ok(())
}
