//! Checking a receipt against a log: the statement to one bidder must be the one shown to everyone.

use super::{Fault, LogVerdict, Replay, StateAt};
use crate::domain::auction::bidding::BidRejection;
use crate::domain::auction::{Event, Status};
use crate::domain::id::BidId;
use crate::receipt::{
    ApplicationAct, BadReceipt, Decision, Receipt, ReceiptBody, Record, VerifierKey,
};

/// The contradictions between a receipt and a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum ReceiptFault {
    #[error(transparent)]
    Bad(BadReceipt),
    #[error("the receipt is of another auction")]
    OtherAuction,
    #[error("the receipt was given after {0} records, and the log has fewer")]
    LogTooShort(u64),
    #[error("the first {0} records are not those the receipt was given after")]
    OtherHistory(u64),
    #[error("record {0} is not the decision the receipt speaks of")]
    OtherDecision(u64),
    #[error("after record {0} the price, the round or the window's end is another")]
    OtherState(u64),
    #[error("after record {0} the rules would not have refused the bid so")]
    WronglyRefused(u64),
    #[error("after record {0} the rules would not have decided so about the application")]
    WronglyDecided(u64),
}

/// The result of checking a log with receipts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The log does not follow from the rules.
    #[error(transparent)]
    Log(Fault),
    /// A receipt is not the operator's, or the log contradicts it.
    #[error("the receipt of bid {bid}: {why}")]
    Receipt {
        /// The bid of the receipt.
        bid: BidId,
        /// The contradiction that was found.
        why: ReceiptFault,
    },
    /// As [`Self::Receipt`], for an act on an application.
    #[error("the receipt of an application's act {act:?}: {why}")]
    Act {
        /// The act of the receipt.
        act: ApplicationAct,
        /// The contradiction that was found.
        why: ReceiptFault,
    },
}

/// Replays a log and checks every receipt against it.
///
/// # Errors
/// The first [`Finding`].
pub fn verify_receipts<'a>(
    log: &[Record],
    receipts: impl IntoIterator<Item = &'a Receipt>,
    trusted: &VerifierKey,
) -> Result<LogVerdict, Finding> {
    let replay = Replay::of(log).map_err(Finding::Log)?;
    for receipt in receipts {
        let checked = replay.check(receipt, trusted);
        checked.map_err(|why| Finding::Receipt { bid: receipt.body.bid, why })?;
    }
    Ok(replay.verdict())
}

impl Replay<'_> {
    /// Checks a receipt against the log: the operator signed it, its prefix is the log's, and the
    /// record at its place is its decision.
    ///
    /// # Errors
    /// The first [`ReceiptFault`] that applies.
    pub fn check(&self, receipt: &Receipt, trusted: &VerifierKey) -> Result<(), ReceiptFault> {
        receipt.verify(trusted).map_err(ReceiptFault::Bad)?;
        let (body, seq) = (&receipt.body, receipt.body.seq);
        if body.auction != self.auction.birth.id {
            return Err(ReceiptFault::OtherAuction);
        }
        let moment = self.moment(seq).ok_or(ReceiptFault::LogTooShort(seq))?;
        if hex::encode(moment.head) != body.head {
            return Err(ReceiptFault::OtherHistory(seq));
        }
        let state = (
            moment.round.map_or(0, |round| round.number),
            moment.round.map_or(moment.start_price, |round| round.price),
            moment.round.map(|round| round.deadline),
        );
        if state != (body.round, body.price, body.deadline) {
            return Err(ReceiptFault::OtherState(seq));
        }
        let own = usize::try_from(seq - 1).ok().and_then(|place| self.log.get(place));
        if own.is_some_and(|record| is_of(record, body)) {
            return Ok(());
        }
        let Decision::Refused(reason) = body.decision else {
            return Err(ReceiptFault::OtherDecision(seq));
        };
        let fits = if is_logged(moment, body, reason) {
            if !self.repeats(body, reason) {
                return Err(ReceiptFault::OtherDecision(seq));
            }
            is_repeatable(moment, body, reason)
        } else {
            is_plausible(moment, body, reason)
        };
        if fits { Ok(()) } else { Err(ReceiptFault::WronglyRefused(seq)) }
    }

    /// Returns `true` if the window's log has a rejection of this bidder for this reason before the
    /// receipt, and no decision on the receipt's own bid anywhere.
    fn repeats(&self, body: &ReceiptBody, reason: BidRejection) -> bool {
        let own = |record: &Record| match &record.event {
            Event::BidPlaced { bid, .. } | Event::BidRefused { bid, .. } => *bid == body.bid,
            _ => false,
        };
        let begins_window = |record: &&Record| {
            matches!(
                record.event,
                Event::BidPlaced { .. } | Event::Resumed { .. } | Event::BiddingOpened { .. }
            )
        };
        let first = |record: &Record| match &record.event {
            Event::BidRefused { bidder, reason: logged, .. } => {
                Some(*bidder) == body.bidder && *logged == reason
            }
            _ => false,
        };
        let upto = usize::try_from(body.seq).unwrap_or(usize::MAX).min(self.log.len());
        let mut window = self.log[..upto].iter().rev().take_while(|it| !begins_window(it));
        window.any(first) && !self.log.iter().any(own)
    }
}

