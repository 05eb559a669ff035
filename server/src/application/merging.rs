//! Operations that merge: parts of drafts, and followed auctions. All that wait while one transaction
//! commits are decided in the next one, no matter which phones sent them.
//!
//! # Why together
//! A commit costs a wait for the disk and a dozen statements, whether it merges one answer or a
//! hundred. After a dead network thousands of phones come back at once, each with a few answers. A
//! merge can't be late and decides about nobody else, so nothing is lost by its waiting for others.
//!
//! # Why one by one after a failure
//! A draft that can't be read, or a person who was forgotten meanwhile, must cost only its sender. And
//! a row that another transaction has committed meanwhile is there to be found then.

use super::error::Error;
use super::merge_queue::Delivery;
use super::service::Service;
use super::store::{self, DecidedOperation};
use crate::db::{StoreError, Txn};
use crate::draft::{self, MergingDrafts};
use crate::identity::Bidder;
use sea_orm::DbErr;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::oneshot;
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::draft_id;
use toruk_sync::protocol::limits::OPERATIONS_PER_DAY_MAX;
use toruk_sync::protocol::operations::{
    Op, Operation, OperationRejection, Outcome, PushReply, Verdict,
};
use toruk_sync::protocol::pull::OutcomeView;

impl Service {
    /// Decides operations that all merge, in order, each once. The reply ends before the first that
    /// is out of order, or more than the person may deliver within a day.
    ///
    /// # Errors
    /// [`Error::TooManyToday`], [`Error::Store`]; nothing was decided.
    pub(super) async fn merge(
        &self,
        by: &Bidder,
        ops: Vec<Op>,
        arrived: Timestamp,
    ) -> Result<PushReply, Error> {
        let with_hash = |op: Op| {
            let hash = op.hash();
            (op, hash)
        };
        let ops = ops.into_iter().map(with_hash).collect();
        let (answer, mut answered) = oneshot::channel();
        self.merges.push(Delivery { by: by.clone(), ops, arrived, answer })?;
        let lost = || Error::Store(StoreError::Busy(DbErr::Custom("the turn was lost".to_owned())));
        loop {
            tokio::select! {
                biased;
                // Somebody's turn decided these as well.
                reply = &mut answered => return reply.unwrap_or_else(|_| Err(lost())),
                _turn = self.merges.turn() => self.merge_waiting().await,
            }
        }
    }

    async fn merge_waiting(&self) {
        let deliveries = self.merges.take();
        let replies = match self.merge_all(&deliveries).await {
            Ok(replies) => replies,
            // One at a time it would be busy for longer.
            Err(StoreError::Busy(error)) => {
                let busy = || StoreError::Busy(DbErr::Custom(error.to_string()));
                deliveries.iter().map(|_| Err(busy().into())).collect()
            }
            Err(_) => self.merge_each(&deliveries).await,
        };
        for (delivery, reply) in deliveries.into_iter().zip(replies) {
            // Nobody may wait any more, which changes nothing.
            let _ = delivery.answer.send(reply);
        }
    }

    async fn merge_each(&self, deliveries: &[Delivery]) -> Vec<Result<PushReply, Error>> {
        let mut replies = Vec::with_capacity(deliveries.len());
        for delivery in deliveries.chunks(1) {
            match self.merge_all(delivery).await {
                Ok(decided) => replies.extend(decided),
                Err(error) => replies.push(Err(error.into())),
            }
        }
        replies
    }

    /// Decides deliveries in one transaction; the replies are in their order.
    async fn merge_all(
        &self,
        deliveries: &[Delivery],
    ) -> Result<Vec<Result<PushReply, Error>>, StoreError> {
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        let txn = self.context.db.begin().await?;
        let now = self.context.ports.clock.now();
        let mut merging = self.merging(&txn, deliveries, now).await?;
        let mut replies = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            replies.push(merging.decide(delivery)?);
        }
        let Merging { drafts, next, fresh, .. } = merging;
        self.drafts.save(&txn, drafts).await?;
        store::decide(&txn, &fresh).await?;
        let grown: BTreeSet<DeviceId> = fresh.iter().map(|op| op.outcome.device).collect();
        let grown = next.into_iter().filter(|(device, _)| grown.contains(device));
        store::set_next_op_nos(&txn, grown).await?;
        self.context.db.commit(txn).await?;
        Ok(replies)
    }

    async fn merging(
        &self,
        txn: &Txn,
        deliveries: &[Delivery],
        now: Timestamp,
    ) -> Result<Merging, StoreError> {
        let people: BTreeSet<PersonId> = deliveries.iter().map(|one| one.by.person).collect();
        let devices = deliveries.iter().map(|one| one.by.device).collect();
        let next = store::next_op_nos(txn, &people, &devices).await?;
        let today = store::decided_since_by(txn, &people, now - TimeSpan::days(1)).await?;
        let (mut auctions, mut drafts) = (BTreeSet::new(), BTreeSet::new());
        let mut followers = BTreeSet::new();
        let mut decided = BTreeMap::new();
        for Delivery { by, ops, .. } in deliveries {
            for (op, _) in ops {
                match &op.operation {
                    Operation::EditDraft { auction, .. } => {
                        auctions.insert(*auction);
                        drafts.insert(draft_id(by.person, *auction));
                    }
                    _ => _ = followers.insert(by.person),
                }
            }
            let expected = next.get(&by.device).copied().unwrap_or_default();
            let old = ops.iter().map(|(op, _)| op.op_no).filter(|op_no| *op_no < expected);
            let old: Vec<u64> = old.collect();
            if !old.is_empty() {
                let found = store::decided(txn, by.device, &old).await?.into_iter();
                decided.extend(found.map(|(op_no, known)| ((by.device, op_no), known)));
            }
        }
        let public = self.catalogue.public_among(txn, &auctions).await?;
        let drafts = self.drafts.merging(txn, &drafts, &followers).await?;
        Ok(Merging { now, next, today, public, drafts, decided, fresh: Vec::new() })
    }
}

