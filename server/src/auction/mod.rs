//! What carries an auction: every command goes through [`Service::execute`]-like paths of this feature.

pub mod routes;
pub mod service;
mod store;

pub use service::{Error, Service};
