//! The notices that follow from an event, and the people who get them.
//!
//! A person is notified only of a change of their own state: the one who lost the lead, the one who
//! must confirm. A notice is a hint; the phone asks the server before it shows it.

mod truth;

pub use self::truth::holds_of;

use super::auction::{Auction, Event, Failure, Status};
use super::id::{AuctionId, BidderNo};
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};

/// The subject of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// «Сиздин атаандашыңыз бааны жогорулатты» (manual, step 29).
    Outbid,
    /// Bidding will open soon.
    AuctionStarting,
    /// Bidding in the auction opened.
    Started,
    /// The first offer was made.
    FirstOfferMade,
    /// Won; the result must be confirmed by signature.
    ConfirmDue,
    /// Another bidder won the auction.
    ClosedLost,
    /// Nobody raised; the auction failed.
    NoFirstOffer,
    /// The auction failed for another reason.
    Unsuccessful,
    /// The auction was suspended.
    Suspended,
    /// The resumption was announced.
    ResumeAnnounced,
    /// The auction was resumed.
    Resumed,
    /// Cancelled by a decision of two officials.
    Cancelled,
    /// A successor of the failed auction was created.
    Relaunched,
    /// The terms changed; the application must be signed again.
    NeedsReconfirm,
    /// The application was admitted.
    ApplicationAdmitted,
    /// The application was not admitted.
    ApplicationNotAdmitted,
    /// The deposit was paid.
    DepositPaid,
    /// The deposit was refunded.
    DepositReleased,
    /// Money arrived that could not be credited.
    PaymentUnmatched,
    /// A payment code is about to expire.
    PaymentCodeExpiring,
    /// The winner confirmed by signature.
    AwardConfirmed,
    /// Applications are closed; the participants are known.
    TenderingClosed,
    /// The time for the contract is over; an official must record the result.
    ContractDue,
    /// The deposit was forfeited.
    DepositForfeited,
    /// Somebody who was proven as this person begins to recover the account.
    RecoveryStarted,
    /// A key that was recovered, or a phone that joined by a proof, has been added to the account.
    KeyAdded,
    /// Such a key has waited long enough: it can place bids now.
    KeyReady,
}

/// The recipients of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// One participant, by number.
    Bidder(BidderNo),
    /// Every participant, with one possible exception.
    Participants {
        /// The participant who is left out.
        except: Option<BidderNo>,
    },
    /// Everyone who applied, before numbers are assigned.
    Applicants,
    /// The officials of the organiser.
    Organiser,
}

/// One notice to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The subject of the notice.
    pub kind: NoticeKind,
    /// The recipients of the notice.
    pub to: Audience,
    /// The moment from which it is of no use.
    pub expires_at: Timestamp,
}

