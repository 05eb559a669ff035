//! Applications, and the operation log that phones deliver.

mod console;
mod delivery;
mod receipts;
pub mod routes;
mod search;
pub mod service;
mod store;
mod submission;

pub use console::{Detail, QueueRow};
pub use service::{Error, Service};
