//! Notices to people, which become pushes after the commit.

pub mod fcm;
pub mod routes;
pub mod service;
mod store;

pub use fcm::FcmV1;
pub use service::{Error, PersonNotice, Service};