/// What a transaction knows, and has decided so far.
struct Merging {
    now: Timestamp,
    next: BTreeMap<DeviceId, u64>,
    /// Decided within a day.
    today: BTreeMap<PersonId, u64>,
    public: BTreeSet<AuctionId>,
    drafts: MergingDrafts,
    /// Hashes and outcomes of what was decided before.
    decided: BTreeMap<(DeviceId, u64), (String, Outcome)>,
    fresh: Vec<DecidedOperation>,
}

impl Merging {
    /// The reply to one delivery.
    fn decide(&mut self, delivery: &Delivery) -> Result<Result<PushReply, Error>, StoreError> {
        let Delivery { by, ops, arrived, .. } = delivery;
        let Some(mut next_op_no) = self.next.get(&by.device).copied() else {
            return Ok(Err(StoreError::NotFound.into()));
        };
        let (mut outcomes, mut is_over) = (Vec::new(), false);
        for (op, hash) in ops {
            if op.op_no > next_op_no {
                break;
            }
            if op.op_no < next_op_no {
                outcomes.push(self.repeated(by, op, hash));
                continue;
            }
            let today = self.today.entry(by.person).or_default();
            is_over = *today >= OPERATIONS_PER_DAY_MAX;
            if is_over {
                break;
            }
            (*today, next_op_no) = (*today + 1, next_op_no + 1);
            let verdict = self.verdict(by, &op.operation)?;
            outcomes.push(self.record(by, op, hash, verdict, *arrived));
        }
        self.next.insert(by.device, next_op_no);
        Ok(match outcomes.is_empty() && is_over {
            true => Err(Error::TooManyToday),
            false => Ok(PushReply { outcomes, next_op_no, server_time: self.now }),
        })
    }

    fn verdict(&mut self, by: &Bidder, operation: &Operation) -> Result<Verdict, StoreError> {
        let merged = match operation {
            Operation::EditDraft { auction, .. } if !self.public.contains(auction) => {
                Err(draft::Error::NotFound)
            }
            Operation::EditDraft { draft, auction, part } => {
                let merged = self.drafts.merge(by, *draft, *auction, part);
                merged.map(|draft| Verdict::Merged { draft })
            }
            Operation::EditFollowed { followed } => {
                let merged = self.drafts.follow(by, followed);
                merged.map(|followed| Verdict::Following { followed })
            }
            Operation::SubmitApplication { .. } | Operation::WithdrawApplication { .. } => {
                Err(draft::Error::NotFound)
            }
        };
        let refused = |rejection| Ok(Verdict::Refused(rejection));
        match merged {
            Ok(verdict) => Ok(verdict),
            Err(draft::Error::Closed) => Ok(Verdict::DraftClosed),
            Err(draft::Error::Fault(fault)) => refused(OperationRejection::Draft(fault)),
            Err(draft::Error::NotFound) => refused(OperationRejection::NotFound),
            Err(draft::Error::Store(error)) => Err(error),
        }
    }

    fn record(
        &mut self,
        by: &Bidder,
        op: &Op,
        hash: &str,
        verdict: Verdict,
        received_at: Timestamp,
    ) -> Outcome {
        let outcome = Outcome { op_no: op.op_no, verdict, decided_at: self.now, receipt: None };
        let auction = match &op.operation {
            Operation::EditDraft { auction, .. } => Some(*auction),
            _ => None,
        };
        let (device, operation) = (by.device, op.operation.name().to_owned());
        // The same phone may have sent it twice at once.
        self.decided.insert((device, op.op_no), (hash.to_owned(), outcome.clone()));
        let view = OutcomeView { device, auction, operation, outcome: outcome.clone() };
        let (person, hash) = (by.person, hash.to_owned());
        self.fresh.push(DecidedOperation { person, hash, received_at, outcome: view });
        outcome
    }

    /// The answer to an operation whose number was decided: its outcome, if it is the same one, with
    /// the draft as it is now, which holds what was merged then.
    fn repeated(&self, by: &Bidder, op: &Op, hash: &str) -> Outcome {
        let known = self.decided.get(&(by.device, op.op_no));
        let Some((_, outcome)) = known.filter(|(decided, _)| decided == hash) else {
            let verdict = Verdict::Refused(OperationRejection::OpConflict);
            return Outcome { op_no: op.op_no, verdict, decided_at: self.now, receipt: None };
        };
        let mut outcome = outcome.clone();
        match (&op.operation, &mut outcome.verdict) {
            (Operation::EditDraft { draft, .. }, Verdict::Merged { draft: state }) => {
                *state = self.drafts.draft(*draft);
            }
            (Operation::EditFollowed { .. }, Verdict::Following { followed }) => {
                *followed = self.drafts.followed(by.person);
            }
            _ => {}
        }
        outcome
    }
}
