//! Money in whole tyiyn, without floating point.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in tyiyn (1/100 som), from 0 to [`Tyiyn::MAX`].
///
/// `i64` because both databases store it so; never negative, which deserialisation enforces.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "i64", into = "i64")]
pub struct Tyiyn(i64);

/// The amount is negative or above [`Tyiyn::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount lies between 0 and {} tyiyn", Tyiyn::MAX.0)]
pub struct AmountOutOfRange;

impl Tyiyn {
    /// The amount of zero tyiyn.
    pub const ZERO: Self = Self(0);
    /// 90 billion som, ten times the most expensive lot on record (8.7 billion som), and below 2⁵³,
    /// so that a reader whose only number type is a double keeps every tyiyn.
    pub const MAX: Self = Self(9_000_000_000_000);

    /// # Errors
    /// [`AmountOutOfRange`] when negative or above [`Tyiyn::MAX`].
    pub const fn new(amount: i64) -> Result<Self, AmountOutOfRange> {
        if amount < 0 || amount > Self::MAX.0 {
            return Err(AmountOutOfRange);
        }
        Ok(Self(amount))
    }

    /// The amount as stored and sent.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum; `None` above [`Tyiyn::MAX`], so that no caller can forget the case.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?).ok()
    }

    /// The difference; `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(other.0)?).ok()
    }

    /// A share of the amount, rounded up to a whole som, as steps and deposits are frozen at
    /// publication. `None` above [`Tyiyn::MAX`].
    #[must_use]
    pub fn share(self, share: BasisPoints) -> Option<Self> {
        const TYIYN_PER_SOM: i128 = 100;
        const WHOLE: i128 = 10_000;
        let scaled = i128::from(self.0) * i128::from(share.0);
        let som = (scaled + WHOLE * TYIYN_PER_SOM - 1) / (WHOLE * TYIYN_PER_SOM);
        Self::new(i64::try_from(som * TYIYN_PER_SOM).ok()?).ok()
    }
}

impl Tyiyn {
    /// The amount as people read it: `1 260 000`, and `1 260 000,50` where there are tyiyn.
    pub fn to_short_string(self) -> String {
        let long = self.to_string();
        long.strip_suffix(",00").map_or_else(|| long.clone(), str::to_owned)
    }
}

impl TryFrom<i64> for Tyiyn {
    type Error = AmountOutOfRange;

    fn try_from(amount: i64) -> Result<Self, Self::Error> {
        Self::new(amount)
    }
}

impl From<Tyiyn> for i64 {
    fn from(amount: Tyiyn) -> Self {
        amount.0
    }
}

/// `1 260 000,00`: groups of three separated by no-break spaces, and a decimal comma, as in Kyrgyz
/// and Russian.
impl fmt::Display for Tyiyn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let som = (self.0 / 100).to_string();
        for (position, digit) in som.char_indices() {
            if position > 0 && (som.len() - position).is_multiple_of(3) {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ",{:02}", self.0 % 100)
    }
}

/// A share in hundredths of a percent: 500 is 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct BasisPoints(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    fn tyiyn(amount: i64) -> Tyiyn {
        Tyiyn::new(amount).unwrap()
    }

    #[test]
    fn a_share_is_rounded_up_to_a_whole_som() {
        for (value, share, expected) in [
            (873_191_700_000, 2_000, 174_638_340_000), // Ak-Kula: a fifth of 8 731 917 000 som
            (26_300, 500, 1_400),                      // 13,15 som becomes 14
            (100, 1, 100),
            (0, 500, 0),
        ] {
            assert_eq!(tyiyn(value).share(BasisPoints(share)), Some(tyiyn(expected)));
        }
        assert_eq!(Tyiyn::MAX.share(BasisPoints(10_001)), None);
    }

    #[test]
    fn an_amount_is_never_negative_nor_too_large() {
        assert!(serde_json::from_str::<Tyiyn>("-1").is_err());
        assert!(serde_json::from_str::<Tyiyn>("9000000000001").is_err());
        assert!(serde_json::from_str::<Tyiyn>("1.5").is_err());
        assert!(serde_json::from_str::<Tyiyn>(&"9".repeat(1_000_000)).is_err());
        assert_eq!(Tyiyn::MAX.checked_add(tyiyn(1)), None);
        assert_eq!(Tyiyn::ZERO.checked_sub(tyiyn(1)), None);
    }

    #[test]
    fn an_amount_reads_as_kyrgyz_and_russian_write_it() {
        assert_eq!(tyiyn(126_000_050).to_string(), "1\u{a0}260\u{a0}000,50");
        assert_eq!(tyiyn(5).to_string(), "0,05");
        assert_eq!(tyiyn(126_000_000).to_short_string(), "1\u{a0}260\u{a0}000");
        assert_eq!(tyiyn(126_000_050).to_short_string(), "1\u{a0}260\u{a0}000,50");
    }
}
