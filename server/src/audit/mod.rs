//! The audit trail: written in the transaction of the act itself, hash-chained, never changed.

pub mod service;
mod store;

pub use service::{Entry, Row, Service};
