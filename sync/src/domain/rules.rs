//! Every number that the law or an operator may change, in one versioned record.
//!
//! An auction carries a copy of the profile it was published under: a later profile never changes a
//! running auction.

use super::instalments::InstalmentPlan;
use super::money::{BasisPoints, Tyiyn};
use super::step_bands::{StepBand, band_of};
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The way an application is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Signature and deposit are enough.
    Auto,
    /// A moderator decides first.
    Manual,
}

/// The consequence if the winner does not confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The auction is unsuccessful and may be relaunched (the manual's remedy).
    None,
    /// The best other bidder is offered the lot once, at their own last price.
    RunnerUp,
}

/// What follows if exactly one applicant is eligible when applications close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SoleApplicant {
    /// The applicant is offered the lot at the start price, without bidding.
    StartPrice,
}

/// The method by which a person confirms a binding act.
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

/// The end of a winner's time to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerificationEnd {
    /// This hour in Bishkek, on the next working day.
    NextWorkingDay {
        /// The hour, 0 to 23.
        hour: u8,
    },
    /// This long after the close.
    After(TimeSpan),
}

/// [`RuleProfile::bid_burst`] where a profile does not name it. A person who reads the price before
/// each attempt makes no five in a second.
pub const BID_BURST: u16 = 5;

/// [`RuleProfile::refund_days`] where a profile does not name them: working days, ours.
pub const REFUND_DAYS: u16 = 5;

/// [`RuleProfile::refund_joint_from`] where a profile does not name it: a million som, ours.
pub const REFUND_JOINT_FROM: Tyiyn = match Tyiyn::new(100_000_000) {
    Ok(amount) => amount,
    Err(_) => Tyiyn::MAX,
};

/// [`RuleProfile::key_cooldown`] where a profile does not name it: the owner of a phone that was not
/// lost has a day to see that somebody else got in.
pub const KEY_COOLDOWN: TimeSpan = TimeSpan::hours(24);

