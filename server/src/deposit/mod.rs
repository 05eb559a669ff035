//! Deposits, payments, refunds, the ledger.

pub mod gateway;
pub mod routes;
pub mod service;
mod store;

pub use service::{Error, Service};
