//! The guarantee deposit; the attempts to pay it are in `payment`.
//!
//! Only the payment system's report moves money; a person's claim moves none. Money that can't be
//! credited is never refused and never lost: it is *unmatched* and is refunded.

pub mod ledger;
mod payment;
mod payment_clock;
#[cfg(test)]
mod tests;

use self::ledger::{Account, Move};
use super::application;
use super::auction::award;
use super::auction::{Auction, ContractFault, DualApproval, Event as AuctionEvent, Failure};
use super::id::{ApplicationId, BidderNo, DepositId, PersonId};
use super::money::Tyiyn;
use super::rules::Fallback;
use serde::{Deserialize, Serialize};

pub use self::payment::{
    Channel, Intent, IntentChange, IntentStatus, Mismatch, Payment, Settlement, begin, live_in,
    settle,
};
pub use self::payment_clock::{CountedTime, PAYMENT_CLOCK_TRUST, PaymentSpan};

/// The status of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DepositStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be paid before applications close.
    Due,
    /// Paid in full, in time.
    Paid,
    /// Kept until the result: the roster is frozen.
    Held,
    /// Being refunded by the payment system.
    Releasing,
    /// Refunded to the bidder.
    Released,
    /// The rules proposed to keep it; two officials decide.
    ForfeitProposed,
    /// Kept after a default.
    Forfeited,
    /// Counted towards the price.
    Applied,
}

/// The guarantee deposit of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deposit {
    /// The deposit's id.
    pub id: DepositId,
    /// The application it belongs to.
    pub application: ApplicationId,
    /// The amount to pay, tyiyn.
    pub amount: Tyiyn,
    /// The status at present; commands change it.
    pub status: Status,
    /// The first of the two officials who decided whether it is kept.
    pub forfeit_proposed_by: Option<PersonId>,
}

/// A command to a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Hold it until the result: the roster is frozen (A4).
    Hold,
    /// Refund it to the bidder.
    Release,
    /// Record that the payment system confirmed the refund.
    ConfirmRefund {
        /// The account out of which it was paid.
        from: Account,
    },
    /// Propose to keep it, by the rules after a default.
    ProposeForfeit,
    /// Keep or refund it, as two officials decided.
    DecideForfeit {
        /// `true` to keep it.
        keep: bool,
        /// The officials.
        by: DualApproval,
    },
    /// Count it towards the price (A15).
    Apply,
}

/// The reason why a command was rejected.
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
    #[error("a reason and a document are needed")]
    ReasonNeeded,
    #[error("the proposal has lapsed")]
    Lapsed,
}

/// Decides a command and returns the entries for the money that moves.
///
/// # Errors
/// [`Rejection`], with the deposit unchanged.
pub fn apply(deposit: &Deposit, command: Command) -> Result<(Deposit, Vec<Move>), Rejection> {
    let mut next = deposit.clone();
    let mut moves = Vec::new();
    let bidder = Account::Deposit(deposit.id);
    next.status = match (command, deposit.status) {
        (Command::Hold, Status::Paid) => Status::Held,
        // A deposit that was never paid needs no refund.
        (Command::Release, Status::Due) => Status::Released,
        (Command::Release, Status::Paid | Status::Held) => {
            moves.push(Move::new("release", bidder, Account::RefundsDue, deposit.amount));
            Status::Releasing
        }
        (Command::ConfirmRefund { from }, Status::Releasing) => {
            moves.push(Move::new("refund", Account::RefundsDue, from, deposit.amount));
            Status::Released
        }
        (Command::ProposeForfeit, Status::Held) => Status::ForfeitProposed,
        (Command::DecideForfeit { keep, by }, Status::ForfeitProposed) => {
            if by.proposed == by.approved {
                return Err(Rejection::SecondPersonNeeded);
            }
            next.forfeit_proposed_by = Some(by.proposed);
            let (kind, to, status) = match keep {
                true => ("forfeit", Account::Forfeited, Status::Forfeited),
                false => ("release", Account::RefundsDue, Status::Releasing),
            };
            moves.push(Move::new(kind, bidder, to, deposit.amount));
            status
        }
        (Command::Apply, Status::Held) => {
            moves.push(Move::new("apply", bidder, Account::Seller, deposit.amount));
            Status::Applied
        }
        _ => return Err(Rejection::WrongState),
    };
    Ok((next, moves))
}

/// The command that an event of the auction implies for the deposit of participant `bidder`, if
/// any; `auction` is the state after it. If the deposit's present state rejects the command, it was
/// overtaken (the deposit was refunded before), and is skipped.
pub fn consequence(auction: &Auction, event: &AuctionEvent, bidder: BidderNo) -> Option<Command> {
    let forfeit = Some(Command::ProposeForfeit);
    match event {
        AuctionEvent::TenderingClosed { .. } => Some(Command::Hold),
        AuctionEvent::AwardProposed { award } if award.bidder != bidder => {
            let kept = auction.birth.rules.fallback == Fallback::RunnerUp
                && auction.awards.len() <= 1
                && award::runner_up(auction, award.bidder).is_some_and(|(no, _)| no == bidder);
            let lapsed = auction.awards.iter().any(|award| award.bidder == bidder);
            (!kept && !lapsed).then_some(Command::Release)
        }
        AuctionEvent::AwardConfirmed { bidder: winner, .. } if *winner != bidder => {
            let lapsed = auction.awards.iter().any(|award| award.bidder == bidder);
            (!lapsed).then_some(Command::Release)
        }
        // Only a proposal: the exclusion may not have been the bidder's fault, and two people
        // decide.
        AuctionEvent::AwardLapsed { bidder: lost, .. } if *lost == bidder => forfeit,
        AuctionEvent::ContractFailed { fault, .. } if is_winner(auction, bidder) => match fault {
            ContractFault::Bidder => forfeit,
            ContractFault::Other => Some(Command::Release),
        },
        AuctionEvent::ContractSigned { .. } if is_winner(auction, bidder) => Some(Command::Apply),
        AuctionEvent::Failed { reason: Failure::NoFirstOffer }
            if auction.birth.rules.forfeit_if_nobody_bids =>
        {
            forfeit
        }
        // The event before a lapsed or failed award has already settled the deposit.
        AuctionEvent::Failed { .. } => {
            let awarded = auction.awards.iter().any(|award| award.bidder == bidder);
            (!awarded).then_some(Command::Release)
        }
        AuctionEvent::Cancelled { .. } => Some(Command::Release),
        _ => None,
    }
}

/// The command that an event of the auction implies for the deposit of an application without a
/// number.
pub fn consequence_unplaced(event: &AuctionEvent) -> Option<Command> {
    application::consequence_unplaced(event).map(|_| Command::Release)
}

/// The command that an application's new status implies for its deposit: a person who leaves before
/// the start without a result gets it back.
pub fn after_application(status: application::Status) -> Option<Command> {
    use application::Status::{Disqualified, NotAdmitted, Withdrawn};
    matches!(status, Disqualified | NotAdmitted | Withdrawn).then_some(Command::Release)
}

fn is_winner(auction: &Auction, bidder: BidderNo) -> bool {
    auction.awards.last().is_some_and(|award| award.bidder == bidder)
}
