//! Deposits, payments, refunds, the ledger.
//!
//! The payment system is called outside of any transaction; its answers are settled inside one.

mod console;
mod forfeits;
pub mod gateway;
pub mod routes;
mod search;
pub mod service;
mod settlement;
mod slip;
mod store;
mod work;

pub use console::{Balance, PaymentRow};
pub use forfeits::{ForfeitCase, Opinion};
pub use service::{Error, Service};
