//! The database: SQLite by default, PostgreSQL for several nodes.
//!
//! # Why one writer on SQLite
//! SQLite takes one writing transaction at a time anyway. A pool of writers only adds waiting
//! inside the library, where a read that turns into a write fails at once with
//! `SQLITE_BUSY_SNAPSHOT`. So every writing transaction is `IMMEDIATE`, on one connection, in the
//! order in which it was asked for; readers have a pool of their own and see committed data. Bids
//! have a connection of their own, see [`ledger`], which takes turns with that one.
//!
//! # The order of locks
//! On PostgreSQL transactions run side by side at Read Committed, and each holds the rows it
//! decides by. A transaction that needs several locks them in this order, against deadlocks:
//! ceremony or invitation, person, phone, day of a reconciliation, task of finance, auction, lot,
//! application, attempt to pay, deposit, draft, refund, push, the locks of [`advisory_lock`], and at the commit the counters of
//! [`change_counter`], in the order of their names. A transaction that changes an auction locks it
//! exclusively; one that decides something else by its state takes a shared lock.

pub mod advisory_lock;
pub mod backup;
pub mod change_counter;
mod error;
pub mod lane;
pub mod ledger;
pub mod place;
pub mod reach;
mod txn;
pub mod witness;
mod write_mark;

pub use error::StoreError;
pub use txn::Txn;
pub use write_mark::WriteMark;

use self::lane::LaneTxn;
use self::ledger::{Ledger, LedgerRules, LedgerTurn, Turn, WritersTurn};
use self::witness::Witness;
use crate::clock::Clock;
use crate::disk::Disk;
use anyhow::Context as _;
use rusqlite::Connection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use std::path::Path;
use std::str::FromStr as _;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use tracing::Instrument as _;

/// Most concurrent readers of SQLite.
const SQLITE_READERS_MAX: u32 = 4;
/// Further readers of SQLite, for sessions and participants of bids only: a bid does not wait
/// behind what strangers make the others read.
const SQLITE_BID_READERS: u32 = 2;
/// Size of the connection pool of PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// Longest wait for a connection; after it the request is answered "busy".
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A transaction of this server waits for nothing but the database, so an idle one is abandoned.
const IDLE_IN_TRANSACTION_MS: &str = "5000";
/// Longer than the database takes to end a vanished node's transaction.
const LOCK_TIMEOUT_MS: &str = "8000";
/// The first version of SQLite whose WAL can't lose commits when two connections reset it at once.
const SQLITE_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);

/// Most commits a receiver may be behind before it is told that it has missed some.
const CHANGES_UNHEARD_MAX: usize = 1_024;

/// Handle to the database: connections for reading and for writing.
#[derive(Clone)]
pub struct Db {
    readers: DatabaseConnection,
    bid_readers: DatabaseConnection,
    writer: DatabaseConnection,
    clock: Option<Arc<dyn Clock>>,
    disk: Option<Arc<Disk>>,
    witness: Arc<OnceLock<Witness>>,
    changes: broadcast::Sender<Arc<[PersonId]>>,
    /// On SQLite: who writes, and the thread that writes bids.
    turns: WritersTurn,
    ledger: Ledger,
    file: Option<Arc<Path>>,
}

