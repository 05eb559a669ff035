//! Days of the payment system against the ledger, as plain values.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::reconciliation::DayTotals;
use toruk_sync::domain::time::Timestamp;

/// A day that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciledDay {
    pub day: BusinessDay,
    /// The moment of the comparison.
    pub at: Timestamp,
    /// The number of lines of the statement.
    pub lines: u64,
    pub totals: DayTotals,
    /// The number of operations that do not agree.
    pub differences: u64,
    /// Set if so many operations do not agree that they became no tasks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_beyond_work: bool,
}

/// The statement that the payment system does not give.
#[derive(Debug, Clone)]
pub struct MissingStatement {
    pub day: BusinessDay,
    /// The moment of the last question.
    pub asked_at: Timestamp,
    /// What came instead, for the log and the page.
    pub reason: String,
}
