//! A transaction that writes bids to PostgreSQL.
//!
//! # Why not the one that all others use
//! What a batch costs there is round trips: one for each statement and each row that differs. Here
//! a batch is a handful of statements that take all its rows as arrays, whatever their number.

use super::error::StoreError;
use super::witness::{LogHead, Witness};
use sea_orm::sqlx::{self, PgConnection, PgPool, Postgres, Transaction};
use sea_orm::{DbErr, RuntimeErr};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Waits only briefly for rows that somebody else holds: no longer than a bid may wait in its
/// queue.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '1s'";

/// A writing transaction on PostgreSQL. Dropped without [`Self::commit`], it is rolled back.
pub struct LaneTxn {
    inner: Transaction<'static, Postgres>,
    witness: Arc<OnceLock<Witness>>,
    grown: Vec<(Uuid, LogHead)>,
}

impl LaneTxn {
    pub(super) async fn begin(
        pool: &PgPool,
        witness: Arc<OnceLock<Witness>>,
    ) -> Result<Self, StoreError> {
        let inner = pool.begin_with(BEGIN).await?;
        Ok(Self { inner, witness, grown: Vec::new() })
    }

    /// Where its statements run.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// As [`super::Txn::grown`].
    pub fn grown(&mut self, auction: Uuid, head: LogHead) {
        self.grown.push((auction, head));
    }

    /// As [`super::Txn::check_log`].
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    pub fn check_log(&self, auction: Uuid, found: LogHead) -> Result<(), StoreError> {
        self.witness.get().map_or(Ok(()), |witness| witness.check(auction, found))
    }

    /// Commits; the changes are on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], as of [`super::Db::commit`].
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self { inner, witness, grown } = self;
        inner.commit().await.map_err(|error| StoreError::Unknown(wrapped(error)))?;
        if let Some(witness) = witness.get() {
            grown.into_iter().for_each(|(auction, head)| witness.grown(auction, head));
        }
        Ok(())
    }
}

fn wrapped(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        wrapped(error).into()
    }
}
