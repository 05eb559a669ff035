//! A thread that writes bids to SQLite, with a connection and prepared statements of its own.
//!
//! # Why not the writer that all others use
//! A batch of bids is a dozen statements. Through a pool each of them is built, handed to another
//! thread and waited for; that cost more processor time than everything else that is kept of a bid.
//! Here the whole batch is one piece of work of one thread: it waits for nothing but the disk.
//!
//! # Why it takes turns
//! SQLite has one writer. A writer, here or there, holds the turn meanwhile; it is given in
//! the order in which it was asked for, so that neither side starves the other.

use super::error::StoreError;
use super::witness::{LogHead, Witness};
use crate::disk::Disk;
use crate::lock::lock;
use rusqlite::{CachedStatement, Connection, ErrorCode, Transaction, TransactionBehavior};
use sea_orm::{ConnAcquireErr, DbErr};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

/// Statements that stay prepared: more than there are.
const STATEMENTS: usize = 64;

/// Who writes to SQLite; held while somebody does.
#[derive(Clone, Default)]
pub struct WritersTurn {
    free: Arc<Mutex<()>>,
    ended: Arc<AtomicU64>,
}

/// The right to write, until it is dropped.
pub struct Turn {
    ended: Arc<AtomicU64>,
    _held: OwnedMutexGuard<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While it is still held: nobody has written since and is not counted.
        self.ended.fetch_add(1, Ordering::Release);
    }
}

impl WritersTurn {
    /// Waits for the turn, which is given in order.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when it does not come in time.
    pub async fn take(&self, within: Duration) -> Result<Turn, StoreError> {
        let held = timeout(within, self.free.clone().lock_owned()).await;
        let busy = |_| StoreError::Busy(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        Ok(Turn { ended: self.ended.clone(), _held: held.map_err(busy)? })
    }

    /// The number of turns that have ended.
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread, from the first bid on.
#[derive(Clone, Default)]
pub struct Ledger(Arc<std::sync::Mutex<LedgerThread>>);

#[derive(Default)]
enum LedgerThread {
    #[default]
    NotStarted,
    Running {
        jobs: mpsc::Sender<Job>,
        ended: oneshot::Receiver<()>,
    },
    Closed,
}

/// The right to write to SQLite, and the thread that does.
pub struct LedgerTurn {
    pub(super) turn: Turn,
    pub(super) jobs: mpsc::Sender<Job>,
    pub(super) rules: LedgerRules,
}

impl LedgerTurn {
    /// Runs `work` in a writing transaction on the thread, to its end even if nobody waits, and
    /// releases the turn. `None` if it panicked; nothing was written then, unless it had committed.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(Result<LedgerTxn<'_>, StoreError>) -> T + Send + 'static,
    ) -> Option<T> {
        let Self { turn, jobs, rules } = self;
        let (done, result) = oneshot::channel();
        let job = Box::new(move |connection: &mut Connection| {
            let worked = work(LedgerTxn::begin(connection, rules));
            drop(turn);
            // An error only means that nobody waits any more.
            let _ = done.send(worked);
        });
        // A job that can't be sent is dropped, and so is its answer.
        let _ = jobs.send(job);
        result.await.ok()
    }
}

impl Ledger {
    /// Ends the thread, and waits until its connection is closed.
    pub async fn close(&self) {
        let thread = std::mem::replace(&mut *lock(&self.0), LedgerThread::Closed);
        if let LedgerThread::Running { jobs, ended } = thread {
            drop(jobs);
            // Never sent: the thread's end drops it.
            let _ = ended.await;
        }
    }

    /// Where its jobs are sent to; the thread is started with what `open` returns if there is none
    /// yet.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be started.
    pub(super) fn jobs(
        &self,
        open: impl FnOnce() -> Result<Connection, rusqlite::Error>,
    ) -> Result<mpsc::Sender<Job>, StoreError> {
        let mut thread = lock(&self.0);
        match &*thread {
            LedgerThread::Running { jobs, .. } => Ok(jobs.clone()),
            LedgerThread::Closed => Err(StoreError::Busy(DbErr::Custom("closed".to_owned()))),
            LedgerThread::NotStarted => {
                let (jobs, next) = mpsc::channel();
                let (end, ended) = oneshot::channel();
                let connection = open()?;
                connection.set_prepared_statement_cache_capacity(STATEMENTS);
                std::thread::Builder::new()
                    .name("ledger".to_owned())
                    .spawn(move || work(connection, &next, end))
                    .map_err(|error| StoreError::Busy(DbErr::Custom(error.to_string())))?;
                *thread = LedgerThread::Running { jobs: jobs.clone(), ended };
                Ok(jobs)
            }
        }
    }
}

fn work(mut connection: Connection, jobs: &mpsc::Receiver<Job>, end: oneshot::Sender<()>) {
    while let Ok(job) = jobs.recv() {
        // Its transaction is rolled back, and who waits for it hears that it ended.
        if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
            tracing::error!("a batch of bids panicked");
        }
    }
    drop(connection);
    drop(end);
}

