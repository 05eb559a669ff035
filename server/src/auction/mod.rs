//! What carries an auction.

mod bids;
mod number;
mod outage;
pub mod proposals;
mod roster;
pub mod routes;
pub mod service;
mod store;

pub use service::{Act, Error, Service};
