//! Deposits, payments, refunds, the ledger.
//!
//! The payment system is called outside of any transaction; its answers are settled inside one.

pub mod bank;
mod callback;
mod console;
mod forfeits;
pub mod gateway;
pub mod reconciled_day;
mod reconciliation;
mod refund_of;
mod refunds;
pub mod routes;
mod search;
pub mod service;
mod settlement;
mod slip;
mod store;
mod tasks;
mod transfers;
mod ways;
mod work;

pub use bank::{BankImport, ImportHead};
pub use console::{Balance, PaymentRow};
pub use forfeits::{ForfeitCase, Opinion};
pub use reconciled_day::{MissingStatement, ReconciledDay};
pub use reconciliation::{DayReport, Reconciliations};
pub use refunds::OverdueRefund;
pub use service::{Error, Service};
pub use tasks::{TaskRow, Tasks};
pub use transfers::{ImportError, ImportPreview, LineFate};
