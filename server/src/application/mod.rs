//! Applications, and the operation log that phones deliver.

mod applicant;
mod console;
mod contact;
mod delivery;
mod erasure;
mod error;
mod evidence;
mod history;
mod merge_queue;
mod merging;
mod packages;
mod receipts;
mod risk;
pub mod routes;
mod search;
pub mod service;
mod store;
mod submission;

pub use console::{Detail, QueueRow, masked};
pub use contact::Contact;
pub use error::Error;
pub use risk::{Risk, RiskKind};
pub use service::Service;