/// The rules an auction runs under. Sources: the manual's steps (R3–R11) where it has a number,
/// ProZorro.Sale and Kazakh practice where it is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleProfile {
    /// A short name, such as `kg-2026`.
    pub id: String,
    /// Incremented by each change.
    pub version: u32,
    /// The act the numbers rest on; `None` until a lawyer names it.
    pub legal_basis: Option<String>,
    /// Time for the first offer (manual, step 23: 30 minutes).
    pub first_window: TimeSpan,
    /// Time after every raise (manual, step 25: 5 minutes).
    pub raise_window: TimeSpan,
    /// `true` if an early first offer does not end the first window.
    pub first_window_is_minimum: bool,
    /// `true` if the leader may raise their own price.
    pub allow_self_raise: bool,
    /// The fewest eligible participants; with fewer the auction ends at the close of applications.
    pub min_participants: u16,
    /// What follows if exactly one applicant is eligible; absent: [`Self::min_participants`] alone
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sole_applicant: Option<SoleApplicant>,
    /// The delay of the close after a deadline, in which bids stamped in time are decided first.
    pub drain: TimeSpan,
    /// The longest delay of a start; a later one suspends the auction instead of opening it.
    pub start_lateness_max: TimeSpan,
    /// The least time lost to outages in one window that suspends the auction, and the shortest
    /// outage that takes a start or a resumption away.
    pub outage_min: TimeSpan,
    /// The share of a window from which the time lost in it suspends the auction, if that is less
    /// than [`Self::outage_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_share: Option<BasisPoints>,
    /// The time in which a participant gets back one of the attempts of [`Self::bid_burst`].
    pub bid_interval_min: TimeSpan,
    /// A participant's attempts that may follow each other without a pause; absent:
    /// [`BID_BURST`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid_burst: Option<u16>,
    /// The time after a recovery of the account in which the recovered key places no bid; absent:
    /// [`KEY_COOLDOWN`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_cooldown: Option<TimeSpan>,
    /// The latest end of bidding, unless the auction was suspended; `None` (default): a hard stop
    /// makes sniping possible again.
    pub hard_stop: Option<Timestamp>,
    /// The time in which published terms may be corrected; zero skips the state.
    pub rectification: TimeSpan,
    /// The least time from publication to the start.
    pub notice_period: TimeSpan,
    /// The time between the close of applications and the start.
    pub tender_end_before_start: TimeSpan,
    /// The least guarantee, as a share of the start price.
    pub guarantee_min: BasisPoints,
    /// The greatest guarantee, as a share of the start price.
    pub guarantee_max: BasisPoints,
    /// The least step, as a share of the start price.
    pub step_min: BasisPoints,
    /// The greatest step, as a share of the start price.
    pub step_max: BasisPoints,
    /// Other ranges of steps for dearer lots, by rising start price; absent: one range for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_bands: Option<Vec<StepBand>>,
    /// The way applications are admitted.
    pub admission: Admission,
    /// The methods that confirm an application.
    pub application_confirmation: BTreeSet<ConfirmationMethod>,
    /// The methods that confirm the winner's protocol.
    pub award_confirmation: BTreeSet<ConfirmationMethod>,
    /// The end of the winner's time to confirm.
    pub verification_end: VerificationEnd,
    /// Time for the contract after the winner's confirmation.
    pub contract_period: TimeSpan,
    /// Working days for the contract after that, in place of [`Self::contract_period`]; the deadline
    /// follows the calendar when days off are moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_days: Option<u16>,
    /// The parts in which a price is paid after the contract; absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instalments: Option<InstalmentPlan>,
    /// The consequence if the winner does not confirm.
    pub fallback: Fallback,
    /// `true` if deposits are forfeited when nobody bids. The manual names no penalty.
    pub forfeit_if_nobody_bids: bool,
    /// The least time before the start for an ordinary cancellation.
    pub cancel_cutoff: TimeSpan,
    /// Working days before the start's day up to which an ordinary cancellation is possible, in place
    /// of [`Self::cancel_cutoff`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_cutoff_days: Option<u16>,
    /// The least time between the announcement and a resumption.
    pub resume_notice_min: TimeSpan,
    /// The least remaining time of a first-offer window after a resumption.
    pub resume_window_min: TimeSpan,
    /// Life of a mobile wallet's payment code (manual, step 17).
    pub wallet_code_ttl: TimeSpan,
    /// Life of a bank branch's payment code (manual, step 18).
    pub branch_code_ttl: TimeSpan,
    /// The remaining life of a payment code below which it carries a warning, if the close of
    /// applications cuts it short.
    pub code_ttl_warning: TimeSpan,
    /// The largest reduction of the start price by a relaunch, as a share of it.
    pub relaunch_cut_max: BasisPoints,
    /// The cuts of the start price in attempts 2, 3 and so on, each a share of the price of the
    /// attempt before; absent: the organiser chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relaunch_cuts: Option<Vec<BasisPoints>>,
    /// Working days within which a deposit goes back that is no longer needed; absent:
    /// [`REFUND_DAYS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_days: Option<u16>,
    /// The least refund that a second official of finance approves; absent: [`REFUND_JOINT_FROM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_joint_from: Option<Tyiyn>,
    /// The calendar: days without work, as `2026-12-31`, and Saturdays and Sundays that are worked,
    /// as `+2026-12-26`.
    pub holidays: BTreeSet<String>,
    /// 1 in production; more in a sandbox whose clock runs faster.
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
            sole_applicant: None,
            drain: TimeSpan::seconds(2),
            start_lateness_max: TimeSpan::seconds(2),
            outage_min: TimeSpan::seconds(10),
            outage_share: Some(BasisPoints(400)),
            bid_interval_min: TimeSpan::seconds(1),
            bid_burst: None,
            key_cooldown: None,
            hard_stop: None,
            rectification: TimeSpan::hours(48),
            notice_period: TimeSpan::days(15),
            tender_end_before_start: TimeSpan::hours(2),
            guarantee_min: BasisPoints(500),
            guarantee_max: BasisPoints(3_000),
            step_min: BasisPoints(50),
            step_max: BasisPoints(2_000),
            step_bands: None,
            admission: Admission::Auto,
            application_confirmation: passkey.clone(),
            award_confirmation: passkey,
            verification_end: VerificationEnd::NextWorkingDay { hour: 18 },
            contract_period: TimeSpan::days(10),
            contract_days: None,
            instalments: None,
            fallback: Fallback::None,
            forfeit_if_nobody_bids: false,
            cancel_cutoff: TimeSpan::days(3),
            cancel_cutoff_days: None,
            resume_notice_min: TimeSpan::minutes(15),
            resume_window_min: TimeSpan::minutes(5),
            wallet_code_ttl: TimeSpan::minutes(30),
            branch_code_ttl: TimeSpan::minutes(60),
            code_ttl_warning: TimeSpan::minutes(10),
            relaunch_cut_max: BasisPoints(2_000),
            relaunch_cuts: None,
            refund_days: None,
            refund_joint_from: None,
            holidays: BTreeSet::new(),
            clock_speed: 1,
        }
    }

    /// `kg-2026` for a demonstration on a clock that runs `clock_speed` times as fast: the manual's
    /// windows stay, the long waits before the start shrink, a moderator admits, and the tolerances
    /// for the machine's own slowness grow with the clock.
    pub fn sandbox(clock_speed: u32) -> Self {
        let stretch = |span: TimeSpan| TimeSpan(span.0 * i64::from(clock_speed));
        let standard = Self::standard();
        Self {
            id: "sandbox".to_owned(),
            drain: stretch(TimeSpan::milliseconds(500)),
            start_lateness_max: stretch(standard.start_lateness_max),
            outage_min: stretch(standard.outage_min),
            outage_share: None,
            rectification: TimeSpan::ZERO,
            key_cooldown: Some(TimeSpan::hours(1)),
            notice_period: TimeSpan::ZERO,
            tender_end_before_start: TimeSpan::minutes(5),
            admission: Admission::Manual,
            cancel_cutoff: TimeSpan::ZERO,
            clock_speed,
            ..standard
        }
    }

    /// Returns `true` if the sole eligible applicant is offered the lot at the start price.
    pub fn offers_to_sole_applicant(&self) -> bool {
        self.sole_applicant == Some(SoleApplicant::StartPrice)
    }

    /// The least and the greatest step of a lot with this start price, as shares of it.
    pub fn step_range(&self, value: Tyiyn) -> (BasisPoints, BasisPoints) {
        let band = self.step_bands.as_deref().and_then(|bands| band_of(bands, value));
        band.map_or((self.step_min, self.step_max), |band| (band.step_min, band.step_max))
    }

    /// A participant's attempts that may follow each other without a pause, at least 1.
    pub fn bid_burst(&self) -> u16 {
        self.bid_burst.unwrap_or(BID_BURST).max(1)
    }

    /// The time after a recovery in which the recovered key places no bid.
    pub fn key_cooldown(&self) -> TimeSpan {
        self.key_cooldown.unwrap_or(KEY_COOLDOWN)
    }

    /// The time lost to outages from which a window of this length does not close.
    pub fn outage_limit(&self, window: TimeSpan) -> TimeSpan {
        const WHOLE: i64 = 10_000;
        let of_share = |share: BasisPoints| TimeSpan(window.0 / WHOLE * i64::from(share.0));
        self.outage_share.map_or(self.outage_min, |share| self.outage_min.min(of_share(share)))
    }

    /// The deadline for the winner of an auction that closed at `closed_at`, by this calendar.
    pub fn confirm_by(&self, closed_at: Timestamp, holidays: &BTreeSet<String>) -> Timestamp {
        match self.verification_end {
            VerificationEnd::NextWorkingDay { hour } => closed_at.next_working_day(hour, holidays),
            VerificationEnd::After(span) => closed_at + span,
        }
    }

    /// The deadline for the contract of a winner who confirmed at `confirmed_at`, by this calendar.
    pub fn contract_by(&self, confirmed_at: Timestamp, holidays: &BTreeSet<String>) -> Timestamp {
        match self.contract_days {
            Some(days) => confirmed_at.after_working_days(days, holidays),
            None => confirmed_at + self.contract_period,
        }
    }

    /// The last moment for an ordinary cancellation of an auction that opens at `start`.
    pub fn cancel_until(&self, start: Timestamp, holidays: &BTreeSet<String>) -> Timestamp {
        match self.cancel_cutoff_days {
            Some(days) => start.before_working_days(days, holidays),
            None => start - self.cancel_cutoff,
        }
    }
}
