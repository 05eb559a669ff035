//! Every number the law or an operator may change, in one versioned record.
//!
//! An auction carries a copy of the profile it was published under: a later profile never
//! changes a running auction.

use super::money::BasisPoints;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How an application is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Signature and deposit are enough.
    Auto,
    /// A moderator decides first.
    Manual,
}

/// What happens when the winner does not confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The auction is unsuccessful and may be created anew (the manual's remedy).
    None,
    /// The best other bidder is offered the lot once, at his own last price.
    RunnerUp,
}

/// How a person confirms an act that binds him.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationMethod {
    /// A passkey with user verification; its challenge is the hash of the canonical bytes.
    Passkey,
    /// A detached CMS signature (ЭЦП) over the canonical bytes.
    Eds,
    /// The state's eID through OpenID Connect.
    Eid,
}

/// When a winner's time to confirm ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerificationEnd {
    /// This hour in Bishkek, on the next working day.
    NextWorkingDay {
        /// 0 to 23.
        hour: u8,
    },
    /// This long after the close.
    After(TimeSpan),
}

/// The rules an auction runs under. Sources: the manual's steps (R3–R11) where it has a number,
/// ProZorro.Sale and Kazakh practice where it is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleProfile {
    /// A short name, such as `kg-2026`.
    pub id: String,
    /// Rises with each change.
    pub version: u32,
    /// The act the numbers rest on; `None` until a lawyer names it.
    pub legal_basis: Option<String>,
    /// Time for the first offer (manual, step 23: 30 minutes).
    pub first_window: TimeSpan,
    /// Time after every raise (manual, step 25: 5 minutes).
    pub raise_window: TimeSpan,
    /// Whether an early first offer leaves the rest of the first window standing.
    pub first_window_is_minimum: bool,
    /// Whether the leader may raise his own price.
    pub allow_self_raise: bool,
    /// Fewer eligible participants end the auction at the close of applications.
    pub min_participants: u16,
    /// How long after a deadline the close waits, so that a bid stamped in time is decided first.
    pub drain: TimeSpan,
    /// A start later than this suspends the auction instead of opening it.
    pub start_lateness_max: TimeSpan,
    /// The service down for this long across an open window stops the clock.
    pub outage_min: TimeSpan,
    /// One participant's bids lie at least this far apart.
    pub bid_interval_min: TimeSpan,
    /// Bidding ends here at the latest, whatever was raised, unless the clock was stopped meanwhile;
    /// `None` (default): a hard stop brings sniping back.
    pub hard_stop: Option<Timestamp>,
    /// How long published terms may still be mended; zero skips the state.
    pub rectification: TimeSpan,
    /// Least time from publication to the start.
    pub notice_period: TimeSpan,
    /// Applications close this long before the start.
    pub tender_end_before_start: TimeSpan,
    /// Least guarantee, of the start price.
    pub guarantee_min: BasisPoints,
    /// Greatest guarantee, of the start price.
    pub guarantee_max: BasisPoints,
    /// Least step, of the start price.
    pub step_min: BasisPoints,
    /// Greatest step, of the start price.
    pub step_max: BasisPoints,
    /// How applications are let in.
    pub admission: Admission,
    /// What accepts an application.
    pub application_confirmation: BTreeSet<ConfirmationMethod>,
    /// What accepts the winner's protocol.
    pub award_confirmation: BTreeSet<ConfirmationMethod>,
    /// When the winner's time to confirm ends.
    pub verification_end: VerificationEnd,
    /// Time for the contract after the winner's confirmation.
    pub contract_period: TimeSpan,
    /// What follows when the winner does not confirm.
    pub fallback: Fallback,
    /// Whether deposits are forfeited when nobody bids. The manual names no penalty.
    pub forfeit_if_nobody_bids: bool,
    /// No ordinary cancellation later than this before the start.
    pub cancel_cutoff: TimeSpan,
    /// A resumption is announced at least this far ahead.
    pub resume_notice_min: TimeSpan,
    /// The first-offer window has at least this left after a resumption.
    pub resume_window_min: TimeSpan,
    /// Life of a mobile wallet's payment code (manual, step 17).
    pub wallet_code_ttl: TimeSpan,
    /// Life of a bank branch's payment code (manual, step 18).
    pub branch_code_ttl: TimeSpan,
    /// A code cut shorter than this by the close of applications carries a warning.
    pub code_ttl_warning: TimeSpan,
    /// How far a relaunch may lower the start price, of the start price.
    pub relaunch_cut_max: BasisPoints,
    /// Days without work, as `2026-12-31`.
    pub holidays: BTreeSet<String>,
    /// 1 in earnest; more in a sandbox whose clock runs faster.
    pub clock_speed: u32,
}

