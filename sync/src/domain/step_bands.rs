//! Steps by price: a dear lot may have smaller steps than a cheap one, as 5 % beside the usual 10 %
//! in Uzbekistan.
//!
//! # Why the start price and not the running one
//! A step that changed in the middle of the bidding would make bidders pay another step than the one
//! they read in the notice. The start price is known when the amounts are frozen.

use super::money::{BasisPoints, Tyiyn};
use serde::{Deserialize, Serialize};

/// Most bands of a profile.
pub const STEP_BANDS_MAX: usize = 8;

/// The range of steps of lots whose start price is at least [`Self::from`], and less than the next
/// band's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepBand {
    /// The least start price of the band, tyiyn.
    pub from: Tyiyn,
    /// The least step, as a share of the start price.
    pub step_min: BasisPoints,
    /// The greatest step, as a share of the start price.
    pub step_max: BasisPoints,
}

/// The last band that a start price reaches; the bands are in order.
pub(super) fn band_of(bands: &[StepBand], value: Tyiyn) -> Option<&StepBand> {
    bands.iter().take_while(|band| band.from <= value).last()
}

/// Returns `true` if the bands have an order and a possible step each.
pub(super) fn are_sound(bands: &[StepBand]) -> bool {
    let is_range = |band: &StepBand| {
        band.step_min > BasisPoints(0)
            && band.step_min <= band.step_max
            && band.step_max <= BasisPoints(10_000)
    };
    let rises = bands.is_sorted_by(|band, next| band.from < next.from);
    let begins = bands.first().is_some_and(|band| band.from > Tyiyn::ZERO);
    begins && rises && bands.len() <= STEP_BANDS_MAX && bands.iter().all(is_range)
}
