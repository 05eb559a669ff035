//! Whether a notice is still true, as far as the auction alone tells.

use super::super::auction::{Auction, Failure, Status};
use super::super::id::BidderNo;
use super::super::time::Timestamp;
use super::NoticeKind;

/// Whether the auction at `now` still agrees with a notice to the participant `own`; `None` for what is
/// about the person's application, deposit or account, which it does not tell.
pub fn holds_of(
    kind: NoticeKind,
    auction: &Auction,
    own: Option<BidderNo>,
    now: Timestamp,
) -> Option<bool> {
    Some(match kind {
        NoticeKind::Outbid => is_outbid(auction, own, now),
        NoticeKind::AuctionStarting => {
            let start = auction.terms.as_ref().map(|terms| terms.start);
            !auction.has_begun() && start.is_some_and(|at| now < at)
        }
        NoticeKind::Started => is_open(auction, now),
        NoticeKind::FirstOfferMade => {
            is_open(auction, now) && auction.round.is_some_and(|round| round.number > 0)
        }
        NoticeKind::ConfirmDue => {
            auction.pending_award().is_some_and(|a| Some(a.bidder) == own && now < a.confirm_by)
        }
        NoticeKind::ClosedLost => {
            own.is_some() && auction.awards.last().is_some_and(|award| Some(award.bidder) != own)
        }
        NoticeKind::NoFirstOffer => auction.failure == Some(Failure::NoFirstOffer),
        NoticeKind::Unsuccessful => auction.status == Status::Unsuccessful,
        NoticeKind::Suspended => auction.suspension.is_some(),
        NoticeKind::ResumeAnnounced => {
            auction.suspension.as_ref().is_some_and(|suspension| suspension.resume_at.is_some())
        }
        NoticeKind::Resumed => auction.suspension.is_none() && !auction.is_over(),
        NoticeKind::Cancelled => auction.status == Status::Cancelled,
        NoticeKind::Relaunched => auction.successor.is_some(),
        NoticeKind::AwardConfirmed => {
            matches!(auction.status, Status::Awarded | Status::Complete)
        }
        NoticeKind::NeedsReconfirm
        | NoticeKind::ApplicationAdmitted
        | NoticeKind::ApplicationNotAdmitted
        | NoticeKind::DepositPaid
        | NoticeKind::DepositReleased
        | NoticeKind::DepositForfeited
        | NoticeKind::PaymentUnmatched
        | NoticeKind::PaymentCodeExpiring
        | NoticeKind::TenderingClosed
        | NoticeKind::ContractDue
        | NoticeKind::RecoveryStarted
        | NoticeKind::KeyAdded
        | NoticeKind::KeyReady => return None,
    })
}

fn is_open(auction: &Auction, now: Timestamp) -> bool {
    auction.status == Status::Bidding
        && auction.suspension.is_none()
        && auction.closes_at().is_some_and(|deadline| now < deadline)
}

fn is_outbid(auction: &Auction, own: Option<BidderNo>, now: Timestamp) -> bool {
    let Some(own) = own else { return false };
    let leader = auction.round.and_then(|round| round.leader);
    is_open(auction, now) && auction.best.contains_key(&own) && leader != Some(own)
}
