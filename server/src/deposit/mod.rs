//! Deposits, payments, refunds, the ledger.
//!
//! The payment system is asked outside of any transaction; what it said is settled inside one.

mod console;
pub mod gateway;
pub mod routes;
pub mod service;
mod settlement;
mod store;
mod work;

pub use console::{Balance, PaymentRow};
pub use service::{Error, Service};
