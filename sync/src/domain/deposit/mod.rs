//! The guarantee deposit; the attempts to pay it are in `payment`.
//!
//! Money moves only because the payment system said so; what a person claims moves nothing. Money
//! that can't be credited is never refused and never lost: it is *unmatched* and goes back.

pub mod ledger;
mod payment;
#[cfg(test)]
mod tests;

use self::ledger::{Account, Move};
use super::application;
use super::auction::award;
use super::auction::{Auction, ContractFault, Event as AuctionEvent, Failure};
use super::id::{ApplicationId, BidderNo, DepositId, PersonId};
use super::money::Tyiyn;
use super::rules::Fallback;
use serde::{Deserialize, Serialize};

pub use self::payment::{
    Channel, Intent, IntentChange, IntentStatus, Mismatch, Payment, Settlement, begin, live_in,
    settle,
};

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

/// What an event of the auction means for the deposit of participant `bidder`, if anything;
/// `auction` is the state after it. A command that the deposit's present state refuses has been
/// overtaken (it was given back before) and is passed over.
pub fn consequence(auction: &Auction, event: &AuctionEvent, bidder: BidderNo) -> Option<Command> {
    let forfeit = Some(Command::ProposeForfeit { by: None });
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
        // A proposal only: an exclusion may have been without his fault, and two people decide.
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
        // Of a lapsed or failed award the deposit was spoken of in the event before this one.
        AuctionEvent::Failed { .. } => {
            let awarded = auction.awards.iter().any(|award| award.bidder == bidder);
            (!awarded).then_some(Command::Release)
        }
        AuctionEvent::Cancelled { .. } => Some(Command::Release),
        _ => None,
    }
}

/// What an event of the auction means for the deposit of an application that has no number.
pub fn consequence_unplaced(event: &AuctionEvent) -> Option<Command> {
    application::consequence_unplaced(event).map(|_| Command::Release)
}

/// What an application's new state means for its deposit: whoever leaves before the start without
/// a result gets his money back.
pub fn after_application(status: application::Status) -> Option<Command> {
    use application::Status::{Disqualified, NotAdmitted, Withdrawn};
    matches!(status, Disqualified | NotAdmitted | Withdrawn).then_some(Command::Release)
}

fn is_winner(auction: &Auction, bidder: BidderNo) -> bool {
    auction.awards.last().is_some_and(|award| award.bidder == bidder)
}
