//! The rules of money, line by line.

mod deposit;
mod ledger;
mod payment;
