//! A price that falls by a programme: what nobody bought is offered again for less, by shares that
//! the rules name and no official chooses.
//!
//! # Why a share of the attempt before, and not of the first
//! A draft knows the attempt before it, and an auditor finds both prices in two logs that name each
//! other; the limit of a cut ([`RuleProfile::relaunch_cut_max`]) is a share of the same price, so that
//! each share of the programme is within it or the profile is refused. A programme in shares of the
//! first price is written in these: 10 % and 20 % of the first are 10 % and 11.11 %.

use super::money::{BasisPoints, Tyiyn};
use super::rules::RuleProfile;

/// Most attempts of a programme.
pub const RELAUNCH_CUTS_MAX: usize = 10;

impl RuleProfile {
    /// The programme's cut for an attempt, by its number from 1; `None` where it names none: for the
    /// first attempt, and for those after its last.
    pub fn relaunch_cut(&self, attempt: u32) -> Option<BasisPoints> {
        let place = usize::try_from(attempt.checked_sub(2)?).ok()?;
        self.relaunch_cuts.as_ref()?.get(place).copied()
    }

    /// The start price of an attempt by the programme, after one that started at `before`; `None`
    /// where the programme names no cut.
    ///
    /// The cut is rounded up to a whole som as every share is; a price that it would use up stays.
    pub fn programmed_value(&self, attempt: u32, before: Tyiyn) -> Option<Tyiyn> {
        let cut = before.share(self.relaunch_cut(attempt)?)?;
        let value = before.checked_sub(cut).filter(|value| *value > Tyiyn::ZERO);
        Some(value.unwrap_or(before))
    }

    /// Returns `true` if each cut is one that a relaunch may make.
    pub(super) fn has_sound_relaunch_cuts(&self) -> bool {
        let Some(cuts) = &self.relaunch_cuts else { return true };
        let is_allowed = |cut: &BasisPoints| *cut <= self.relaunch_cut_max;
        (1..=RELAUNCH_CUTS_MAX).contains(&cuts.len()) && cuts.iter().all(is_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cuts: &[u16]) -> RuleProfile {
        let relaunch_cuts = Some(cuts.iter().copied().map(BasisPoints).collect());
        RuleProfile { relaunch_cuts, ..RuleProfile::standard() }
    }

    #[test]
    fn each_attempt_starts_lower_by_its_own_share_of_the_one_before() {
        let rules = with(&[1_000, 2_000, 0]);
        assert_eq!(rules.check(), Ok(()));
        for (attempt, before, expected) in [
            (0, 100_000, None),
            (1, 100_000, None),
            (2, 100_000, Some(90_000)),
            (3, 90_000, Some(72_000)),
            (4, 72_000, Some(72_000)),
            (5, 72_000, None),
            (u32::MAX, 72_000, None),
            // 12,35 som less a tenth: the cut of 1,235 som is one of 2 som.
            (2, 1_235, Some(1_035)),
            // A cut of one som would use up the price.
            (2, 100, Some(100)),
            (2, 0, Some(0)),
        ] {
            let value = rules.programmed_value(attempt, Tyiyn::new(before).unwrap());
            assert_eq!(value.map(Tyiyn::get), expected, "attempt {attempt} after {before}");
        }
        assert_eq!(RuleProfile::standard().programmed_value(2, Tyiyn::MAX), None);
    }

    #[test]
    fn no_cut_is_deeper_than_a_relaunch_may_make() {
        for (cuts, expected) in [
            (vec![2_000; RELAUNCH_CUTS_MAX], Ok(())),
            (vec![2_000; RELAUNCH_CUTS_MAX + 1], Err("relaunch_cuts")),
            (vec![], Err("relaunch_cuts")),
            (vec![2_001], Err("relaunch_cuts")),
            (vec![1_000, 10_000], Err("relaunch_cuts")),
        ] {
            assert_eq!(with(&cuts).check(), expected, "{cuts:?}");
        }
    }
}
