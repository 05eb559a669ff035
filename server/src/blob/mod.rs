//! Files: resumable uploads, addressed by content, private to their account.

pub mod clamav;
mod files;
pub mod quarantine;
mod receiving;
pub mod routes;
pub mod service;
mod store;

pub use quarantine::Scan;
pub use service::{Error, Service, Whole};