/// What a transaction of the ledger needs besides its connection.
#[derive(Clone)]
pub struct LedgerRules {
    pub(super) disk: Option<Arc<Disk>>,
    pub(super) witness: Arc<OnceLock<Witness>>,
}

/// A writing transaction of the ledger. Dropped without [`Self::commit`], it is rolled back.
pub struct LedgerTxn<'a> {
    inner: Transaction<'a>,
    rules: LedgerRules,
    grown: RefCell<Vec<(Uuid, LogHead)>>,
}

impl<'a> LedgerTxn<'a> {
    /// Begins it; the caller has the turn.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process writes for too long, or the disk is full.
    pub fn begin(connection: &'a mut Connection, rules: LedgerRules) -> Result<Self, StoreError> {
        if let Some(disk) = &rules.disk {
            disk.before_write()?;
        }
        let inner = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Self { inner, rules, grown: RefCell::default() })
    }

    /// A statement that stays prepared.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be prepared.
    pub fn statement(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.inner.prepare_cached(sql)?)
    }

    /// Records that an auction's log has grown to this head.
    pub fn grown(&self, auction: Uuid, head: LogHead) {
        self.grown.borrow_mut().push((auction, head));
    }

    /// As [`super::Txn::check_log`].
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    pub fn check_log(&self, auction: Uuid, found: LogHead) -> Result<(), StoreError> {
        self.rules.witness.get().map_or(Ok(()), |witness| witness.check(auction, found))
    }

    /// Commits; the changes are on disk when this returns. The process ends if that fails, as in
    /// [`super::Db::commit`].
    pub fn commit(self) {
        if let Err(error) = self.inner.commit() {
            tracing::error!(%error, "a commit failed; the process ends, to read the disk again");
            std::process::abort();
        }
        if let Some(witness) = self.rules.witness.get() {
            let grown = self.grown.into_inner();
            grown.into_iter().for_each(|(auction, head)| witness.grown(auction, head));
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|error| (error.code, error.extended_code));
        let error = DbErr::Custom(error.to_string());
        match code {
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => Self::Busy(error),
            Some((
                _,
                rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE,
            )) => Self::Conflict,
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[tokio::test]
    async fn a_panic_costs_one_transaction_and_not_the_thread() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let open = || Connection::open(&path);
        open().unwrap().execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY)").unwrap();
        let (ledger, turns) = (Ledger::default(), WritersTurn::default());
        let second = Duration::from_secs(1);
        let write = async |a: i64, fails: bool| {
            let rules = LedgerRules { disk: None, witness: Arc::default() };
            let (turn, jobs) = (turns.take(second).await?, ledger.jobs(open)?);
            let work = move |txn: Result<LedgerTxn<'_>, StoreError>| {
                let txn = txn?;
                txn.statement("INSERT INTO t VALUES (?1)")?.execute([a])?;
                assert!(!fails);
                txn.commit();
                Ok::<_, StoreError>(())
            };
            Ok::<_, StoreError>(LedgerTurn { turn, jobs, rules }.run(work).await)
        };
        assert!(write(1, true).await.unwrap().is_none());
        assert!(write(1, false).await.unwrap().unwrap().is_ok());
        let again = write(1, false).await.unwrap().unwrap();
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
        ledger.close().await;
        assert!(write(2, false).await.is_err(), "nothing is written any more");
    }

    #[tokio::test(start_paused = true)]
    async fn the_turn_is_given_in_order_and_not_waited_for_without_end() {
        let turns = WritersTurn::default();
        let second = Duration::from_secs(1);
        let held = turns.take(second).await.unwrap();
        assert!(matches!(turns.take(second).await, Err(StoreError::Busy(_))));
        drop(held);
        assert!(turns.take(second).await.is_ok());
    }
}
