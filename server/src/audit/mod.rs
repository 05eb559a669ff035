//! The audit trail: written in the transaction of the act itself, hash-chained, never changed.

pub mod action;
pub mod change;
mod entry;
pub mod service;
mod store;

pub use action::{Action, Principal};
pub use change::changes;
pub use entry::{Entry, Row};
pub use service::Service;
