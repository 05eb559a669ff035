//! The rules of money, line by line.

mod deposit;
mod forfeit;
mod ledger;
mod payment;