/// The notices that a newer one may replace while a phone is off. FCM keeps one message for a key
/// and four keys for a phone, of all its auctions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeClass {
    /// Asks for one act, before a deadline: nothing replaces it. A person gets few of them, so that
    /// they never fill the hundred places that FCM has for messages without a key.
    Act,
    /// Asks to raise; only the newest of an auction is of use, and there may be hundreds.
    Raise,
    /// Informs about the course of an auction.
    Course,
    /// Informs about the person's application or money.
    Own,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [Self; 27] = [
        Self::Outbid,
        Self::AuctionStarting,
        Self::Started,
        Self::FirstOfferMade,
        Self::ConfirmDue,
        Self::ClosedLost,
        Self::NoFirstOffer,
        Self::Unsuccessful,
        Self::Suspended,
        Self::ResumeAnnounced,
        Self::Resumed,
        Self::Cancelled,
        Self::Relaunched,
        Self::NeedsReconfirm,
        Self::ApplicationAdmitted,
        Self::ApplicationNotAdmitted,
        Self::DepositPaid,
        Self::DepositReleased,
        Self::PaymentUnmatched,
        Self::PaymentCodeExpiring,
        Self::AwardConfirmed,
        Self::TenderingClosed,
        Self::ContractDue,
        Self::DepositForfeited,
        Self::RecoveryStarted,
        Self::KeyAdded,
        Self::KeyReady,
    ];

    /// What may replace the notice while a phone is off.
    pub fn class(self) -> NoticeClass {
        match self {
            Self::Outbid => NoticeClass::Raise,
            Self::Started
            | Self::FirstOfferMade
            | Self::ConfirmDue
            | Self::ResumeAnnounced
            | Self::NeedsReconfirm
            | Self::ApplicationAdmitted
            | Self::PaymentUnmatched
            | Self::PaymentCodeExpiring
            | Self::ContractDue
            | Self::RecoveryStarted
            | Self::KeyAdded
            | Self::KeyReady => NoticeClass::Act,
            Self::AuctionStarting
            | Self::ClosedLost
            | Self::NoFirstOffer
            | Self::Unsuccessful
            | Self::Suspended
            | Self::Resumed
            | Self::Cancelled
            | Self::Relaunched
            | Self::AwardConfirmed
            | Self::TenderingClosed => NoticeClass::Course,
            Self::ApplicationNotAdmitted
            | Self::DepositPaid
            | Self::DepositReleased
            | Self::DepositForfeited => NoticeClass::Own,
        }
    }

    /// The key under which a newer push replaces a waiting one; `None` if nothing may. All kinds
    /// and auctions together have four keys: raises of two auctions rarely meet in one.
    pub fn collapse_key(self, auction: AuctionId) -> Option<String> {
        match self.class() {
            NoticeClass::Act => None,
            NoticeClass::Raise => Some(format!("raise-{}", auction.0.as_u128() % 2)),
            NoticeClass::Course => Some("course".to_owned()),
            NoticeClass::Own => Some("own".to_owned()),
        }
    }

    /// Returns `true` if it concerns the person's account, and no auction: its auction's id is
    /// [`NO_AUCTION`].
    pub fn is_of_account(self) -> bool {
        matches!(self, Self::RecoveryStarted | Self::KeyAdded | Self::KeyReady)
    }

    /// Returns `true` if a phone must wake up for it at once. Other notices wait for the next sync.
    pub fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::Outbid
                | Self::Started
                | Self::ConfirmDue
                | Self::Suspended
                | Self::ResumeAnnounced
                | Self::Resumed
                // A thief has begun: every minute counts.
                | Self::RecoveryStarted
                | Self::KeyAdded
                | Self::KeyReady
        )
    }
}

/// The auction of a notice that concerns none.
pub const NO_AUCTION: AuctionId = AuctionId(uuid::Uuid::nil());

/// The lifetime of a notice without a deadline of its own.
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
        Event::CalendarChanged { confirm_by: Some(end), .. } => moved(auction, *end),
        Event::AwardProposed { award } => {
            let others = Audience::Participants { except: Some(award.bidder) };
            let mut notices = vec![notice(
                NoticeKind::ConfirmDue,
                Audience::Bidder(award.bidder),
                award.confirm_by,
            )];
            if auction.has_sole_applicant() {
                // There are no others.
            } else if auction.awards.len() <= 1 {
                notices.push(notice(NoticeKind::ClosedLost, others, lasting));
            } else if let Some(former) = auction.awards.iter().rev().nth(1) {
                // Who refused, was silent or was excluded: another is asked in their place.
                let former = Audience::Bidder(former.bidder);
                notices.push(notice(NoticeKind::ClosedLost, former, lasting));
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

/// The proposed winner's deadline has moved with a day off.
fn moved(auction: &Auction, end: Timestamp) -> Vec<Notice> {
    let asked = auction.pending_award().map(|award| Audience::Bidder(award.bidder));
    let due = |to| Notice { kind: NoticeKind::ConfirmDue, to, expires_at: end };
    asked.map(due).into_iter().collect()
}

/// A notice that is due at a moment, not by an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// The moment to send it.
    pub at: Timestamp,
    /// The notice to send.
    pub notice: Notice,
}

/// The times before the start at which participants are reminded.
pub const START_REMINDERS: [TimeSpan; 3] =
    [TimeSpan::hours(24), TimeSpan::hours(1), TimeSpan::minutes(10)];
/// The times before the winner's deadline at which the winner is reminded.
pub const CONFIRM_REMINDERS: [TimeSpan; 2] = [TimeSpan::hours(2), TimeSpan::minutes(30)];

/// The reminders of the auction's present state, in order of time; the caller is assumed to have
/// sent those already due. A suspended auction has none. They depend on the state alone, so that a
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
