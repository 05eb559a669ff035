//! Attempts to pay a deposit, and settling money that arrives.
//!
//! Money that can't be credited is never refused and never lost: it is *unmatched* and is refunded.

use super::super::id::{DepositId, IntentId};
use super::super::money::Tyiyn;
use super::super::rules::RuleProfile;
use super::super::time::{TimeSpan, Timestamp};
use super::ledger::{Account, Move};
use super::payment_clock::{CountedTime, PaymentSpan};
use crate::domain::deposit::{Deposit, Rejection, Status};
use serde::{Deserialize, Serialize};

/// The ways to pay a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A code for a mobile wallet (manual, step 17).
    WalletCode,
    /// A code for a bank's branch, with a printed slip (manual, step 18).
    BranchCode,
    /// The bank's own page for a card (manual, step 19).
    Card,
    /// A transfer to the operator's bank account, known from the bank's statement.
    BankTransfer,
}

impl Channel {
    /// The account of the ledger on which the money arrives.
    pub fn account(self) -> Account {
        match self {
            Self::WalletCode | Self::BranchCode | Self::Card => Account::Gateway,
            Self::BankTransfer => Account::Bank,
        }
    }
}

/// The status of an attempt to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Requested; the payment system has not answered.
    Created,
    /// The payment system issued a code.
    CodeIssued,
    /// The payment system gave the address of a bank's page.
    Redirected,
    /// The payer has paid, and the bank has not confirmed it yet.
    Pending,
    /// The payer or the bank gave it up.
    Cancelled,
    /// Paid before it expired.
    Succeeded,
    /// Paid after it had expired.
    SucceededLate,
    /// The payment system refused it.
    Failed,
    /// It expired without a payment.
    Expired,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Intent {
    /// The id, made by the phone, so that a repeated request creates no second attempt.
    pub id: IntentId,
    /// The deposit to be paid.
    pub deposit: DepositId,
    /// The way to pay.
    pub channel: Channel,
    /// The bank or wallet that the payer chose, by the payment system's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The amount to pay, tyiyn.
    pub amount: Tyiyn,
    /// The status after the last change.
    pub status: IntentStatus,
    /// The code to enter or show.
    pub code: Option<String>,
    /// The address of the bank's page.
    pub redirect_url: Option<String>,
    /// The moment at which it expires, exclusive.
    pub expires_at: Timestamp,
    /// `true` if it expires early because applications close.
    pub cut_short: bool,
}

impl Intent {
    /// Returns `true` if it can still be paid at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let open = matches!(
            self.status,
            IntentStatus::Created
                | IntentStatus::CodeIssued
                | IntentStatus::Redirected
                | IntentStatus::Pending
        );
        open && now < self.expires_at
    }

    /// Takes in a change of the attempt other than money, which [`settle`] handles.
    ///
    /// # Errors
    /// [`Rejection::WrongState`]: a paid attempt does not change, and a second answer of the
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
            (IntentChange::Pending, IntentStatus::CodeIssued | IntentStatus::Redirected) => {
                next.status = IntentStatus::Pending;
            }
            (
                change @ (IntentChange::Failed | IntentChange::Expired | IntentChange::Cancelled),
                IntentStatus::Created
                | IntentStatus::CodeIssued
                | IntentStatus::Redirected
                | IntentStatus::Pending,
            ) => {
                next.status = match change {
                    IntentChange::Failed => IntentStatus::Failed,
                    IntentChange::Cancelled => IntentStatus::Cancelled,
                    _ => IntentStatus::Expired,
                };
            }
            _ => return Err(Rejection::WrongState),
        }
        Ok(next)
    }
}

/// A change of an attempt to pay, other than money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentChange {
    /// The payment system issued a code.
    CodeIssued {
        /// The code to enter or show.
        code: String,
        /// The payment system's expiry; it may shorten the attempt but not prolong it.
        expires_at: Option<Timestamp>,
    },
    /// The payment system gave the address of a bank's page.
    Redirected {
        /// The URL of that page.
        url: String,
    },
    /// The payment system refused it.
    Failed,
    /// It expired without a payment.
    Expired,
    /// The payer has paid, and the bank has not confirmed it yet.
    Pending,
    /// The payer or the bank gave it up.
    Cancelled,
}

