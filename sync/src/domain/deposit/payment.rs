//! Attempts to pay a deposit, and what arriving money does.
//!
//! Money that can't be credited is never refused and never lost: it is *unmatched* and goes back.

use super::super::id::{DepositId, IntentId};
use super::super::money::Tyiyn;
use super::super::rules::RuleProfile;
use super::super::time::{TimeSpan, Timestamp};
use super::ledger::{Account, Move};
use crate::domain::deposit::{Deposit, Rejection, Status};
use serde::{Deserialize, Serialize};

/// How a deposit is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A code typed into a mobile wallet (manual, step 17).
    WalletCode,
    /// A code said at a bank's branch, with a printed slip (manual, step 18).
    BranchCode,
    /// The bank's own page for a card (manual, step 19).
    Card,
}

/// Where an attempt to pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Asked for; the payment system has not answered.
    Created,
    /// A code is there.
    CodeIssued,
    /// A bank's page is there.
    Redirected,
    /// Paid.
    Succeeded,
    /// Paid after it had expired.
    SucceededLate,
    /// The payment system said no.
    Failed,
    /// Its time passed.
    Expired,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Intent {
    /// Named by the phone, so that asking twice is asking once.
    pub id: IntentId,
    /// For which deposit.
    pub deposit: DepositId,
    /// How.
    pub channel: Channel,
    /// How much.
    pub amount: Tyiyn,
    /// Where it stands.
    pub status: IntentStatus,
    /// The code to type or say.
    pub code: Option<String>,
    /// The bank's page.
    pub redirect_url: Option<String>,
    /// A payment made at this moment or later is late.
    pub expires_at: Timestamp,
    /// Whether the close of applications cut its time short.
    pub cut_short: bool,
}

impl Intent {
    /// Whether it can still be paid at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let open = matches!(
            self.status,
            IntentStatus::Created | IntentStatus::CodeIssued | IntentStatus::Redirected
        );
        open && now < self.expires_at
    }

    /// Takes in what became of the attempt, other than money: that is [`settle`]'s.
    ///
    /// # Errors
    /// [`Rejection::WrongState`]: a paid attempt changes no more, and a second answer of the
    /// payment system does not replace the first.
    pub fn apply(&self, change: IntentChange) -> Result<Self, Rejection> {
        let mut next = self.clone();
        match (change, self.status) {
            (IntentChange::CodeIssued { code, expires_at }, IntentStatus::Created) => {
                next.status = IntentStatus::CodeIssued;
                next.code = Some(code);
                next.expires_at = self.expires_at.min(expires_at.unwrap_or(self.expires_at));
            }
            (IntentChange::Redirected { url }, IntentStatus::Created) => {
                next.status = IntentStatus::Redirected;
                next.redirect_url = Some(url);
            }
            (
                change @ (IntentChange::Failed | IntentChange::Expired),
                IntentStatus::Created | IntentStatus::CodeIssued | IntentStatus::Redirected,
            ) => {
                let failed = change == IntentChange::Failed;
                next.status = if failed { IntentStatus::Failed } else { IntentStatus::Expired };
            }
            _ => return Err(Rejection::WrongState),
        }
        Ok(next)
    }
}

/// What became of an attempt to pay, other than money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentChange {
    /// The payment system gave a code.
    CodeIssued {
        /// The code to type or say.
        code: String,
        /// When it ends, by the payment system; it may shorten the attempt but not prolong it.
        expires_at: Option<Timestamp>,
    },
    /// The bank's page is there.
    Redirected {
        /// Its address.
        url: String,
    },
    /// The payment system said no.
    Failed,
    /// Its time passed.
    Expired,
}

/// The attempt that is still running in `channel`. There is at most one at a time: who asks for
/// another is shown this one.
pub fn live_in(intents: &[Intent], channel: Channel, now: Timestamp) -> Option<&Intent> {
    intents.iter().find(|intent| intent.channel == channel && intent.is_live(now))
}

