//! Double entries: every tyiyn that leaves one account arrives on another.

use super::super::id::DepositId;
use super::super::money::Tyiyn;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An account of the ledger: money by the party to whom it is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Money that the payment system holds for the service (an asset).
    Gateway,
    /// Money on the operator's own bank account (an asset).
    Bank,
    /// One bidder's deposit (owed to that bidder).
    Deposit(DepositId),
    /// Deposits being refunded (owed to bidders).
    RefundsDue,
    /// Money that could not be credited (owed to the payer).
    Unmatched,
    /// Deposits counted towards a price (owed to the balance holder).
    Seller,
    /// Deposits kept after a default (owed to the budget).
    Forfeited,
}

/// One double entry: moves `amount` from `debit` to `credit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The kind of entry, part of the key under which it is booked once.
    pub kind: &'static str,
    /// The account to debit.
    pub debit: Account,
    /// The account to credit.
    pub credit: Account,
    /// The amount, never zero.
    pub amount: Tyiyn,
}

impl Move {
    /// An entry of `amount`.
    pub fn new(kind: &'static str, debit: Account, credit: Account, amount: Tyiyn) -> Self {
        Self { kind, debit, credit, amount }
    }
}

/// `deposit:<id>`, `gateway`, …: the account's name in the ledger table.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway => f.write_str("gateway"),
            Self::Bank => f.write_str("bank"),
            Self::Deposit(id) => write!(f, "deposit:{id}"),
            Self::RefundsDue => f.write_str("refunds_due"),
            Self::Unmatched => f.write_str("unmatched"),
            Self::Seller => f.write_str("seller"),
            Self::Forfeited => f.write_str("forfeited"),
        }
    }
}