impl RuleProfile {
    /// The defaults of `kg-2026`.
    pub fn standard() -> Self {
        let passkey = BTreeSet::from([ConfirmationMethod::Passkey]);
        Self {
            id: "kg-2026".to_owned(),
            version: 1,
            legal_basis: None,
            first_window: TimeSpan::minutes(30),
            raise_window: TimeSpan::minutes(5),
            first_window_is_minimum: false,
            allow_self_raise: false,
            min_participants: 2,
            drain: TimeSpan::seconds(2),
            start_lateness_max: TimeSpan::seconds(2),
            outage_min: TimeSpan::seconds(10),
            bid_interval_min: TimeSpan::seconds(1),
            hard_stop: None,
            rectification: TimeSpan::hours(48),
            notice_period: TimeSpan::days(15),
            tender_end_before_start: TimeSpan::hours(2),
            guarantee_min: BasisPoints(500),
            guarantee_max: BasisPoints(3_000),
            step_min: BasisPoints(50),
            step_max: BasisPoints(2_000),
            admission: Admission::Auto,
            application_confirmation: passkey.clone(),
            award_confirmation: passkey,
            verification_end: VerificationEnd::NextWorkingDay { hour: 18 },
            contract_period: TimeSpan::days(10),
            fallback: Fallback::None,
            forfeit_if_nobody_bids: false,
            cancel_cutoff: TimeSpan::days(3),
            resume_notice_min: TimeSpan::minutes(15),
            resume_window_min: TimeSpan::minutes(5),
            wallet_code_ttl: TimeSpan::minutes(30),
            branch_code_ttl: TimeSpan::minutes(60),
            code_ttl_warning: TimeSpan::minutes(10),
            relaunch_cut_max: BasisPoints(2_000),
            holidays: BTreeSet::new(),
            clock_speed: 1,
        }
    }

    /// `kg-2026` for a demonstration on a clock that runs `clock_speed` times as fast: the
    /// manual's windows stand, the long waits before the start shrink, a moderator admits, and
    /// what tolerates the machine's own slowness grows with the clock.
    pub fn sandbox(clock_speed: u32) -> Self {
        let stretch = |span: TimeSpan| TimeSpan(span.0 * i64::from(clock_speed));
        let standard = Self::standard();
        Self {
            id: "sandbox".to_owned(),
            drain: stretch(TimeSpan::milliseconds(500)),
            start_lateness_max: stretch(standard.start_lateness_max),
            outage_min: stretch(standard.outage_min),
            rectification: TimeSpan::ZERO,
            notice_period: TimeSpan::ZERO,
            tender_end_before_start: TimeSpan::minutes(5),
            admission: Admission::Manual,
            cancel_cutoff: TimeSpan::ZERO,
            clock_speed,
            ..standard
        }
    }

    /// When the winner of an auction that closed at `closed_at` must have confirmed.
    pub fn confirm_by(&self, closed_at: Timestamp) -> Timestamp {
        match self.verification_end {
            VerificationEnd::NextWorkingDay { hour } => {
                closed_at.next_working_day(hour, &self.holidays)
            }
            VerificationEnd::After(span) => closed_at + span,
        }
    }
}
