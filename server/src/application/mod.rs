//! Applications, and the operation log that phones deliver.

mod applicant;
mod console;
mod contact;
mod delivery;
mod erasure;
mod evidence;
mod history;
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
pub use risk::{Risk, RiskKind};
pub use service::{Error, Service};