/// The attempt that is still running in `channel`. There is at most one at a time: a request for
/// another returns this one.
pub fn live_in(intents: &[Intent], channel: Channel, now: Timestamp) -> Option<&Intent> {
    intents.iter().find(|intent| intent.channel == channel && intent.is_live(now))
}

/// Starts an attempt to pay at `now`. A code is valid for 30 minutes in a wallet and 60 at a branch
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
    let expires_at = match channel {
        Channel::WalletCode | Channel::Card => now + rules.wallet_code_ttl,
        Channel::BranchCode => now + rules.branch_code_ttl,
        // Nobody else knows the reference, so nothing but the deadline ends it.
        Channel::BankTransfer => tender_end,
    };
    let expires_at = expires_at.min(tender_end);
    let left: TimeSpan = expires_at - now;
    Ok(Intent {
        id,
        deposit: deposit.id,
        channel,
        provider: None,
        amount: deposit.amount,
        status: IntentStatus::Created,
        code: None,
        redirect_url: None,
        expires_at,
        cut_short: left < rules.code_ttl_warning,
    })
}

/// A payment reported by the payment system, verified before it gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The payment system's own id for it.
    pub reference: String,
    /// The amount that arrived.
    pub amount: Tyiyn,
    /// The time of payment, by the payment system's clock.
    pub paid_at: Timestamp,
}

/// The reason why money could not be credited. It is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Less than the deposit.
    Short,
    /// The part above the deposit.
    Over,
    /// Paid after applications closed.
    Late,
    /// The deposit was paid already, or is no longer wanted.
    NotDue,
}

/// The result of settling a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The attempt afterwards.
    pub intent: Intent,
    /// The deposit afterwards.
    pub deposit: Deposit,
    /// Money to refund, with the reason.
    pub unmatched: Option<(Tyiyn, Mismatch)>,
    /// The double entries to book.
    pub moves: Vec<Move>,
    /// The moment at which the payment counts.
    pub counted: CountedTime,
}

/// Settles a payment. Never fails: whatever arrives is booked. It is credited if it is enough and
/// the deposit is still due before applications close (also if only the code had expired), and is
/// unmatched otherwise. `span` is when it was made by our clock, which bounds what the payment
/// system states. A payment of the same reference is settled once, which the ledger's keys and the
/// caller ensure.
pub fn settle(
    deposit: &Deposit,
    intent: &Intent,
    payment: &Payment,
    span: PaymentSpan,
    tender_end: Timestamp,
) -> Settlement {
    let counted = span.counted(payment.paid_at);
    let fault = if deposit.status != Status::Due {
        Some(Mismatch::NotDue)
    } else if counted.at >= tender_end {
        Some(Mismatch::Late)
    } else if payment.amount < deposit.amount {
        Some(Mismatch::Short)
    } else {
        None
    };
    let mut settlement = Settlement {
        intent: Intent { status: paid_status(intent, counted.at, fault), ..intent.clone() },
        deposit: deposit.clone(),
        unmatched: None,
        moves: Vec::new(),
        counted,
    };
    let credited = if fault.is_none() { deposit.amount } else { Tyiyn::ZERO };
    if fault.is_none() {
        settlement.deposit.status = Status::Paid;
        let account = Account::Deposit(deposit.id);
        settlement.moves.push(Move::new("payment", intent.channel.account(), account, credited));
    }
    let rest = payment.amount.checked_sub(credited).unwrap_or(Tyiyn::ZERO);
    if rest > Tyiyn::ZERO {
        settlement.unmatched = Some((rest, fault.unwrap_or(Mismatch::Over)));
        let held = intent.channel.account();
        settlement.moves.push(Move::new("unmatched", held, Account::Unmatched, rest));
    }
    settlement
}

/// A second payment does not change the attempt's status after the first, and an insufficient one
/// leaves it open.
fn paid_status(intent: &Intent, paid_at: Timestamp, fault: Option<Mismatch>) -> IntentStatus {
    let settled = matches!(intent.status, IntentStatus::Succeeded | IntentStatus::SucceededLate);
    if settled || fault == Some(Mismatch::Short) {
        return intent.status;
    }
    if paid_at < intent.expires_at { IntentStatus::Succeeded } else { IntentStatus::SucceededLate }
}
