//! Whether an auction can run under a profile.

use super::money::BasisPoints;
use super::rules::{RuleProfile, VerificationEnd};
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
            ("relaunch_cut_max", self.relaunch_cut_max <= whole),
            ("outage_share", self.outage_share.is_none_or(|share| share <= whole)),
            ("bid_burst", self.bid_burst != Some(0)),
            ("refund_days", self.refund_days != Some(0)),
            ("contract_days", self.contract_days != Some(0)),
            ("verification_end", is_hour),
            ("application_confirmation", !self.application_confirmation.is_empty()),
            ("award_confirmation", !self.award_confirmation.is_empty()),
        ];
        let fault = checks.into_iter().find(|(_, holds)| !holds);
        fault.map_or(Ok(()), |(name, _)| Err(name))
    }
}
