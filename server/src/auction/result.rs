//! What the protocol of an auction's result says: from the state, and from the records of the public
//! log that decided it. The winner's name is in the officials' copy alone.
//!
//! # Why the records are asked for by their kind
//! A log grows on after the result, by a relaunch or by bids that are refused while the clock stands
//! still. A protocol that counted them would change each time, and refused bids could fill the place
//! of the raises that were accepted.

use super::service::{Error, Service};
use super::store::{self, LogEntry, records};
use crate::db::StoreError;
use crate::identity::Official;
use crate::pdf::{
    AuctionProtocol, Decision, Lapse, LossReason, ProtocolLot, ProtocolOutcome, ProtocolWinner,
    Raise,
};
use sea_orm::ConnectionTrait;
use toruk_sync::domain::auction::award::{Award, AwardStatus, LapseReason};
use toruk_sync::domain::auction::{
    Auction, ContractFault, Event, ProtocolFile, ProtocolSubject, Rejection, Status,
};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::signing::{ProtocolPayload, SignedPayload as _};

/// Most raises that a protocol lists; the log has all.
const RAISES_MAX: u64 = 60;
/// More than an auction has awards, and so disqualifications.
const DISQUALIFICATIONS_MAX: u64 = 10;

/// The records behind a result.
struct Course {
    /// The one that decided it.
    decided: LogEntry,
    /// The last raises.
    raises: Vec<LogEntry>,
    /// The decisions by which winners were disqualified.
    disqualified: Vec<LogEntry>,
    /// The fault for a contract that was not concluded.
    fault: Option<ContractFault>,
}

impl Service {
    /// The protocol of an auction that has ended, has a proposed winner or is suspended.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the public may not see it; [`Rejection::WrongState`] while it
    /// goes on.
    pub async fn result_protocol(&self, id: AuctionId) -> Result<AuctionProtocol, Error> {
        let view = self.catalogue.view(id).await?;
        let db = self.context.db.read();
        let course = course(db, &view).await?.ok_or(Rejection::WrongState)?;
        let mut signed = match view.auction.standing_award() {
            Some(award) => payload(db, &view.auction, &view.number, award).await?,
            None => None,
        };
        if let (Some(signed), Some(Award { status: AwardStatus::Active { protocol }, .. })) =
            (&mut signed, view.auction.standing_award())
            && hex::encode(signed.digest()) != *protocol
        {
            // A winner whose phone knew no files signed the result without them.
            signed.files.clear();
        }
        let log_address = format!("{}/v1/auctions/{id}/log", self.context.config.public_origin);
        let protocol = compose(view, course, signed, log_address);
        Ok(protocol.ok_or(Rejection::WrongState)?)
    }

    /// As [`Self::result_protocol`], with the name of a winner who has confirmed; that an official
    /// asked for it is recorded.
    ///
    /// # Errors
    /// Those of [`Self::winner`] too.
    pub async fn official_protocol(
        &self,
        by: &Official,
        id: AuctionId,
    ) -> Result<AuctionProtocol, Error> {
        let winner = self.winner(by, id).await?;
        let protocol = self.result_protocol(id).await?;
        Ok(AuctionProtocol { winner_name: Some(winner.contact.name), ..protocol })
    }
}

/// The result in the form that the winner of `award` signs; `None` before there was one.
pub(super) async fn payload(
    db: &impl ConnectionTrait,
    auction: &Auction,
    number: &str,
    award: &Award,
) -> Result<Option<ProtocolPayload>, StoreError> {
    let log_head = store::closing_head(db, auction).await?;
    Ok(log_head.map(|log_head| ProtocolPayload {
        auction: auction.birth.id,
        number: number.to_owned(),
        winner: award.bidder,
        price: award.price,
        participants: u16::try_from(auction.participants.len()).unwrap_or(u16::MAX),
        rounds: auction.round.map_or(0, |round| round.number),
        log_head,
        files: files(auction, award),
    }))
}

/// The files of an award's protocol; none before they are made.
fn files(auction: &Auction, award: &Award) -> Vec<ProtocolFile> {
    let place = auction.awards.iter().position(|known| known == award);
    let number = place.and_then(|place| u16::try_from(place + 1).ok());
    let kept = number.and_then(|number| auction.kept_protocol(ProtocolSubject::Award { number }));
    kept.map(|kept| kept.files.clone()).unwrap_or_default()
}

/// The records behind the result of this state; `None` while the auction goes on. More records may
/// have come after the state was read.
async fn course(
    db: &impl ConnectionTrait,
    AuctionView { auction, seq, .. }: &AuctionView,
) -> Result<Option<Course>, StoreError> {
    let id = auction.birth.id;
    let last = async |up_to: u64, kinds: &[&str]| {
        Ok::<_, StoreError>(records::latest(db, id, up_to, kinds, 1).await?.pop())
    };
    let deciding = deciding(auction);
    if deciding.is_empty() {
        return Ok(None);
    }
    let Some(decided) = last(*seq, deciding).await? else { return Ok(None) };
    let up_to = decided.record.seq;
    let raises = records::latest(db, id, up_to, &["bid_placed"], RAISES_MAX).await?;
    // Also one that came while the auction stood still.
    let kinds = &["winner_disqualified"];
    let disqualified = records::latest(db, id, *seq, kinds, DISQUALIFICATIONS_MAX).await?;
    let fault = match last(up_to, &["contract_failed"]).await?.map(|entry| entry.record.event) {
        Some(Event::ContractFailed { fault, .. }) => Some(fault),
        _ => None,
    };
    Ok(Some(Course { decided, raises, disqualified, fault }))
}

