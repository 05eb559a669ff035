//! What carries an auction.

mod award;
mod bidding;
mod growth;
mod number;
mod outage;
pub mod proposals;
mod roster;
pub mod routes;
pub mod service;
mod store;

pub use bidding::decide::Clerk;
pub use bidding::queue::{Lane, Place};
pub use growth::LogGrowth;
pub use service::{Act, Error, Service};
