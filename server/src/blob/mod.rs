//! Files: resumable uploads, addressed by content, private to their account.

mod files;
pub mod routes;
pub mod service;
mod store;

pub use service::{Error, Service, Whole};