/// The kinds of records of which the last one decided this state; none while the auction goes on.
fn deciding(auction: &Auction) -> &'static [&'static str] {
    if auction.suspension.is_some() {
        return &["suspended", "resume_announced"];
    }
    match auction.status {
        Status::Qualification => &["award_proposed"],
        Status::Awarded => &["award_confirmed"],
        Status::Complete => &["contract_signed"],
        Status::Unsuccessful => &["failed"],
        Status::Cancelled => &["cancelled"],
        Status::Draft
        | Status::Review
        | Status::Rectification
        | Status::Tendering
        | Status::Waiting
        | Status::Bidding => &[],
    }
}

/// The protocol; `None` while the auction goes on.
fn compose(
    view: AuctionView,
    course: Course,
    signed: Option<ProtocolPayload>,
    log_address: String,
) -> Option<AuctionProtocol> {
    let AuctionView { number, auction, lot, .. } = view;
    let decided = &course.decided.record;
    let outcome = outcome(&auction, &decided.event)?;
    // A cancellation may come before the close or after it.
    let has_closed = !auction.awards.is_empty() || auction.status == Status::Unsuccessful;
    let winner = auction.standing_award();
    Some(AuctionProtocol {
        auction: auction.birth.id,
        number,
        attempt: auction.birth.attempt,
        lot: ProtocolLot {
            title: lot.title,
            cadastral_number: lot.cadastral_number,
            holder: lot.lot_holder,
            object_of_price: auction.birth.offer.object_of_price,
        },
        closed_at: auction.closes_at().filter(|_| has_closed),
        participants: u16::try_from(auction.participants.len()).unwrap_or(u16::MAX),
        raises: auction.round.map_or(0, |round| round.number),
        has_sole_applicant: auction.has_sole_applicant(),
        instalments: auction.instalments(),
        last_raises: course.raises.iter().filter_map(raise).collect(),
        outcome,
        decided_at: decided.at,
        winner: winner.map(|award| ProtocolWinner { bidder: award.bidder, price: award.price }),
        lapsed: lapsed(&auction, &course),
        log_records: decided.seq,
        log_head: hex::encode(course.decided.head),
        signed,
        winner_name: None,
        log_address,
        terms: auction.terms?,
    })
}

/// How an auction ended; `event` is of the record that decided it.
fn outcome(auction: &Auction, event: &Event) -> Option<ProtocolOutcome> {
    if let Some(suspension) = &auction.suspension {
        let (cause, since) = (suspension.cause, suspension.since);
        return Some(ProtocolOutcome::Suspended { cause, since, resume_at: suspension.resume_at });
    }
    Some(match (auction.status, event) {
        (Status::Qualification, _) => {
            ProtocolOutcome::AwardProposed { confirm_by: auction.pending_award()?.confirm_by }
        }
        (Status::Awarded, _) => {
            ProtocolOutcome::AwardConfirmed { contract_by: auction.contract_by? }
        }
        (Status::Complete, Event::ContractSigned { document, .. }) => {
            ProtocolOutcome::ContractSigned { document: document.clone() }
        }
        (Status::Unsuccessful, _) => ProtocolOutcome::Unsuccessful { reason: auction.failure? },
        (Status::Cancelled, Event::Cancelled { reason, document, .. }) => {
            ProtocolOutcome::Cancelled { reason: reason.clone(), document: document.clone() }
        }
        _ => return None,
    })
}

fn loss(award: &Award) -> Option<LapseReason> {
    match award.status {
        AwardStatus::Unsuccessful { reason } => Some(reason),
        AwardStatus::Pending | AwardStatus::Active { .. } => None,
    }
}

/// The awards that do not stand, each with its reason.
fn lapsed(auction: &Auction, course: &Course) -> Vec<Lapse> {
    let mut decisions = course.disqualified.iter().map(|entry| &entry.record.event);
    let lapse = |award: &Award| {
        let reason = match (loss(award), auction.status) {
            (Some(LapseReason::Refused), _) => LossReason::Refused,
            (Some(LapseReason::Timeout), _) => LossReason::Timeout,
            (Some(LapseReason::Disqualified), _) => match decisions.next() {
                Some(Event::WinnerDisqualified { reason, document, .. }) => {
                    let (reason, document) = (reason.clone(), document.clone());
                    LossReason::Disqualified(Some(Decision { reason, document }))
                }
                _ => LossReason::Disqualified(None),
            },
            (None, Status::Cancelled) => LossReason::Cancelled,
            (None, Status::Unsuccessful) => {
                LossReason::ContractNotConcluded { fault: course.fault }
            }
            (None, _) => return None,
        };
        Some(Lapse { bidder: award.bidder, price: award.price, reason })
    };
    auction.awards.iter().filter_map(lapse).collect()
}

fn raise(entry: &LogEntry) -> Option<Raise> {
    match &entry.record.event {
        Event::BidPlaced { bidder, amount, received_at, .. } => {
            Some(Raise { at: *received_at, bidder: *bidder, amount: *amount })
        }
        _ => None,
    }
}