impl Db {
    /// Opens `sqlite://FILE` or `postgres://…` and applies the pending migrations, if the login has
    /// the rights; if it has not, there must be none.
    ///
    /// # Errors
    /// If it can't be opened, or SQLite is too old for its WAL to be trusted.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let db = Self::connect(url).await.with_context(|| place::refusal(url))?;
        toruk_migrations::up(&db.writer).await?;
        Ok(db)
    }

    /// Closes all connections, and waits for it: nothing touches the database's files afterwards. A
    /// database that is only dropped is closed a little later.
    ///
    /// # Errors
    /// [`DbErr`].
    pub async fn close(self) -> Result<(), sea_orm::DbErr> {
        self.ledger.close().await;
        for connections in [&self.readers, &self.bid_readers, &self.writer] {
            connections.close_by_ref().await?;
        }
        Ok(())
    }

    async fn connect(url: &str) -> anyhow::Result<Self> {
        let db = if url.starts_with("sqlite:") {
            let readers = Database::connect(sqlite(url, SQLITE_READERS_MAX)).await?;
            let bid_readers = Database::connect(sqlite(url, SQLITE_BID_READERS)).await?;
            let writer = Database::connect(sqlite(url, 1)).await?;
            let file = SqliteConnectOptions::from_str(url)?.get_filename().into();
            Self { file: Some(file), ..Self::of(readers, bid_readers, writer) }
        } else {
            let mut options = ConnectOptions::new(url);
            options.max_connections(POSTGRES_CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
            options.sqlx_logging(false).map_sqlx_postgres_opts(|postgres| {
                // A node that vanished without closing its connection must not keep an auction
                // locked.
                postgres.options([
                    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS),
                    ("lock_timeout", LOCK_TIMEOUT_MS),
                ])
            });
            let connection = Database::connect(options).await?;
            Self::of(connection.clone(), connection.clone(), connection)
        };
        db.check_version().await?;
        Ok(db)
    }

    fn of(
        readers: DatabaseConnection,
        bid_readers: DatabaseConnection,
        writer: DatabaseConnection,
    ) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_UNHEARD_MAX);
        let (clock, disk, witness) = Default::default();
        let (turns, ledger, file) = Default::default();
        Self { readers, bid_readers, writer, clock, disk, witness, changes, turns, ledger, file }
    }

    /// Takes the time of changes from `clock`. Without a clock a removal always counts as made just
    /// now, and is never swept.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Begins a transaction only if `disk` has room for it. Without a disk a transaction may end in
    /// a commit that fails. A PostgreSQL's disk is its own.
    #[must_use]
    pub fn with_disk(self, disk: Arc<Disk>) -> Self {
        let disk = (self.backend() == DbBackend::Sqlite).then_some(disk);
        Self { disk, ..self }
    }

    /// Has the length of each log recorded outside of the database from now on, and checked when an
    /// auction is locked.
    pub fn watch_logs(&self, witness: Witness) {
        // A second witness would only repeat the first.
        let _ = self.witness.set(witness);
    }

    /// The people whose phones have something new to pull, commit by commit, on this node. A
    /// receiver that is more than `CHANGES_UNHEARD_MAX` commits behind gets an error that says so.
    pub fn changes(&self) -> broadcast::Receiver<Arc<[PersonId]>> {
        self.changes.subscribe()
    }

    /// Begins a read transaction: everything read in it is as it was at one moment.
    ///
    /// # Errors
    /// When no connection is free in time.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend() {
            // A deferred transaction reads from one place of the WAL.
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(self.readers.begin_with_options(options).await?)
    }

    /// The connection for reading committed data.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// The connection for what a bid reads before it is queued.
    pub fn read_for_bids(&self) -> &DatabaseConnection {
        &self.bid_readers
    }

    /// Begins a writing transaction.
    ///
    /// # Errors
    /// When no connection is free in time, or the disk is full.
    pub async fn begin(&self) -> Result<Txn, StoreError> {
        if let Some(disk) = &self.disk {
            disk.before_write()?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = self.turn().await?;
        let inner = self.writer.begin_with_options(options).await?;
        let (touched, grown) = Default::default();
        Ok(Txn { inner, touched, grown, witness: self.witness.clone(), turn })
    }

    /// Waits for the right to write to SQLite on the thread that writes bids.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when it does not come in time, or on PostgreSQL; [`StoreError`] if the
    /// thread's connection can't be opened.
    pub async fn ledger_turn(&self) -> Result<LedgerTurn, StoreError> {
        let no_file = || StoreError::Busy(DbErr::Custom("no file".to_owned()));
        let file = self.file.as_deref().ok_or_else(no_file)?;
        let turn = self.turns.take(ACQUIRE_TIMEOUT).await?;
        let jobs = self.ledger.jobs(|| ledger_connection(file))?;
        let rules = LedgerRules { disk: self.disk.clone(), witness: self.witness.clone() };
        Ok(LedgerTurn { turn, jobs, rules })
    }

    /// Begins a transaction that writes bids to PostgreSQL.
    ///
    /// # Errors
    /// When no connection is free in time, or on SQLite.
    pub async fn begin_on_lane(&self) -> Result<LaneTxn, StoreError> {
        if self.backend() != DbBackend::Postgres {
            return Err(StoreError::Busy(DbErr::Custom("not PostgreSQL".to_owned())));
        }
        LaneTxn::begin(self.writer.get_postgres_connection_pool(), self.witness.clone()).await
    }

    /// The right to write to SQLite; PostgreSQL needs none.
    async fn turn(&self) -> Result<Option<Turn>, StoreError> {
        match self.backend() {
            DbBackend::Sqlite => self.turns.take(ACQUIRE_TIMEOUT).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Commits a transaction; its changes are on disk when this returns.
    ///
    /// # Why the process ends after a failed commit on SQLite
    /// A commit whose `fdatasync` failed is not visible on this connection, and may still be there
    /// after a restart: the pages are in the file. Only reading the file again tells. So this
    /// process answers nothing more; the restarted one finds out what is true, and clients ask
    /// again. PostgreSQL does the same to itself and breaks the connection.
    ///
    /// # Errors
    /// [`StoreError::Unknown`]: a commit that failed may still become visible, so no client may be
    /// told that it was rejected. Any other error comes from the counters before it; nothing was
    /// written.
    pub async fn commit(&self, txn: Txn) -> Result<(), StoreError> {
        // To its end, also if nobody waits any more: a turn must not end before its commit.
        let db = self.clone();
        let commit = async move { db.commit_in_turn(txn).await };
        match tokio::spawn(commit.in_current_span()).await {
            Ok(committed) => committed,
            Err(error) => Err(StoreError::Unknown(DbErr::Custom(error.to_string()))),
        }
    }

    async fn commit_in_turn(&self, txn: Txn) -> Result<(), StoreError> {
        // Dropped last: nobody else writes before this one is rolled back, or the process has ended.
        let Txn { turn: _turn, inner, touched, grown, witness } = txn;
        let touched = touched.into_inner().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.as_ref().map_or(Timestamp(i64::MAX), |clock| clock.now());
        touched.write(&inner, now).await?;
        let committed = inner.commit().await;
        // Also when the outcome is unknown: a phone that pulls in vain loses nothing.
        let people = touched.people();
        if !people.is_empty() {
            // An error only means that nobody is subscribed.
            let _ = self.changes.send(people.into());
        }
        if let (Ok(()), Some(witness)) = (&committed, witness.get()) {
            let grown = grown.into_inner().unwrap_or_else(PoisonError::into_inner);
            grown.into_iter().for_each(|(auction, head)| witness.grown(auction, head));
        }
        let Err(error) = committed else { return Ok(()) };
        if self.backend() == DbBackend::Sqlite {
            tracing::error!(%error, "a commit failed; the process ends, to read the disk again");
            std::process::abort();
        }
        Err(StoreError::Unknown(error))
    }

    /// Empties SQLite's log of changes, which would keep removed rows until it is overwritten. The
    /// database's own pages are zeroed by `secure_delete`. Somebody who reads meanwhile keeps a part
    /// of the log, which is overwritten with the next changes.
    ///
    /// # Errors
    /// [`DbErr`].
    pub async fn forget_pages(&self) -> Result<(), sea_orm::DbErr> {
        match self.backend() {
            DbBackend::Sqlite => {
                self.writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Checks that the database can be written to, for `/readyz`.
    ///
    /// # Errors
    /// If it can't.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        txn.rollback().await?;
        Ok(())
    }

    /// The kind of database in use.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    async fn check_version(&self) -> anyhow::Result<()> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(());
        }
        let statement = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS v");
        let row = self.readers.query_one_raw(statement).await?;
        let version: String = match row {
            Some(row) => row.try_get("", "v")?,
            None => anyhow::bail!("SQLite does not report its version"),
        };
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let found = (next(), next(), next());
        anyhow::ensure!(
            found >= SQLITE_VERSION_MIN,
            "SQLite {version} can lose commits in WAL mode; at least 3.51.3 is needed"
        );
        Ok(())
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                // Nothing of a forgotten person stays in free pages.
                .pragma("secure_delete", "ON")
        });
    options
}

/// A connection to the file as the pools have them.
fn ledger_connection(file: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(ACQUIRE_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}
