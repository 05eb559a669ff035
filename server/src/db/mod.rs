//! The database: SQLite by default, PostgreSQL for several nodes.
//!
//! # Why one writer on SQLite
//! SQLite takes one writing transaction at a time anyway. A pool of writers only adds waiting
//! inside the library, where a read that turns into a write fails at once with
//! `SQLITE_BUSY_SNAPSHOT`. So every writing transaction is `IMMEDIATE`, on one connection, in the
//! order in which it was asked for; readers have a pool of their own and see committed data.
//!
//! # The order of locks
//! On PostgreSQL transactions run side by side at Read Committed, and each holds the rows it decides
//! by. Whoever needs several takes them in this order, so that nobody waits in a circle:
//! ceremony or invitation, person, phone, auction, lot, application, attempt to pay, deposit, draft,
//! refund, push, the locks of [`advisory_lock`], and at the commit the counters of [`change_counter`],
//! in the order of their names. An auction is held alone by whoever changes it, and shared by whoever
//! decides something else by its state.

pub mod advisory_lock;
pub mod change_counter;
mod error;
mod txn;

pub use error::StoreError;
pub use txn::Txn;

use crate::clock::Clock;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Readers of SQLite at a time.
const SQLITE_READERS_MAX: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// Waiting for a connection longer than this is "busy".
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A transaction of ours waits for nothing but the database.
const IDLE_IN_TRANSACTION_MS: &str = "5000";
/// Longer than the database ends a vanished node's transaction.
const LOCK_TIMEOUT_MS: &str = "8000";
/// From this version on SQLite's WAL can't lose commits when two connections reset it at once.
const SQLITE_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);

/// Commits a listener may be behind before he is told that he has missed some.
const CHANGES_UNHEARD_MAX: usize = 1_024;

/// The database.
#[derive(Clone)]
pub struct Db {
    readers: DatabaseConnection,
    writer: DatabaseConnection,
    clock: Option<Arc<dyn Clock>>,
    changes: broadcast::Sender<Arc<[PersonId]>>,
}

impl Db {
    /// Opens `sqlite://FILE` or `postgres://…` and applies what is missing of the history, if its
    /// login may; otherwise nothing may be missing.
    ///
    /// # Errors
    /// When it can't be opened, or SQLite is older than its WAL can be trusted.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let (changes, _) = broadcast::channel(CHANGES_UNHEARD_MAX);
        let db = if url.starts_with("sqlite:") {
            let readers = Database::connect(sqlite(url, SQLITE_READERS_MAX)).await?;
            let writer = Database::connect(sqlite(url, 1)).await?;
            Self { readers, writer, clock: None, changes }
        } else {
            let mut options = ConnectOptions::new(url);
            options.max_connections(POSTGRES_CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
            options.sqlx_logging(false).map_sqlx_postgres_opts(|postgres| {
                // A node that vanished without closing its connection must not hold an auction.
                postgres.options([
                    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS),
                    ("lock_timeout", LOCK_TIMEOUT_MS),
                ])
            });
            let connection = Database::connect(options).await?;
            Self { readers: connection.clone(), writer: connection, clock: None, changes }
        };
        db.check_version().await?;
        toruk_migrations::up(&db.writer).await?;
        Ok(db)
    }

    /// The time of changes comes from `clock`. Without one, a removal counts as made just now for
    /// ever, and is never swept.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Whose phones have something new to pull, commit by commit, on this node. Who is behind by
    /// more than `CHANGES_UNHEARD_MAX` commits is told so.
    pub fn changes(&self) -> broadcast::Receiver<Arc<[PersonId]>> {
        self.changes.subscribe()
    }

    /// Begins reading: all that is read is as it was at one moment.
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

    /// For reading what is committed.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Begins a writing transaction.
    ///
    /// # Errors
    /// When no connection is free in time.
    pub async fn begin(&self) -> Result<Txn, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Txn { inner, touched: Mutex::default() })
    }

    /// Makes a transaction last; it is on disk when this returns.
    ///
    /// # Why the process dies of a failed commit on SQLite
    /// A commit whose `fdatasync` failed is not visible on this connection, and may yet be there
    /// after a restart: the pages are in the file. Only reading the file anew tells. So nothing more
    /// is answered from this process; whoever restarts it finds what is true, and clients ask
    /// again. PostgreSQL does the same to itself and breaks the connection.
    ///
    /// # Errors
    /// [`StoreError::Unknown`]: a commit that failed may still be seen, so nobody may be told that
    /// it was refused. Any other error is of the counters before it; nothing was written.
    pub async fn commit(&self, txn: Txn) -> Result<(), StoreError> {
        let Txn { inner, touched } = txn;
        let touched = touched.into_inner().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.as_ref().map_or(Timestamp(i64::MAX), |clock| clock.now());
        touched.write(&inner, now).await?;
        let committed = inner.commit().await;
        // Also when nobody knows whether it was: who looks in vain loses nothing.
        let people = touched.people();
        if !people.is_empty() {
            // Nobody need listen.
            let _ = self.changes.send(people.into());
        }
        let Err(error) = committed else { return Ok(()) };
        if self.backend() == DbBackend::Sqlite {
            tracing::error!(%error, "a commit failed; the process ends to read the disk anew");
            std::process::abort();
        }
        Err(StoreError::Unknown(error))
    }

    /// Whether it can be written to, for `/readyz`.
    ///
    /// # Errors
    /// When it can't.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        txn.rollback().await?;
        Ok(())
    }

    /// Which database it is.
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
            None => anyhow::bail!("SQLite does not tell its version"),
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
        });
    options
}
