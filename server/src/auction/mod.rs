//! What carries an auction.

mod award;
mod batcher;
mod bids;
mod decision;
mod number;
mod outage;
pub mod proposals;
mod roster;
pub mod routes;
pub mod service;
mod store;

pub use batcher::{Lane, Place};
pub use decision::Clerk;
pub use service::{Act, Error, Service};
