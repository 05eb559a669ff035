//! A price that is paid in parts after the contract.
//!
//! # Why only a price that is paid once
//! A yearly rent is paid by the lease, year by year; there is no sum to divide.

use super::business_day::BusinessDay;
use super::money::{BasisPoints, Tyiyn};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most parts of a price.
pub const INSTALMENTS_MAX: u16 = 60;
/// Most months from one part to the next.
pub const INSTALMENT_MONTHS_MAX: u16 = 12;

const TYIYN_PER_SOM: i64 = 100;

/// How a price is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstalmentPlan {
    /// The number of parts, from 2 to [`INSTALMENTS_MAX`].
    pub count: u16,
    /// The first part, as a share of the price, rounded up to a whole som.
    pub first_share: BasisPoints,
    /// The months from one part to the next, from 1 to [`INSTALMENT_MONTHS_MAX`].
    pub every_months: u16,
}

/// One part of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Instalment {
    /// Its number, from 1.
    pub number: u16,
    /// The whole part, tyiyn.
    pub amount: Tyiyn,
    /// What the guarantee deposit has paid of it.
    pub counted: Tyiyn,
    /// The months after the contract; 0 for the first part.
    pub months: u16,
    /// The end of the day by which it is paid, exclusive; absent until the contract is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Instalment {
    /// The last day on which it is in time.
    pub fn day(&self) -> Option<BusinessDay> {
        self.due.map(|due| BusinessDay::of(due - Timestamp::TICK))
    }

    /// What is still to be paid of it.
    pub fn left(&self) -> Tyiyn {
        self.amount.checked_sub(self.counted).unwrap_or(Tyiyn::ZERO)
    }
}

impl InstalmentPlan {
    /// Returns `true` if there is something to divide.
    pub(super) fn is_sound(&self) -> bool {
        (2..=INSTALMENTS_MAX).contains(&self.count)
            && (1..=INSTALMENT_MONTHS_MAX).contains(&self.every_months)
            && (1..10_000).contains(&self.first_share.0)
    }

    /// Divides a price: the first part is its share, the others are equal in whole som, and the last
    /// of them has what is left over, so that the parts are the price to the tyiyn. `deposit` counts
    /// towards the first part, and what is more than it towards the next ones.
    ///
    /// A price too small for so many parts has fewer: no part is of nothing, unless the price is.
    pub fn divide(&self, price: Tyiyn, deposit: Tyiyn) -> Vec<Instalment> {
        let first = price.share(self.first_share).unwrap_or(price).min(price);
        let rest = price.get() - first.get();
        let others = i64::from(self.count.saturating_sub(1)).max(1);
        let each = rest / others / TYIYN_PER_SOM * TYIYN_PER_SOM;
        let amount = |place: i64| match place {
            0 => first.get(),
            place if place < others => each,
            _ => rest - each * (others - 1),
        };
        let mut unspent = deposit;
        let mut parts = Vec::with_capacity(usize::from(self.count));
        for place in 0..=others {
            let amount = Tyiyn::new(amount(place)).unwrap_or(Tyiyn::ZERO);
            if amount == Tyiyn::ZERO && place > 0 {
                continue;
            }
            let counted = unspent.min(amount);
            unspent = unspent.checked_sub(counted).unwrap_or(Tyiyn::ZERO);
            let number = u16::try_from(parts.len() + 1).unwrap_or(u16::MAX);
            let months = (number - 1).saturating_mul(self.every_months);
            parts.push(Instalment { number, amount, counted, months, due: None });
        }
        parts
    }
}

/// The end of the day by which a part is paid: the first by the next working day after the contract,
/// each other on the contract's day of its month, or the next working day.
pub(super) fn due(contract_at: Timestamp, months: u16, holidays: &BTreeSet<String>) -> Timestamp {
    match months {
        0 => contract_at.after_working_days(1, holidays),
        months => contract_at.months_later(months, holidays),
    }
}

#[cfg(test)]
mod tests;
