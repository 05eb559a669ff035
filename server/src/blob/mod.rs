//! Files: resumable uploads, addressed by content, private to their account.

mod address_quota;
pub mod clamav;
mod files;
pub mod quarantine;
mod receiving;
pub mod routes;
pub mod service;
mod store;
mod upload;
mod upload_lock;

pub use service::{Error, Service};
pub use upload::{Scan, View, Whole};
