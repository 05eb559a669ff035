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
//! refund, push, the turns of [`crate::db::advisory_lock`], and at the commit the counters of [`crate::db::change_counter`],
//! in the order of their names. An auction is held alone by whoever changes it, and shared by whoever
//! decides something else by its state.

pub mod advisory_lock;
pub mod change_counter;

use crate::clock::Clock;
use crate::db::change_counter::{Counted, Touched};
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult, RuntimeErr, SqlErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
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

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("not found")]
    NotFound,
    /// Another row has the same key.
    #[error("conflict")]
    Conflict,
    /// The commit failed in a way that leaves open whether it will be seen.
    #[error("the commit's outcome is not known")]
    Unknown(#[source] DbErr),
    /// A row does not hold what its type says: a defect, or a damaged database.
    #[error("a row of `{table}` can't be read: {reason}")]
    Damaged {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Not now; nothing was written.
    #[error("the database is busy or away")]
    Busy(#[source] DbErr),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Conflict,
            _ if is_passing(&error) => Self::Busy(error),
            _ => Self::Database(error),
        }
    }
}

/// SQLSTATEs of what goes by itself: a lock that could not be had in time, a circle of waiting, a
/// transaction that lost to another, too many connections, a server that starts or stops.
const PASSING: [&str; 8] = ["55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03", "25P03"];

/// Whether asking again later may succeed; nothing was written.
fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
            SqlxError::Database(cause) => {
                cause.code().is_some_and(|code| PASSING.contains(&code.as_ref()))
            }
            SqlxError::Io(_) | SqlxError::PoolTimedOut => true,
            _ => false,
        },
        _ => false,
    }
}

impl StoreError {
    /// For `map_err` on what a row's JSON column holds.
    pub fn damaged<E: std::fmt::Display>(table: &'static str) -> impl FnOnce(E) -> Self {
        move |reason| Self::Damaged { table, reason: reason.to_string() }
    }
}

/// Commits a listener may be behind before he is told that he has missed some.
const CHANGES_UNHEARD_MAX: usize = 1_024;

/// A writing transaction. Dropped without [`Db::commit`], it never was.
pub struct Txn {
    inner: DatabaseTransaction,
    touched: Mutex<Touched>,
}

impl Txn {
    /// Remembers that a row that phones pull was changed: it gets its scope's next number when the
    /// transaction commits. Takes no lock.
    pub fn touch(&self, scope: Counted, kind: &'static str, id: impl ToString) {
        self.note(scope, kind, id.to_string(), false);
    }

    /// As [`Self::touch`], for a row that is gone.
    pub fn forget(&self, scope: Counted, kind: &'static str, id: impl ToString) {
        self.note(scope, kind, id.to_string(), true);
    }

    /// Undoes it.
    ///
    /// # Errors
    /// [`DbErr`]; it never was, all the same.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    fn note(&self, scope: Counted, kind: &'static str, id: String, deleted: bool) {
        // Every section leaves it whole.
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.note(scope, kind, id, deleted);
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Txn {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}

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
