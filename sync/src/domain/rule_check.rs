//! Whether an auction can run under a profile.

use super::money::BasisPoints;
use super::rules::{RuleProfile, VerificationEnd};
use super::step_bands;
use super::time::TimeSpan;

impl RuleProfile {
    /// Checks that an auction can run under it.
    ///
    /// # Errors
    /// The name of the first field that has no possible value.
    pub fn check(&self) -> Result<(), &'static str> {
        const SPAN_MAX: TimeSpan = TimeSpan::days(3_660);
        let spans = [
            ("first_window", self.first_window, true),
            ("raise_window", self.raise_window, true),
            ("drain", self.drain, false),
            ("start_lateness_max", self.start_lateness_max, false),
            ("outage_min", self.outage_min, true),
            ("bid_interval_min", self.bid_interval_min, true),
            ("rectification", self.rectification, false),
            ("notice_period", self.notice_period, false),
            ("tender_end_before_start", self.tender_end_before_start, false),
            ("contract_period", self.contract_period, true),
            ("cancel_cutoff", self.cancel_cutoff, false),
            ("resume_notice_min", self.resume_notice_min, false),
            ("resume_window_min", self.resume_window_min, true),
            ("wallet_code_ttl", self.wallet_code_ttl, true),
            ("branch_code_ttl", self.branch_code_ttl, true),
            ("code_ttl_warning", self.code_ttl_warning, false),
            ("key_cooldown", self.key_cooldown(), false),
        ];
        for (name, span, is_some) in spans {
            let least = if is_some { TimeSpan(1) } else { TimeSpan::ZERO };
            if span < least || span > SPAN_MAX {
                return Err(name);
            }
        }
        let whole = BasisPoints(10_000);
        let is_hour = match self.verification_end {
            VerificationEnd::NextWorkingDay { hour } => hour < 24,
            VerificationEnd::After(span) => span > TimeSpan::ZERO && span <= SPAN_MAX,
        };
        let checks = [
            ("min_participants", self.min_participants > 0),
            ("guarantee_max", self.guarantee_max <= whole),
            ("guarantee_min", self.guarantee_min <= self.guarantee_max),
            ("step_max", self.step_max <= whole),
            ("step_min", self.step_min <= self.step_max && self.step_min > BasisPoints(0)),
            ("step_bands", self.step_bands.as_deref().is_none_or(step_bands::are_sound)),
            ("relaunch_cut_max", self.relaunch_cut_max <= whole),
            ("relaunch_cuts", self.has_sound_relaunch_cuts()),
            ("outage_share", self.outage_share.is_none_or(|share| share <= whole)),
            ("bid_burst", self.bid_burst != Some(0)),
            ("refund_days", self.refund_days != Some(0)),
            ("contract_days", self.contract_days != Some(0)),
            ("instalments", self.instalments.is_none_or(|plan| plan.is_sound())),
            ("verification_end", is_hour),
            ("application_confirmation", !self.application_confirmation.is_empty()),
            ("award_confirmation", !self.award_confirmation.is_empty()),
        ];
        let fault = checks.into_iter().find(|(_, holds)| !holds);
        fault.map_or(Ok(()), |(name, _)| Err(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Tyiyn;
    use crate::domain::step_bands::{STEP_BANDS_MAX, StepBand};

    fn band(from: i64, step_min: u16, step_max: u16) -> StepBand {
        let from = Tyiyn::new(from).unwrap();
        StepBand { from, step_min: BasisPoints(step_min), step_max: BasisPoints(step_max) }
    }

    fn with(bands: Vec<StepBand>) -> RuleProfile {
        RuleProfile { step_bands: Some(bands), ..RuleProfile::standard() }
    }

    #[test]
    fn a_start_price_has_the_range_of_the_last_band_that_it_reaches() {
        let rules = with(vec![band(1_000, 500, 1_000), band(5_000, 500, 500)]);
        assert_eq!(rules.check(), Ok(()));
        for (value, expected) in [
            (0, (50, 2_000)),
            (999, (50, 2_000)),
            (1_000, (500, 1_000)),
            (4_999, (500, 1_000)),
            (5_000, (500, 500)),
            (9_000_000_000_000, (500, 500)),
        ] {
            let (min, max) = rules.step_range(Tyiyn::new(value).unwrap());
            assert_eq!((min.0, max.0), expected, "{value}");
        }
        let (min, max) = RuleProfile::standard().step_range(Tyiyn::MAX);
        assert_eq!((min.0, max.0), (50, 2_000), "without bands one range is for all");
    }

    #[test]
    fn bands_without_an_order_or_a_possible_step_are_refused() {
        let many = |count: i64| (1..=count).map(|no| band(no, 500, 500)).collect::<Vec<_>>();
        let most = STEP_BANDS_MAX as i64;
        assert_eq!(with(many(most)).check(), Ok(()));
        for bands in [
            many(most + 1),
            vec![],
            vec![band(0, 500, 500)],
            vec![band(5, 500, 500), band(5, 500, 500)],
            vec![band(5, 500, 500), band(4, 500, 500)],
            vec![band(5, 0, 500)],
            vec![band(5, 501, 500)],
            vec![band(5, 500, 10_001)],
        ] {
            assert_eq!(with(bands.clone()).check(), Err("step_bands"), "{bands:?}");
        }
    }

    #[test]
    fn a_profile_without_bands_reads_and_writes_as_before() {
        let text = serde_json::to_string(&RuleProfile::standard()).unwrap();
        assert!(!text.contains("step_bands"), "{text}");
        assert_eq!(serde_json::from_str::<RuleProfile>(&text).unwrap(), RuleProfile::standard());
    }
}
