//! Who is told what after an event.
//!
//! A person hears only of a change of his own state: the one who lost the lead, the one who must
//! confirm. A notice is a hint; the phone asks the server before it shows it.

use super::auction::{Auction, Event, Failure, Status};
use super::id::BidderNo;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// «Сиздин атаандашыңыз бааны жогорулатты» (manual, step 29).
    Outbid,
    /// Bidding will open soon.
    AuctionStarting,
    /// Bidding is open.
    Started,
    /// Somebody made the first offer.
    FirstOfferMade,
    /// Won; confirm by signature.
    ConfirmDue,
    /// Lost.
    ClosedLost,
    /// Nobody raised; the auction failed.
    NoFirstOffer,
    /// The auction failed for another reason.
    Unsuccessful,
    /// The clock is stopped.
    Suspended,
    /// It will go on at an announced time.
    ResumeAnnounced,
    /// It goes on.
    Resumed,
    /// Ended by decision.
    Cancelled,
    /// Created anew.
    Relaunched,
    /// The terms changed; sign again.
    NeedsReconfirm,
    /// The application was let in.
    ApplicationAdmitted,
    /// The application was refused.
    ApplicationNotAdmitted,
    /// The deposit arrived.
    DepositPaid,
    /// The deposit went back.
    DepositReleased,
    /// Money arrived that could not be credited.
    PaymentUnmatched,
    /// A payment code is about to expire.
    PaymentCodeExpiring,
    /// The winner signed.
    AwardConfirmed,
    /// Applications are closed; the participants are known.
    TenderingClosed,
    /// The contract's time is over; somebody has to record what became of it.
    ContractDue,
    /// The deposit is kept.
    DepositForfeited,
}

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// One participant.
    Bidder(BidderNo),
    /// Every participant but, perhaps, one.
    Participants {
        /// Who need not be told.
        except: Option<BidderNo>,
    },
    /// Everyone who applied, before numbers are given.
    Applicants,
    /// The organiser's officials.
    Organiser,
}

/// One notice to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// What about.
    pub kind: NoticeKind,
    /// To whom.
    pub to: Audience,
    /// Of no use at this moment or later.
    pub expires_at: Timestamp,
}

impl NoticeKind {
    /// Whether a phone must wake for it at once. Everything else can wait for the next sync.
    pub fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::Outbid
                | Self::Started
                | Self::ConfirmDue
                | Self::Suspended
                | Self::ResumeAnnounced
                | Self::Resumed
        )
    }
}

/// How long a notice without a deadline of its own is worth delivering.
pub const NOTICE_LIFE: TimeSpan = TimeSpan::days(2);

/// The notices that follow from `event`; `auction` is the state after it, `now` its time.
pub fn after(auction: &Auction, event: &Event, now: Timestamp) -> Vec<Notice> {
    let everyone = Audience::Participants { except: None };
    let lasting = now + NOTICE_LIFE;
    let notice = |kind, to, expires_at| Notice { kind, to, expires_at };
    match event {
        Event::Amended { .. } => {
            vec![notice(NoticeKind::NeedsReconfirm, Audience::Applicants, lasting)]
        }
        Event::TenderingClosed { .. } => {
            vec![notice(NoticeKind::TenderingClosed, Audience::Organiser, lasting)]
        }
        Event::BiddingOpened { deadline } => {
            vec![notice(NoticeKind::Started, everyone, *deadline)]
        }
        Event::BidPlaced { outbid: Some(loser), bidder, deadline, .. } if loser != bidder => {
            vec![notice(NoticeKind::Outbid, Audience::Bidder(*loser), *deadline)]
        }
        Event::BidPlaced { outbid: None, bidder, deadline, .. } => {
            let others = Audience::Participants { except: Some(*bidder) };
            vec![notice(NoticeKind::FirstOfferMade, others, *deadline)]
        }
        Event::Suspended { .. } => vec![notice(NoticeKind::Suspended, everyone, lasting)],
        Event::ResumeAnnounced { at, .. } => {
            vec![notice(NoticeKind::ResumeAnnounced, everyone, *at)]
        }
        Event::Resumed { deadline, .. } => {
            vec![notice(NoticeKind::Resumed, everyone, deadline.unwrap_or(lasting))]
        }
        Event::AwardProposed { award } => {
            let others = Audience::Participants { except: Some(award.bidder) };
            let mut notices = vec![notice(
                NoticeKind::ConfirmDue,
                Audience::Bidder(award.bidder),
                award.confirm_by,
            )];
            if auction.awards.len() <= 1 {
                notices.push(notice(NoticeKind::ClosedLost, others, lasting));
            }
            notices
        }
        Event::AwardConfirmed { .. } => {
            vec![notice(NoticeKind::AwardConfirmed, Audience::Organiser, lasting)]
        }
        Event::Failed { reason } => {
            let (kind, to) = match reason {
                Failure::NoFirstOffer => (NoticeKind::NoFirstOffer, everyone),
                Failure::NoApplications | Failure::InsufficientParticipants => {
                    (NoticeKind::Unsuccessful, Audience::Applicants)
                }
                _ => (NoticeKind::Unsuccessful, everyone),
            };
            vec![notice(kind, to, lasting), notice(kind, Audience::Organiser, lasting)]
        }
        Event::Cancelled { .. } => {
            vec![notice(NoticeKind::Cancelled, Audience::Applicants, lasting)]
        }
        Event::Relaunched { .. } => {
            vec![notice(NoticeKind::Relaunched, Audience::Applicants, lasting)]
        }
        _ => Vec::new(),
    }
}

/// A notice that is due at a moment and not by an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// When to send it.
    pub at: Timestamp,
    /// What to send.
    pub notice: Notice,
}

/// How long before the start participants are reminded.
pub const START_REMINDERS: [TimeSpan; 3] =
    [TimeSpan::hours(24), TimeSpan::hours(1), TimeSpan::minutes(10)];
/// How long before the end of his time the winner is reminded.
pub const CONFIRM_REMINDERS: [TimeSpan; 2] = [TimeSpan::hours(2), TimeSpan::minutes(30)];

/// The reminders of the auction's present state, in order of time; those already due are for the
/// caller to have sent. A stopped clock has none. They follow from the state alone, so that a
/// phone can set its own alarms from them without a connection.
pub fn reminders(auction: &Auction) -> Vec<Reminder> {
    if auction.suspension.is_some() {
        return Vec::new();
    }
    let before = |end: Timestamp, spans: &[TimeSpan], kind, to| -> Vec<Reminder> {
        let notice = Notice { kind, to, expires_at: end };
        spans.iter().map(|span| Reminder { at: end - *span, notice }).collect()
    };
    let start = auction.birth.offer.start;
    match auction.status {
        Status::Rectification | Status::Tendering => {
            before(start, &START_REMINDERS, NoticeKind::AuctionStarting, Audience::Applicants)
        }
        Status::Waiting => {
            let everyone = Audience::Participants { except: None };
            before(start, &START_REMINDERS, NoticeKind::AuctionStarting, everyone)
        }
        Status::Qualification => auction.pending_award().map_or_else(Vec::new, |award| {
            let winner = Audience::Bidder(award.bidder);
            before(award.confirm_by, &CONFIRM_REMINDERS, NoticeKind::ConfirmDue, winner)
        }),
        Status::Awarded => auction.contract_by.map_or_else(Vec::new, |at| {
            let (kind, to) = (NoticeKind::ContractDue, Audience::Organiser);
            vec![Reminder { at, notice: Notice { kind, to, expires_at: at + NOTICE_LIFE } }]
        }),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
