//! Ways to take a bid, by name, and what they must know to serve.

use super::load::Start;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};

/// A way to decide a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
pub enum Way {
    /// Our server on SQLite.
    TorukSqlite,
    /// Our server on PostgreSQL.
    TorukPostgres,
    /// Our server on SQLite, of the other program.
    OtherSqlite,
    /// Our server on PostgreSQL, of the other program.
    OtherPostgres,
    /// `BEGIN IMMEDIATE`, read, write, `COMMIT`, on SQLite.
    SqliteTransaction,
    /// `BEGIN`, `SELECT … FOR UPDATE`, write, `COMMIT`, on PostgreSQL.
    PostgresRowLock,
    /// One call of a PL/pgSQL function.
    PostgresFunction,
    /// No storage: the session, the phone's signature, the rule in memory, a signed receipt.
    None,
    /// As [`Self::None`], without cryptography.
    Echo,
}

impl Way {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::TorukSqlite => "toruk on sqlite",
            Self::TorukPostgres => "toruk on postgres",
            Self::OtherSqlite => "the other program on sqlite",
            Self::OtherPostgres => "the other program on postgres",
            Self::SqliteTransaction => "sqlite, a transaction a bid",
            Self::PostgresRowLock => "postgres, row lock",
            Self::PostgresFunction => "postgres, function",
            Self::None => "none: no storage",
            Self::Echo => "echo: nor cryptography",
        }
    }

    /// Returns `true` for our server.
    pub fn is_ours(self) -> bool {
        self.is_of_this_program() || self.is_of_the_other()
    }

    /// Returns `true` for our server as built here.
    pub fn is_of_this_program(self) -> bool {
        matches!(self, Self::TorukSqlite | Self::TorukPostgres)
    }

    /// Returns `true` for our server as built in the other program.
    pub fn is_of_the_other(self) -> bool {
        matches!(self, Self::OtherSqlite | Self::OtherPostgres)
    }

    /// Returns `true` if PostgreSQL keeps its rows.
    pub fn is_on_postgres(self) -> bool {
        use Way::{OtherPostgres, PostgresFunction, PostgresRowLock, TorukPostgres};
        matches!(self, TorukPostgres | OtherPostgres | PostgresRowLock | PostgresFunction)
    }
}

/// A phone that is signed in, as a way must know it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownPhone {
    /// The bearer token of its session.
    pub token: String,
    /// Its public key, SEC 1.
    pub public_key: Vec<u8>,
    /// Its owner.
    pub person: PersonId,
    /// The phone's id.
    pub device: DeviceId,
    /// The auction in which it bids.
    pub auction: AuctionId,
    /// The number of its owner in that auction.
    pub number: u16,
}

/// Everything that a way needs to serve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServedWay {
    /// The way.
    pub way: Way,
    /// Folder with the server's data, or with the key that signs receipts.
    pub data: PathBuf,
    /// URL of the database.
    pub url: String,
    /// All phones.
    pub phones: Vec<KnownPhone>,
    /// The state of each auction.
    pub start: Start,
}