/// Begins an attempt to pay at `now`. A code lives 30 minutes in a wallet and 60 at a branch
/// (manual, steps 17 and 18), but never past the close of applications.
///
/// # Errors
/// [`Rejection::AlreadyPaid`], or [`Rejection::TooLate`] once applications are closed.
pub fn begin(
    deposit: &Deposit,
    id: IntentId,
    channel: Channel,
    rules: &RuleProfile,
    tender_end: Timestamp,
    now: Timestamp,
) -> Result<Intent, Rejection> {
    if deposit.status != Status::Due {
        return Err(Rejection::AlreadyPaid);
    }
    if now >= tender_end {
        return Err(Rejection::TooLate);
    }
    let ttl = match channel {
        Channel::WalletCode | Channel::Card => rules.wallet_code_ttl,
        Channel::BranchCode => rules.branch_code_ttl,
    };
    let expires_at = (now + ttl).min(tender_end);
    let left: TimeSpan = expires_at - now;
    Ok(Intent {
        id,
        deposit: deposit.id,
        channel,
        amount: deposit.amount,
        status: IntentStatus::Created,
        code: None,
        redirect_url: None,
        expires_at,
        cut_short: left < rules.code_ttl_warning,
    })
}

/// Money that the payment system reports, checked with it before it gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The payment system's own name for it.
    pub reference: String,
    /// How much arrived.
    pub amount: Tyiyn,
    /// When it was paid, by the payment system's clock.
    pub paid_at: Timestamp,
}

/// Why money could not be credited. It goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Less than the deposit.
    Short,
    /// What is over the deposit.
    Over,
    /// Paid after applications closed.
    Late,
    /// The deposit was paid already, or is not wanted any more.
    NotDue,
}

/// What a payment did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The attempt after it.
    pub intent: Intent,
    /// The deposit after it.
    pub deposit: Deposit,
    /// Money that goes back, and why.
    pub unmatched: Option<(Tyiyn, Mismatch)>,
    /// The double entries.
    pub moves: Vec<Move>,
}

/// Settles a payment. Never fails: whatever arrives is booked, credited when it is enough and the
/// deposit is still due before applications close (also when only the code had expired), and
/// otherwise unmatched. A payment of the same reference is settled once, which the ledger's keys
/// and the caller see to.
pub fn settle(
    deposit: &Deposit,
    intent: &Intent,
    payment: &Payment,
    tender_end: Timestamp,
) -> Settlement {
    let fault = if deposit.status != Status::Due {
        Some(Mismatch::NotDue)
    } else if payment.paid_at >= tender_end {
        Some(Mismatch::Late)
    } else if payment.amount < deposit.amount {
        Some(Mismatch::Short)
    } else {
        None
    };
    let mut settlement = Settlement {
        intent: Intent { status: paid_status(intent, payment, fault), ..intent.clone() },
        deposit: deposit.clone(),
        unmatched: None,
        moves: Vec::new(),
    };
    let credited = if fault.is_none() { deposit.amount } else { Tyiyn::ZERO };
    if fault.is_none() {
        settlement.deposit.status = Status::Paid;
        let account = Account::Deposit(deposit.id);
        settlement.moves.push(Move::new("payment", Account::Gateway, account, credited));
    }
    let rest = payment.amount.checked_sub(credited).unwrap_or(Tyiyn::ZERO);
    if rest > Tyiyn::ZERO {
        settlement.unmatched = Some((rest, fault.unwrap_or(Mismatch::Over)));
        settlement.moves.push(Move::new("unmatched", Account::Gateway, Account::Unmatched, rest));
    }
    settlement
}

/// A second payment does not change what the first made of the attempt, and too little money
/// leaves it open.
fn paid_status(intent: &Intent, payment: &Payment, fault: Option<Mismatch>) -> IntentStatus {
    let settled = matches!(intent.status, IntentStatus::Succeeded | IntentStatus::SucceededLate);
    if settled || fault == Some(Mismatch::Short) {
        return intent.status;
    }
    if payment.paid_at < intent.expires_at {
        IntentStatus::Succeeded
    } else {
        IntentStatus::SucceededLate
    }
}
