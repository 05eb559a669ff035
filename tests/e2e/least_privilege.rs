//! The log's rows can't be changed or removed by any role of the database.

use anyhow::{Context as _, ensure};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use toruk_migrations::roles;
use toruk_server::db::Db;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres::{self, as_user, connect};

/// Tables that only grow.
const ONLY_GROW: [&str; 6] = [
    "audit_event",
    "auction_event",
    "bid_receipt",
    "intake_journal",
    "ledger_entry",
    "receipt_key",
];
/// Tables with personal data, files and sessions.
const PRIVATE: [&str; 6] =
    ["person", "session", "device", "application", "intake_journal", "participant"];

/// A stage with a row in each of these tables.
async fn stage() -> anyhow::Result<OpenAuction> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let bid = clients[0].raise(&view)?;
    clients[0].bid(&view, &bid).await?;
    Ok(stage)
}

/// A column of `table` that a forger would want to change.
fn column(table: &str) -> anyhow::Result<&'static str> {
    Ok(match table {
        "audit_event" | "auction_event" => "hash",
        "application_receipt" | "bid_receipt" => "receipt",
        "intake_journal" => "raw",
        "ledger_entry" => "debit",
        "receipt_key" => "since",
        other => anyhow::bail!("what would a forger change in {other}?"),
    })
}

async fn refused(
    connection: &DatabaseConnection,
    statement: &str,
    because: &str,
) -> anyhow::Result<()> {
    match connection.execute_unprepared(statement).await {
        Ok(_) => anyhow::bail!("done: {statement}"),
        Err(error) => {
            let error = error.to_string();
            ensure!(error.contains(because), "{statement}: {error}");
            Ok(())
        }
    }
}

async fn count(connection: &DatabaseConnection, table: &str) -> anyhow::Result<i64> {
    let count = format!("SELECT COUNT(*) AS count FROM {table}");
    let count = Statement::from_string(connection.get_database_backend(), count);
    let row = connection.query_one_raw(count).await?.context("no count")?;
    Ok(row.try_get("", "count")?)
}

/// The tables that a trigger guards.
async fn guarded(connection: &DatabaseConnection) -> anyhow::Result<Vec<String>> {
    let triggers = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT DISTINCT event_object_table::text AS name FROM information_schema.triggers \
             ORDER BY 1"
        }
        _ => {
            "SELECT DISTINCT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
        }
    };
    let triggers = Statement::from_string(connection.get_database_backend(), triggers);
    let rows = connection.query_all_raw(triggers).await?;
    rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

#[tokio::test]
async fn a_row_of_a_log_is_neither_changed_nor_removed_even_by_the_tables_owner()
-> anyhow::Result<()> {
    let stage = stage().await?;
    let url = stage.world.owner_url().unwrap_or(&stage.world.config.database_url);
    let owner = connect(url).await?;
    let tables = guarded(&owner).await?;
    for table in ONLY_GROW {
        ensure!(tables.iter().any(|known| known == table), "{table} is not guarded");
    }
    for table in tables {
        // A trigger guards rows, so there must be one.
        let before = count(&owner, &table).await?;
        ensure!(before > 0 || !ONLY_GROW.contains(&table.as_str()), "{table} is empty");
        if before == 0 {
            continue;
        }
        let column = column(&table)?;
        refused(&owner, &format!("UPDATE {table} SET {column} = {column}"), "append-only").await?;
        refused(&owner, &format!("DELETE FROM {table}"), "append-only").await?;
        if postgres::is_chosen() {
            refused(&owner, &format!("TRUNCATE {table}"), "append-only").await?;
        }
        assert_eq!(count(&owner, &table).await?, before);
    }
    Ok(())
}

#[tokio::test]
async fn a_serving_node_may_add_to_a_log_and_never_change_it_or_any_table() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let stage = stage().await?;
    let node = connect(&stage.world.config.database_url).await?;
    let denied = "permission denied";
    for table in ONLY_GROW {
        let column = column(table)?;
        refused(&node, &format!("UPDATE {table} SET {column} = {column}"), denied).await?;
        refused(&node, &format!("DELETE FROM {table}"), denied).await?;
        refused(&node, &format!("TRUNCATE {table}"), denied).await?;
        refused(&node, &format!("SELECT 1 FROM {table} FOR UPDATE"), denied).await?;
        let trigger = format!("ALTER TABLE {table} DISABLE TRIGGER ALL");
        refused(&node, &trigger, "must be owner").await?;
        refused(&node, &format!("DROP TABLE {table}"), "must be owner").await?;
    }
    refused(&node, "SET session_replication_role = replica", denied).await?;
    refused(&node, "CREATE TABLE mine (id int)", denied).await?;
    refused(&node, "DELETE FROM seaql_migrations", denied).await?;
    Ok(())
}

#[tokio::test]
async fn an_auditor_reads_the_logs_and_nobodys_data() -> anyhow::Result<()> {
    let stage = stage().await?;
    let Some(url) = stage.world.owner_url() else { return Ok(()) };
    let auditor = connect(&as_user(url, roles::AUDITOR)).await?;
    for table in ["auction", "auction_event", "bid_receipt", "audit_event", "ledger_entry"] {
        assert!(count(&auditor, table).await? > 0, "{table}");
        refused(&auditor, &format!("DELETE FROM {table}"), "permission denied").await?;
    }
    for table in PRIVATE {
        refused(&auditor, &format!("SELECT * FROM {table}"), "permission denied").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_node_that_may_not_migrate_refuses_to_serve_an_old_database() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let database = postgres::Database::fresh().await?;
    Db::open(&database.url).await?;
    let owner = connect(&database.owner_url).await?;
    let forget = "DELETE FROM seaql_migrations WHERE version LIKE '%audit'";
    owner.execute_unprepared(forget).await?;
    let error = Db::open(&database.url).await.err().context("it serves")?.to_string();
    assert!(error.contains("_audit") && error.contains("toruk-migrations up"), "{error}");
    Ok(())
}
