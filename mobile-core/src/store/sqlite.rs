//! The store on a phone: SQLite in one file, locked for this process.

use super::cards::{CardCursor, CardQuery, CardRow};
use super::commit_counter;
use super::commit_counter::CommitCounter;
use super::files::beside;
use super::migrate;
use super::rebuild;
use super::row_digest::RowDigest;
use super::rows::{self, Writer};
use super::{
    FORMAT, REPAIRS, Repair, Seal, Store, StoreError, Table, Write, card_table, repair, schema, wal,
};
use crate::mutex::lock;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use toruk_sync::protocol::pull::Digest;

/// A store in one SQLite file.
pub struct SqliteStore {
    file: PathBuf,
    seal: Seal,
    state: Mutex<State>,
}

enum State {
    Open(Opened),
    /// Closed until the next use opens it again.
    Suspended,
    /// Closed for good; see [`Store::close`].
    Closed,
}

struct Opened {
    connection: Connection,
    /// The digest as it is in the file.
    digest: RowDigest,
    counter: CommitCounter,
}

impl SqliteStore {
    /// Opens `file`, and creates it and its folder if necessary. An earlier format is migrated, and
    /// a damaged file is repaired: see [`Store::repair`]. A file that is gone, and has left its
    /// counter or log, counts as damaged.
    ///
    /// # Errors
    /// [`StoreError::TooNew`], [`StoreError::InUse`], [`StoreError::Full`] and others; the file is
    /// unchanged.
    pub fn open(file: &Path, seal: Seal) -> Result<Self, StoreError> {
        let is_known = beside(file, "-wal").exists() || commit_counter::recorded(file) > 0;
        Self::open_as(file, seal, is_known)
    }

    /// As [`Self::open`], for a store that was created before: a file that is gone counts as
    /// damaged, whatever it has left.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_existing(file: &Path, seal: Seal) -> Result<Self, StoreError> {
        Self::open_as(file, seal, true)
    }

    fn open_as(file: &Path, seal: Seal, is_known: bool) -> Result<Self, StoreError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        rebuild::finish_interrupted(file)?;
        if !file.exists() && !is_known {
            rebuild::create(file, &seal)?;
        }
        let opened = open_or_salvage(file, &seal)?;
        Ok(Self { file: file.to_owned(), seal, state: Mutex::new(State::Open(opened)) })
    }

    /// Creates a new store; a file whose key is lost is put aside, and listed under [`REPAIRS`].
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn replace_unreadable(file: &Path, seal: Seal) -> Result<Self, StoreError> {
        if !file.exists() {
            return Self::open_as(file, seal, false);
        }
        let repairs = [Repair::of_lost_key(rebuild::put_aside(file)?)];
        let store = Self::open_as(file, seal, false)?;
        store.apply(&[Write::json(Table::Meta, REPAIRS, &repairs)])?;
        Ok(store)
    }

    /// Destroys a store and everything that was put aside of it.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn destroy(file: &Path) -> Result<(), StoreError> {
        if file.parent().is_none_or(|folder| !folder.exists()) {
            return Ok(());
        }
        for file in rebuild::all_files(file)? {
            std::fs::remove_file(file)?;
        }
        Ok(())
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut Opened) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Suspended) {
            *state = State::Open(open_or_salvage(&self.file, &self.seal)?);
        }
        match &mut *state {
            State::Open(opened) => act(opened),
            State::Suspended | State::Closed => Err(StoreError::Closed),
        }
    }

    /// Keeps the file from growing while `is_full`.
    #[cfg(test)]
    pub(super) fn fill_up(&self, is_full: bool) {
        let connection = self.with(|opened| {
            let pages: i64 =
                opened.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let most = if is_full { pages } else { 1 << 30 };
            let set = format!("PRAGMA max_page_count = {most};");
            Ok(opened.connection.query_row(&set, [], |_| Ok(()))?)
        });
        connection.unwrap();
    }
}

fn open_or_salvage(file: &Path, seal: &Seal) -> Result<Opened, StoreError> {
    if file.metadata().map_or(0, |file| file.len()) == 0 {
        // Repaired before SQLite sees it: it would remove the log of an empty file, and the log may
        // still have rows.
        tracing::warn!("the store is gone or empty");
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::File::create(file)?;
        repair::salvage(file, seal)?;
    }
    match Opened::open(file, seal) {
        Err(error) if error.is_damage() || is_unknown(&error) => {
            tracing::warn!(%error, "the store is repaired");
            repair::salvage(file, seal)?;
            Opened::open(file, seal)
        }
        opened => opened,
    }
}

