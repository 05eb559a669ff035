//! The ground every service stands on: database, clock, ids, the outside, the configuration.
//!
//! Below all features: it knows none of them, so that no feature reaches another through it.

use crate::config::Config;
use crate::db::Db;
use crate::ports::Ports;
use toruk_sync::receipt::Signer;

/// One per server; services share it behind an `Arc`.
pub struct Context {
    /// SQLite or PostgreSQL, with its one writer or its pool.
    pub db: Db,
    /// The clock, ids and the adapters to the outside.
    pub ports: Ports,
    /// As the operator started the server.
    pub config: Config,
    /// Signs receipts with the key of the data folder.
    pub signer: Signer,
}
