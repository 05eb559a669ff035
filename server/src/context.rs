//! Shared dependencies of all services: database, clock, ids, ports, configuration.
//!
//! Below all features: it knows none of them, so that no feature reaches another through it.

use crate::address::AddressIds;
use crate::arrivals::Arrivals;
use crate::config::Config;
use crate::db::Db;
use crate::disk::Disk;
use crate::person_secrets::PersonSecrets;
use crate::ports::Ports;
use crate::rate_limits::RateLimits;
use std::sync::Arc;
use toruk_sync::receipt::Signer;

/// The dependencies of one server; services share them behind an `Arc`.
pub struct Context {
    /// SQLite with its one writer, or PostgreSQL with its pool.
    pub db: Db,
    /// Room on the data folder's disk.
    pub disk: Arc<Disk>,
    /// What clients sent and nobody has looked at yet.
    pub arrivals: Arc<Arrivals>,
    /// The clock, ids and the adapters to the outside.
    pub ports: Ports,
    /// The settings with which the operator started the server.
    pub config: Config,
    /// How much one address, or one session, may ask.
    pub limits: RateLimits,
    /// Names addresses in the log.
    pub address_ids: AddressIds,
    /// Signs receipts with the key of the data folder.
    pub signer: Signer,
    /// Hashes and seals what names a person.
    pub person_secrets: PersonSecrets,
    /// The keys that signed receipts before, in text, the newest first.
    pub former_receipt_keys: Vec<String>,
}
