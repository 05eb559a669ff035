//! Lots and auctions as they are published.

mod pulled;
pub mod routes;
pub mod service;
mod store;

pub use service::{Error, Service};
