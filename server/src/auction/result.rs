//! What the protocol of an auction's result says: from the public log and the state that it folds
//! to. The winner's name is in the officials' copy alone.

use super::service::{Error, Service};
use super::store;
use crate::db::StoreError;
use crate::identity::Official;
use crate::pdf::{AuctionProtocol, Lapse, ProtocolLot, ProtocolOutcome, ProtocolWinner, Raise};
use sea_orm::ConnectionTrait;
use toruk_sync::domain::auction::award::{Award, AwardStatus};
use toruk_sync::domain::auction::{Auction, Event, Rejection, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;
use toruk_sync::signing::ProtocolPayload;

/// Records at the end of a log that a protocol is made from.
const RECORDS: u64 = 200;
/// Most raises that a protocol lists; the log has all.
const RAISES_MAX: usize = 60;

impl Service {
    /// The protocol of an auction that has ended, has a proposed winner or is suspended.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the public may not see it; [`Rejection::WrongState`] while it
    /// goes on.
    pub async fn result_protocol(&self, id: AuctionId) -> Result<AuctionProtocol, Error> {
        let view = self.catalogue.view(id).await?;
        let db = self.context.db.read();
        let after = view.seq.saturating_sub(RECORDS);
        let mut log = self.catalogue.log(id, after, RECORDS).await?;
        // A relaunch comes after the result, and more may have come after the state was read.
        log.retain(|record| {
            record.seq <= view.seq && !matches!(record.event, Event::Relaunched { .. })
        });
        let last = log.last().ok_or(Rejection::WrongState)?;
        let head = store::heads::hash_at(db, id, last.seq).await?.ok_or(StoreError::NotFound)?;
        let winner = view.auction.awards.last().filter(|award| is_standing(award));
        let signed = match winner {
            Some(award) => payload(db, &view.auction, &view.number, award).await?,
            None => None,
        };
        let address = format!("{}/v1/auctions/{id}/log", self.context.config.public_origin);
        let protocol = compose(view, &log, signed).ok_or(Rejection::WrongState)?;
        Ok(AuctionProtocol { log_head: hex::encode(head), log_address: address, ..protocol })
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

/// The result in the form that the winner of `award` signs; `None` before bidding was closed.
pub(super) async fn payload(
    db: &impl ConnectionTrait,
    auction: &Auction,
    number: &str,
    award: &Award,
) -> Result<Option<ProtocolPayload>, StoreError> {
    let log_head = store::closing_head(db, auction.birth.id).await?;
    Ok(log_head.map(|log_head| ProtocolPayload {
        auction: auction.birth.id,
        number: number.to_owned(),
        winner: award.bidder,
        price: award.price,
        participants: u16::try_from(auction.participants.len()).unwrap_or(u16::MAX),
        rounds: auction.round.map_or(0, |round| round.number),
        log_head,
    }))
}

/// The protocol without the log's head and address; `None` while the auction goes on.
fn compose(
    view: AuctionView,
    log: &[Record],
    signed: Option<ProtocolPayload>,
) -> Option<AuctionProtocol> {
    let AuctionView { number, auction, lot, .. } = view;
    let last = log.last()?;
    let outcome = outcome(&auction, last)?;
    let has_closed = matches!(
        auction.status,
        Status::Qualification | Status::Awarded | Status::Complete | Status::Unsuccessful
    );
    let winner = auction.awards.last().filter(|award| is_standing(award));
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
        last_raises: raises(log),
        outcome,
        decided_at: last.at,
        winner: winner.map(|award| ProtocolWinner { bidder: award.bidder, price: award.price }),
        lapsed: auction.awards.iter().filter_map(lapse).collect(),
        log_records: last.seq,
        log_head: String::new(),
        signed,
        winner_name: None,
        log_address: String::new(),
        terms: auction.terms?,
    })
}

/// How an auction ended; `last` is the last record of its log.
fn outcome(auction: &Auction, last: &Record) -> Option<ProtocolOutcome> {
    if let Some(suspension) = &auction.suspension {
        let (cause, since) = (suspension.cause, suspension.since);
        return Some(ProtocolOutcome::Suspended { cause, since, resume_at: suspension.resume_at });
    }
    Some(match (auction.status, &last.event) {
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

/// Returns `true` unless the award was lost.
fn is_standing(award: &Award) -> bool {
    !matches!(award.status, AwardStatus::Unsuccessful { .. })
}

fn lapse(award: &Award) -> Option<Lapse> {
    match award.status {
        AwardStatus::Unsuccessful { reason } => {
            Some(Lapse { bidder: award.bidder, price: award.price, reason })
        }
        _ => None,
    }
}

/// The last raises in the order of the log.
fn raises(log: &[Record]) -> Vec<Raise> {
    let raise = |record: &Record| match &record.event {
        Event::BidPlaced { bidder, amount, received_at, .. } => {
            Some(Raise { at: *received_at, bidder: *bidder, amount: *amount })
        }
        _ => None,
    };
    let mut raises: Vec<Raise> = log.iter().filter_map(raise).collect();
    raises.drain(..raises.len().saturating_sub(RAISES_MAX));
    raises
}
