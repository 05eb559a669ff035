//! The guarantee deposit and the attempts to pay it.
//!
//! Money moves only because the payment system said so; what a person claims moves nothing. Money
//! that can't be credited is never refused and never lost: it is *unmatched* and goes back.

use super::auction::{Auction, ContractFault, Event as AuctionEvent};
use super::award::{self, LapseReason};
use super::id::{ApplicationId, BidderNo, DepositId, IntentId, PersonId};
use super::ledger::{Account, Move};
use super::money::Tyiyn;
use super::rules::{Fallback, RuleProfile};
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a deposit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be paid before applications close.
    Due,
    /// Paid.
    Paid,
    /// Kept until the result: the roster is frozen.
    Held,
    /// On its way back.
    Releasing,
    /// Given back.
    Released,
    /// An official proposes to keep it; a second one decides.
    ForfeitProposed,
    /// Kept.
    Forfeited,
    /// Counted towards the price.
    Applied,
}

/// A deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deposit {
    /// Its name.
    pub id: DepositId,
    /// Whose.
    pub application: ApplicationId,
    /// How much.
    pub amount: Tyiyn,
    /// Where it stands.
    pub status: Status,
    /// Who proposed to keep it.
    pub forfeit_proposed_by: Option<PersonId>,
}

/// What may be asked of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The roster is frozen (A4).
    Hold,
    /// Give it back.
    Release,
    /// The payment system confirmed the refund.
    ConfirmRefund,
    /// Propose to keep it; `None` is the system, after a default.
    ProposeForfeit {
        /// The official.
        by: Option<PersonId>,
    },
    /// The second person agrees.
    ApproveForfeit {
        /// The second person.
        by: PersonId,
    },
    /// The second person does not: it goes back.
    RejectForfeit {
        /// The second person.
        by: PersonId,
    },
    /// Count it towards the price (A15).
    Apply,
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum Rejection {
    #[error("this is not possible in the deposit's present state")]
    WrongState,
    #[error("a second person has to do this")]
    SecondPersonNeeded,
    #[error("the deposit can't be paid any more")]
    TooLate,
    #[error("the deposit is paid already")]
    AlreadyPaid,
}

/// Decides a command and names the money that moves with it.
///
/// # Errors
/// [`Rejection`], with the deposit unchanged.
pub fn apply(deposit: &Deposit, command: Command) -> Result<(Deposit, Vec<Move>), Rejection> {
    let mut next = deposit.clone();
    let mut moves = Vec::new();
    let bidder = Account::Deposit(deposit.id);
    next.status = match (command, deposit.status) {
        (Command::Hold, Status::Paid) => Status::Held,
        // A deposit nobody paid asks for nothing back.
        (Command::Release, Status::Due) => Status::Released,
        (Command::Release, Status::Paid | Status::Held) => {
            moves.push(Move::new("release", bidder, Account::RefundsDue, deposit.amount));
            Status::Releasing
        }
        (Command::ConfirmRefund, Status::Releasing) => {
            moves.push(Move::new("refund", Account::RefundsDue, Account::Gateway, deposit.amount));
            Status::Released
        }
        (Command::ProposeForfeit { by }, Status::Held) => {
            next.forfeit_proposed_by = by;
            Status::ForfeitProposed
        }
        (Command::ApproveForfeit { by }, Status::ForfeitProposed) => {
            if deposit.forfeit_proposed_by == Some(by) {
                return Err(Rejection::SecondPersonNeeded);
            }
            moves.push(Move::new("forfeit", bidder, Account::Forfeited, deposit.amount));
            Status::Forfeited
        }
        (Command::RejectForfeit { by }, Status::ForfeitProposed) => {
            if deposit.forfeit_proposed_by == Some(by) {
                return Err(Rejection::SecondPersonNeeded);
            }
            moves.push(Move::new("release", bidder, Account::RefundsDue, deposit.amount));
            Status::Releasing
        }
        (Command::Apply, Status::Held) => {
            moves.push(Move::new("apply", bidder, Account::Seller, deposit.amount));
            Status::Applied
        }
        _ => return Err(Rejection::WrongState),
    };
    Ok((next, moves))
}

/// What an event of the auction means for the deposit of participant `bidder`, if anything.
pub fn consequence(auction: &Auction, event: &AuctionEvent, bidder: BidderNo) -> Option<Command> {
    match event {
        AuctionEvent::TenderingClosed { .. } => Some(Command::Hold),
        AuctionEvent::AwardProposed { award } if award.bidder != bidder => {
            let kept = auction.birth.rules.fallback == Fallback::RunnerUp
                && auction.awards.len() <= 1
                && award::runner_up(auction, award.bidder).is_some_and(|(no, _)| no == bidder);
            (!kept).then_some(Command::Release)
        }
        AuctionEvent::AwardConfirmed { bidder: winner, .. } if *winner != bidder => {
            Some(Command::Release)
        }
        AuctionEvent::AwardLapsed {
            bidder: lost,
            reason: LapseReason::Refused | LapseReason::Timeout,
        } if *lost == bidder => Some(Command::ProposeForfeit { by: None }),
        AuctionEvent::ContractFailed { fault: ContractFault::Bidder, .. } => {
            Some(Command::ProposeForfeit { by: None })
        }
        AuctionEvent::ContractSigned { .. } => Some(Command::Apply),
        AuctionEvent::Failed { reason } => {
            let nobody_bid = *reason == super::auction::Failure::NoFirstOffer;
            if nobody_bid && auction.birth.rules.forfeit_if_nobody_bids {
                return Some(Command::ProposeForfeit { by: None });
            }
            Some(Command::Release)
        }
        AuctionEvent::Cancelled { .. } => Some(Command::Release),
        _ => None,
    }
}

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