/// Returns `true` if a record is the decision in a receipt.
fn is_of(record: &Record, body: &ReceiptBody) -> bool {
    let (bid, bidder, amount, decision, received_at) = match &record.event {
        Event::BidPlaced { bid, bidder, amount, received_at, .. } => {
            (bid, bidder, amount, Decision::Accepted, received_at)
        }
        Event::BidRefused { bid, bidder, amount, reason, received_at, .. } => {
            (bid, bidder, amount, Decision::Refused(*reason), received_at)
        }
        _ => return false,
    };
    record.at == body.decided_at
        && *bid == body.bid
        && Some(*bidder) == body.bidder
        && *amount == body.amount
        && decision == body.decision
        && *received_at == body.received_at
}

/// Returns `true` if the window's first such rejection must be in the log: every participant's,
/// while bidding is open.
fn is_logged(moment: &StateAt, body: &ReceiptBody, reason: BidRejection) -> bool {
    moment.status == Status::Bidding && body.bidder.is_some() && reason.is_logged()
}

/// Returns `true` if a rejection that is in no log can follow from the rules.
fn is_plausible(moment: &StateAt, body: &ReceiptBody, reason: BidRejection) -> bool {
    match reason {
        BidRejection::NotStarted => moment.round.is_none() || body.received_at < moment.start,
        BidRejection::DeadlinePassed => {
            moment.closes_at.is_some_and(|closes_at| body.received_at >= closes_at)
        }
        BidRejection::NotEligible => body
            .bidder
            .is_none_or(|bidder| bidder.0 == 0 || usize::from(bidder.0) > moment.participants),
        // The epoch that the bid named, possibly another one, is not in the receipt.
        BidRejection::Suspended => true,
        BidRejection::Closed => moment.status != Status::Bidding,
        // How many attempts there were just before is in no log.
        BidRejection::RateLimited => true,
        _ => false,
    }
}

/// Returns `true` if the state gives this rejection of a participant's bid again, as far as the
/// receipt shows the bid: not its basis and its epoch, nor the attempts before it.
fn is_repeatable(moment: &StateAt, body: &ReceiptBody, reason: BidRejection) -> bool {
    match reason {
        BidRejection::AlreadyLeading => {
            moment.round.is_some_and(|round| round.leader == body.bidder)
        }
        BidRejection::WrongAmount { required } => {
            moment.required == Some(required) && body.amount != required
        }
        BidRejection::PriceLimit => moment.required.is_none(),
        BidRejection::StaleBasis => true,
        _ => is_plausible(moment, body, reason),
    }
}
