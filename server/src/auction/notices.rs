//! Notices of an auction's events: what a transaction records of them, and the notices that are made
//! of it afterwards.
//!
//! # Why a notice to all participants is one row at first
//! A first offer, a start or a stop concerns every participant. Two rows for each, written in the
//! transaction that decides, would make the bids of all other auctions wait for them: at ten o'clock
//! a thousand auctions open. So the transaction writes one row, and the worker makes the notices of
//! it in transactions of its own, each as short as a batch of bids, and while no bid waits, unless
//! some bid always does.

use super::bidding::batch::DecidedAuction;
use super::service::{Error, Service};
use super::store;
use crate::db::lane::LaneTxn;
use crate::db::ledger::LedgerTxn;
use crate::db::{StoreError, Txn};
use crate::push::{GroupNotice, PersonNotice};
use std::time::Duration;
use toruk_sync::domain::auction::{Auction, Event, evolve};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::notice::{self, Audience, Notice};
use toruk_sync::domain::time::Timestamp;

/// Most notices that one transaction makes.
pub const NOTICES_AT_ONCE: usize = 200;
/// Most such transactions in one round of the worker.
const TRANSACTIONS_MAX: usize = 50;
/// Longest time that each of them gives way to bids, which wait for the same writer.
const GIVES_WAY: Duration = Duration::from_millis(50);

impl Service {
    pub(super) async fn enqueue_notices(
        &self,
        txn: &Txn,
        before: &Auction,
        events: &[Event],
        first: u64,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (mut auction, mut seq) = (before.clone(), first);
        for event in events {
            auction = evolve(auction, event);
            seq += 1;
            for notice in notice::after(&auction, event, now) {
                self.enqueue_notice(txn, &auction, seq, notice, None).await?;
            }
        }
        if auction.status != before.status {
            // For the state it has just reached: the start, the winner's deadline.
            for due in notice::reminders(&auction).into_iter().filter(|due| due.at > now) {
                self.enqueue_notice(txn, &auction, seq, due.notice, Some(due.at)).await?;
            }
        }
        Ok(())
    }

    /// Records a notice, as a reminder that is sent `at` a later moment if one is given.
    async fn enqueue_notice(
        &self,
        txn: &Txn,
        auction: &Auction,
        seq: u64,
        notice: Notice,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (kind, expires_at, auction_id) = (notice.kind, notice.expires_at, auction.birth.id);
        let people = match notice.to {
            Audience::Participants { except } => {
                let notice = GroupNotice { kind, auction: auction_id, seq, expires_at, except };
                return self.push.enqueue_group(txn, &notice, at).await;
            }
            Audience::Organiser => vec![auction.birth.author],
            Audience::Applicants => self.applications.applicants(txn, auction_id).await?,
            Audience::Bidder(bidder) => {
                store::person_of(txn, auction_id, bidder).await?.into_iter().collect()
            }
        };
        let notice = |person| PersonNotice { person, kind, auction: auction_id, seq, expires_at };
        let notices: Vec<_> = people.into_iter().map(notice).collect();
        self.push.enqueue(txn, &notices, at).await
    }

    /// Records the notices that follow from a batch of bids, on PostgreSQL.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn enqueue_notices_on_lane(
        &self,
        txn: &mut LaneTxn,
        decided: &[DecidedAuction],
    ) -> Result<(), StoreError> {
        let (mut people, mut groups) = (Vec::new(), Vec::new());
        for one in decided {
            let auction = one.id();
            for (seq, Notice { kind, to, expires_at }) in one.notices.iter().copied() {
                let bidder = match to {
                    Audience::Participants { except } => {
                        groups.push(GroupNotice { kind, auction, seq, expires_at, except });
                        continue;
                    }
                    Audience::Bidder(bidder) => bidder,
                    // Nobody else is told of a bid.
                    Audience::Organiser | Audience::Applicants => continue,
                };
                let person = match self.admission.person(auction, bidder) {
                    Some(person) => Some(person),
                    None => store::lane::person_of(txn, auction, bidder).await?,
                };
                let notice = |person| PersonNotice { person, kind, auction, seq, expires_at };
                people.extend(person.map(notice));
            }
        }
        self.push.enqueue_on_lane(txn, &people, &groups).await
    }

    /// Records a notice that follows from a bid, on SQLite.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn enqueue_notice_on_ledger(
        &self,
        txn: &LedgerTxn<'_>,
        auction: AuctionId,
        seq: u64,
        notice: Notice,
    ) -> Result<(), StoreError> {
        let (kind, expires_at) = (notice.kind, notice.expires_at);
        let person = match notice.to {
            Audience::Participants { except } => {
                let notice = GroupNotice { kind, auction, seq, expires_at, except };
                return self.push.enqueue_group_on_ledger(txn, &notice);
            }
            Audience::Bidder(bidder) => store::ledger::person_of(txn, auction, bidder)?,
            // Nobody else is told of a bid.
            Audience::Organiser | Audience::Applicants => None,
        };
        let Some(person) = person else { return Ok(()) };
        let notice = PersonNotice { person, kind, auction, seq, expires_at };
        self.push.enqueue_on_ledger(txn, &notice)
    }

    /// Makes the due notices to all participants of an auction one for each. Returns how many it
    /// made.
    ///
    /// # Errors
    /// [`Error::Store`]; what was made before stays.
    pub async fn expand_notices(&self) -> Result<usize, Error> {
        let mut made = 0;
        for _ in 0..TRANSACTIONS_MAX {
            let now = self.context.ports.clock.now();
            if !self.push.has_group(now).await? {
                break;
            }
            self.give_way(GIVES_WAY).await;
            let txn = self.context.db.begin().await?;
            let Some(group) = self.push.next_group(&txn, now).await? else { break };
            let all = store::participants(&txn, group.notice.auction).await?;
            let left = all.into_iter().filter(|who| who.bidder_no > group.made_to);
            let mut left: Vec<_> =
                left.filter(|who| Some(who.bidder_no) != group.notice.except).collect();
            let is_last = left.len() <= NOTICES_AT_ONCE;
            left.truncate(NOTICES_AT_ONCE);
            let made_to = left.last().map(|who| who.bidder_no).filter(|_| !is_last);
            let people: Vec<PersonId> = left.into_iter().map(|who| who.person).collect();
            self.push.make_of_group(&txn, &group, &people, made_to).await?;
            // The clock has nothing new to do, so it is not woken.
            self.context.db.commit(txn).await?;
            made += people.len();
        }
        Ok(made)
    }
}
