//! The store on a phone: SQLite, every value sealed.

use super::seal::EMPTY_BYTES;
use super::{Seal, Store, StoreError, Table, Write};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store in one file.
pub struct SqliteStore {
    connection: Mutex<Connection>,
    seal: Seal,
}

impl SqliteStore {
    /// Opens `file`, and makes it and its folder when they are not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(file: &Path, seal: Seal) -> Result<Self, StoreError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let connection = Connection::open(file)?;
        // FULL: what the person typed must survive a battery that is pulled out.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;
             CREATE TABLE IF NOT EXISTS sealed (
                 room TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL,
                 PRIMARY KEY (room, name)
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { connection: Mutex::new(connection), seal })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that panicked was rolled back when it was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = self.lock();
        let mut select =
            connection.prepare("SELECT value FROM sealed WHERE room = ?1 AND name = ?2")?;
        let sealed: Option<Vec<u8>> =
            select.query_row(params![table.name(), key], |row| row.get(0)).optional()?;
        sealed.map(|sealed| self.seal.open(table, key, &sealed)).transpose()
    }

    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let connection = self.lock();
        let mut select =
            connection.prepare("SELECT name, value FROM sealed WHERE room = ?1 ORDER BY name")?;
        let rows = select.query_map(params![table.name()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let mut values = Vec::new();
        for row in rows {
            let (key, sealed) = row?;
            let value = self.seal.open(table, &key, &sealed)?;
            values.push((key, value));
        }
        Ok(values)
    }

    fn suspend(&self) -> Result<(), StoreError> {
        Ok(self.lock().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    fn apply(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for write in writes {
            self.write(&transaction, write)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

impl SqliteStore {
    fn write(&self, transaction: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Put { table, key, value } => {
                let sealed = self.seal.seal(*table, key, value)?;
                transaction
                    .prepare(
                        "INSERT INTO sealed (room, name, value) VALUES (?1, ?2, ?3)
                         ON CONFLICT (room, name) DO UPDATE SET value = excluded.value",
                    )?
                    .execute(params![table.name(), key, sealed])?;
            }
            Write::Delete { table, key } => {
                transaction
                    .prepare("DELETE FROM sealed WHERE room = ?1 AND name = ?2")?
                    .execute(params![table.name(), key])?;
            }
            Write::Clear { table } => {
                transaction.execute("DELETE FROM sealed WHERE room = ?1", [table.name()])?;
            }
            Write::PublishCards => {
                let (card, staged) = (Table::Card.name(), Table::StagedCard.name());
                transaction.execute(
                    "DELETE FROM sealed WHERE room = ?1
                     AND name IN (SELECT name FROM sealed WHERE room = ?2)",
                    [card, staged],
                )?;
                transaction.execute(
                    "DELETE FROM sealed WHERE room = ?1 AND length(value) <= ?2",
                    params![staged, EMPTY_BYTES as i64],
                )?;
                transaction
                    .execute("UPDATE sealed SET room = ?1 WHERE room = ?2", [card, staged])?;
            }
        }
        Ok(())
    }
}
