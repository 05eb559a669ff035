//! Applications and the lane of commands that phones deliver.

pub mod routes;
pub mod service;
mod store;

pub use service::{Error, Service};
