//! The audit trail: written in the transaction of the act itself, hash-chained, never changed.

pub mod action;
mod entry;
pub mod service;
mod store;

pub use action::{Action, Principal};
pub use entry::{Entry, Row};
pub use service::Service;
