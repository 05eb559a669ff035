//! A day's statement of the payment system against the ledger, to the tyiyn.
//!
//! # Why operations are matched by name, not by day
//! Two clocks never agree about midnight, and an operation may be stated a day late. Each operation
//! of the ledger has to be stated once, in whichever day's statement; only one that is missing
//! longer than [`MIDNIGHT_SLACK`] is a difference, which ends when the line comes.

use super::business_day::BusinessDay;
use super::id::IntentId;
use super::money::Tyiyn;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An operation of the ledger this close to the end of a day may be stated on the next one.
pub const MIDNIGHT_SLACK: TimeSpan = TimeSpan::minutes(10);
/// The currency of the ledger (ISO 4217).
pub const CURRENCY: &str = "KGS";

/// The direction of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Money that came in.
    Payment,
    /// Money that was refunded.
    Refund,
}

impl OperationKind {
    /// Its name in the database and in the keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }
}

/// The name of an operation: a payment's reference, or a refund's id.
pub type OperationName = (OperationKind, String);

/// A line of the payment system's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// Whether money came in or went back.
    pub kind: OperationKind,
    /// The payment's reference, or the refund's id.
    pub name: String,
    /// The order that was paid, if the line names one.
    pub order: Option<IntentId>,
    /// The amount in hundredths of the currency.
    pub amount: Tyiyn,
    /// ISO 4217, such as `KGS`.
    pub currency: String,
    /// The moment by the payment system's clock.
    pub at: Timestamp,
}

impl StatementLine {
    fn operation(&self) -> OperationName {
        (self.kind, self.name.clone())
    }
}

/// An operation as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedOperation {
    /// Whether money came in or went back.
    pub kind: OperationKind,
    /// The payment's reference, or the refund's id.
    pub name: String,
    /// The sum of its entries.
    pub amount: Tyiyn,
    /// The time by which the payment system should state it.
    pub at: Timestamp,
}

/// The reason why an operation does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The ledger has it, the payment system does not state it.
    NotStated,
    /// The payment system states it, the ledger does not have it.
    NotBooked,
    /// Both sides have it, with amounts that differ.
    Amount,
    /// It is stated in another currency.
    Currency,
    /// It is stated more than once.
    Doubled,
}

impl DifferenceKind {
    /// Its name in the database and in the keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotStated => "not_stated",
            Self::NotBooked => "not_booked",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Doubled => "doubled",
        }
    }
}

/// One operation on which the payment system and the ledger do not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The day whose statement shows it.
    pub day: BusinessDay,
    /// The reason why it does not agree.
    pub kind: DifferenceKind,
    /// Whether money came in or went back.
    pub operation: OperationKind,
    /// The payment's reference, or the refund's id.
    pub name: String,
    /// The order, if the statement names one.
    pub order: Option<IntentId>,
    /// The stated amount in hundredths, with its currency.
    pub stated: Option<(Tyiyn, String)>,
    /// The amount in the ledger.
    pub booked: Option<Tyiyn>,
}

impl Difference {
    /// Returns `true` if `other`, of the same [`Self::key`], says the same.
    pub fn says(&self, other: &Self) -> bool {
        *self == Self { day: self.day, ..other.clone() }
    }

    /// A name that the same difference always has.
    pub fn key(&self) -> String {
        let (kind, operation) = (self.kind.key(), self.operation.key());
        // A missing operation stays one difference, however many days it is missing.
        match self.kind {
            DifferenceKind::NotStated => format!("{kind}:{operation}:{}", self.name),
            _ => format!("{kind}:{operation}:{}:{}", self.name, self.day),
        }
    }
}

/// Number and sum of some operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OperationTotal {
    /// How many there are.
    pub count: u64,
    /// The sum of their amounts, tyiyn.
    pub sum_tyiyn: i64,
}

impl OperationTotal {
    fn add(&mut self, amount: Tyiyn) {
        self.count += 1;
        self.sum_tyiyn = self.sum_tyiyn.saturating_add(amount.get());
    }
}

/// The totals of a day: of the statement's lines in som, and of the operations of the ledger that
/// should be among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayTotals {
    /// Payments that the statement has.
    pub payments_stated: OperationTotal,
    /// Payments that the ledger has.
    pub payments_booked: OperationTotal,
    /// Refunds that the statement has.
    pub refunds_stated: OperationTotal,
    /// Refunds that the ledger has.
    pub refunds_booked: OperationTotal,
}

impl DayTotals {
    fn stated(&mut self, kind: OperationKind) -> &mut OperationTotal {
        match kind {
            OperationKind::Payment => &mut self.payments_stated,
            OperationKind::Refund => &mut self.refunds_stated,
        }
    }

    fn booked(&mut self, kind: OperationKind) -> &mut OperationTotal {
        match kind {
            OperationKind::Payment => &mut self.payments_booked,
            OperationKind::Refund => &mut self.refunds_booked,
        }
    }
}

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// In the order of their operations.
    pub differences: Vec<Difference>,
    /// Number and sum on both sides.
    pub totals: DayTotals,
}

/// Compares a day's statement with the ledger. `booked` are the operations of the ledger that its
/// lines name, and those of the day; `earlier` are those of them that other days' statements name.
pub fn compare(
    day: BusinessDay,
    lines: &[StatementLine],
    booked: &[BookedOperation],
    earlier: &BTreeSet<OperationName>,
) -> Comparison {
    let known: BTreeMap<OperationName, &BookedOperation> = booked
        .iter()
        .map(|operation| ((operation.kind, operation.name.clone()), operation))
        .collect();
    let mut found = Comparison::default();
    let mut named = BTreeSet::new();
    let mut differing = BTreeSet::new();
    for line in lines {
        let name = line.operation();
        let ours = known.get(&name).copied();
        if line.currency == CURRENCY {
            found.totals.stated(line.kind).add(line.amount);
        }
        let is_again = earlier.contains(&name);
        let is_again = !named.insert(name) || is_again;
        if !is_again && let Some(ours) = ours {
            found.totals.booked(line.kind).add(ours.amount);
        }
        let kind = match ours {
            _ if is_again => DifferenceKind::Doubled,
            None => DifferenceKind::NotBooked,
            Some(_) if line.currency != CURRENCY => DifferenceKind::Currency,
            Some(ours) if ours.amount != line.amount => DifferenceKind::Amount,
            Some(_) => continue,
        };
        if differing.insert((kind, line.kind, line.name.as_str())) {
            found.differences.push(Difference {
                day,
                kind,
                operation: line.kind,
                name: line.name.clone(),
                order: line.order,
                stated: Some((line.amount, line.currency.clone())),
                booked: ours.map(|ours| ours.amount),
            });
        }
    }
    let due = day.end() - MIDNIGHT_SLACK;
    for ours in booked.iter().filter(|ours| ours.at < due) {
        let name = (ours.kind, ours.name.clone());
        if named.contains(&name) || earlier.contains(&name) {
            continue;
        }
        found.totals.booked(ours.kind).add(ours.amount);
        found.differences.push(Difference {
            day,
            kind: DifferenceKind::NotStated,
            operation: ours.kind,
            name: ours.name.clone(),
            order: None,
            stated: None,
            booked: Some(ours.amount),
        });
    }
    found.differences.sort_by(|one, next| {
        (one.operation, &one.name, one.kind).cmp(&(next.operation, &next.name, next.kind))
    });
    found
}

#[cfg(test)]
mod tests;
