//! Whether anything was written since.

use super::{Db, StoreError};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

/// A state of the database, to be compared with another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteMark {
    /// The turns of SQLite's writers that have ended.
    Turns(u64),
    /// The transactions that PostgreSQL shows: two snapshots that show the same ones show the same
    /// rows.
    Snapshot(String),
}

impl Db {
    /// A mark of all that was ever written: as long as it is the same, so is what is read. It is
    /// another one before the writer hears that the change is on disk. On SQLite it counts this
    /// process alone: what a command of the same machine writes beside it is seen from this process's
    /// next turn on, which comes with its next heartbeat.
    ///
    /// # Errors
    /// [`StoreError`], of PostgreSQL alone, which is asked.
    pub async fn write_mark(&self) -> Result<WriteMark, StoreError> {
        if self.backend() == DbBackend::Sqlite {
            return Ok(WriteMark::Turns(self.turns.ended()));
        }
        let asked = "SELECT pg_current_snapshot()::text AS seen";
        let asked = Statement::from_string(DbBackend::Postgres, asked);
        let row = self.readers.query_one_raw(asked).await?;
        let seen = row.map(|row| row.try_get("", "seen")).transpose()?;
        Ok(WriteMark::Snapshot(seen.unwrap_or_default()))
    }
}
