//! A copy of a SQLite database that is in use.
//!
//! # Why `VACUUM INTO`
//! It reads in one transaction, beside which the server goes on writing into its WAL. The online
//! backup of `sqlite3` begins again after each write by another process: at two bids a second it
//! never comes to an end.

use anyhow::{Context as _, ensure};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use std::path::Path;

/// Copies the database into a new file of mode 0600, on disk when this returns.
///
/// # Errors
/// When it can't be read, or the file is there already or can't be written.
pub async fn copy_sqlite(url: &str, to: &Path) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(to).with_context(|| format!("{} can't be made", to.display()))?;
    let connection = open(url, false).await?;
    let name = to.to_str().context("the backup's path is not UTF-8")?.replace('\'', "''");
    connection.execute_unprepared(&format!("VACUUM INTO '{name}'")).await?;
    connection.close().await?;
    file.sync_all()?;
    Ok(())
}

/// Opens a copy for a change. What is removed from it is overwritten.
///
/// # Errors
/// When it can't be opened.
pub async fn open_copy(file: &Path) -> anyhow::Result<DatabaseConnection> {
    let connection = open(&format!("sqlite://{}", file.display()), false).await?;
    connection.execute_unprepared("PRAGMA secure_delete = ON").await?;
    Ok(connection)
}

/// Closes a changed copy, all in one file and without free pages.
///
/// # Errors
/// When it can't be written.
pub async fn close_copy(connection: DatabaseConnection) -> anyhow::Result<()> {
    connection.execute_unprepared("VACUUM").await?;
    connection.execute_unprepared("PRAGMA journal_mode = DELETE").await?;
    connection.close().await?;
    Ok(())
}

/// Checks a copy: its pages and indexes, and the references between its rows.
///
/// # Errors
/// When something is wrong with it.
pub async fn check_sqlite(file: &Path) -> anyhow::Result<()> {
    let connection = open(&format!("sqlite://{}", file.display()), true).await?;
    let said = rows(&connection, "PRAGMA integrity_check").await?;
    let words: Vec<String> =
        said.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    ensure!(words == ["ok"], "the copy is damaged: {}", words.join("; "));
    let astray = rows(&connection, "PRAGMA foreign_key_check").await?;
    ensure!(astray.is_empty(), "the copy has {} rows without what they refer to", astray.len());
    connection.close().await?;
    Ok(())
}

async fn rows(
    connection: &DatabaseConnection,
    question: &str,
) -> anyhow::Result<Vec<sea_orm::QueryResult>> {
    Ok(connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, question)).await?)
}

async fn open(url: &str, is_read_only: bool) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).acquire_timeout(super::ACQUIRE_TIMEOUT);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite.create_if_missing(false).read_only(is_read_only);
        sqlite.busy_timeout(super::ACQUIRE_TIMEOUT)
    });
    Database::connect(options).await.context("the database can't be opened")
}