/// Returns `true` for SQLite's error about a header it can't parse, or about missing tables.
fn is_unknown(error: &StoreError) -> bool {
    let StoreError::Database(error) = error else { return false };
    error.sqlite_error_code() == Some(ErrorCode::Unknown)
}

impl Opened {
    fn open(file: &Path, seal: &Seal) -> Result<Self, StoreError> {
        let log = wal::read(&beside(file, "-wal"))?;
        let mut connection = schema::connect(file)?;
        match schema::format(&connection)? {
            FORMAT => {}
            found if found > FORMAT => return Err(StoreError::TooNew { found }),
            _ if log.is_damaged => return Err(schema::damaged("its log is damaged")),
            found => {
                migrate::migrate(file, connection, found, seal)?;
                connection = schema::connect(file)?;
            }
        }
        if log.is_damaged {
            return Err(schema::damaged("its log is damaged"));
        }
        schema::set_up(&connection)?;
        let digest = rows::verify_rows(&connection, seal)?;
        if digest.commits < commit_counter::recorded(file) {
            return Err(schema::damaged("it is older than it was"));
        }
        // From here on the file is this process's, and its log is intact.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        let counter = CommitCounter::of(file);
        counter.record(digest.commits);
        Ok(Self { connection, digest, counter })
    }

    fn apply(&mut self, seal: &Seal, writes: &[Write]) -> Result<(), StoreError> {
        let mut digest = self.digest.clone();
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = Writer { connection: &transaction, seal, digest: &mut digest };
        for write in writes {
            writer.write(write)?;
        }
        if *writer.digest != self.digest {
            writer.digest.commits += 1;
            writer.write_digest()?;
        }
        transaction.commit()?;
        if digest.commits != self.digest.commits {
            self.counter.record(digest.commits);
        }
        self.digest = digest;
        if writes.contains(&Write::PublishCards)
            && let Err(error) = self.write_back()
        {
            // A whole catalogue went through the log; the next start would have to read it.
            tracing::debug!(%error, "the log was not written back");
        }
        Ok(())
    }

    fn write_back(&self) -> Result<(), StoreError> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        Ok(self.connection.query_row(checkpoint, [], |_| Ok(()))?)
    }
}

impl Store for SqliteStore {
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|opened| rows::get(&opened.connection, &self.seal, table, key))
    }

    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.with(|opened| rows::list(&opened.connection, &self.seal, table))
    }

    fn apply(&self, writes: &[Write]) -> Result<(), StoreError> {
        self.with(|opened| opened.apply(&self.seal, writes))
    }

    fn cards(
        &self,
        query: &CardQuery,
        after: Option<&CardCursor>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError> {
        self.with(|opened| card_table::page(&opened.connection, query, after, limit))
    }

    fn count_cards(&self) -> Result<Digest, StoreError> {
        self.with(|opened| card_table::count(&opened.connection))
    }

    fn suspend(&self) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        if !matches!(*state, State::Open(_)) {
            return Ok(());
        }
        let State::Open(opened) = std::mem::replace(&mut *state, State::Suspended) else {
            return Ok(());
        };
        if let Err(error) = opened.write_back() {
            // The disk is full: the log stays, and is read at the next start.
            tracing::debug!(%error, "the log was not written back");
        }
        opened.connection.close().map_err(|(_, error)| error.into())
    }

    fn close(&self) {
        *lock(&self.state) = State::Closed;
    }

    fn repair(&self) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut *state, State::Suspended) {
            State::Closed => {
                *state = State::Closed;
                return Err(StoreError::Closed);
            }
            State::Suspended => {}
            State::Open(damaged) => {
                // The log stays as it is: parts of it may be intact where the file is not.
                let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
                let _ = damaged.connection.set_db_config(keep, true);
            }
        }
        repair::salvage(&self.file, &self.seal)?;
        *state = State::Open(Opened::open(&self.file, &self.seal)?);
        Ok(())
    }
}
