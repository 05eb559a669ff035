//! The log of operations that a phone prepared without a connection. Each is decided once, in the
//! phone's order; a refused one uses its number up and does not block the next.
//!
//! # Why a journal
//! The moment when an operation was received counts, not the moment of its decision. So its arrival
//! is on disk before anything is checked, and after a failure in between, the same operation sent
//! again counts from its first arrival. It is there by its hash: the content of what was taken in
//! is in the application, and of what was refused, with its person. A part of a draft merges
//! whenever it arrives, so its arrival is not on record.

use super::error::Error;
use super::receipts::Deciding;
use super::service::Service;
use super::store;
use super::submission::Submitting;
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Bidder, NotConfirmed};
use serde_json::json;
use toruk_sync::domain::application::{self, Command};
use toruk_sync::domain::id::{ApplicationId, AuctionId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::draft_id;
use toruk_sync::protocol::limits::{
    OPERATIONS_PER_DAY_MAX, OUTCOME_DAYS, PUSH_OPS_MAX, SPARE_COMMANDS_PER_DAY_MAX,
};
use toruk_sync::protocol::operations::{
    Confirmation, Op, Operation, OperationRejection, Outcome, Push, PushReply, Verdict,
};
use toruk_sync::protocol::pull::OutcomeView;
use toruk_sync::protocol::signature::SignatureFault;
use toruk_sync::signing::{ApplicationPayload, canonical_json};

/// Most outcomes shortened in one round.
const SHORTENED_MAX: u64 = 1_000;

impl Service {
    /// Decides delivered operations in order, each once; the whole request had been read at
    /// `arrived`, by the primary database's time. The reply holds the outcomes of the decided ones;
    /// the first that is out of order, or that could not be decided now, ends it.
    ///
    /// From a phone with an unsupported protocol it accepts the operations that merge, up to the
    /// first command: an app that must be updated can still deliver what a person wrote.
    ///
    /// # Errors
    /// [`Error`] if nothing was decided; [`Error::TooManyToday`] if the person's phones have
    /// delivered as much as they may within a day.
    pub async fn push(
        &self,
        by: &Bidder,
        mut push: Push,
        arrived: Timestamp,
        is_understood: bool,
    ) -> Result<PushReply, Error> {
        if push.ops.len() > PUSH_OPS_MAX {
            return Err(Error::TooManyOps);
        }
        if push.ops.iter().any(|op| op.person != by.person) {
            return Err(Error::Forbidden);
        }
        if !is_understood {
            let merges = push.ops.iter().take_while(|op| op.operation.merges()).count();
            if merges < push.ops.len().min(1) {
                return Err(Error::UpgradeRequired);
            }
            push.ops.truncate(merges);
        }
        // Drafts can wait, and what follows them in order as well.
        if push.ops.iter().any(|op| op.operation.merges()) {
            self.context.disk.has_room().map_err(StoreError::from)?;
        }
        // Nothing of it has to be on disk before it is looked at.
        if !push.ops.is_empty() && push.ops.iter().all(|op| op.operation.merges()) {
            return self.merge(by, push.ops, arrived).await;
        }
        let (mut next_op_no, received) = self.journal(by, &push.ops, arrived).await?;
        push.ops.truncate(received.len());
        let (mut received, mut outcomes) = (received.into_iter(), Vec::new());
        while !push.ops.is_empty() {
            let merging = push.ops.iter().take_while(|op| op.operation.merges()).count();
            let run: Vec<Op> = push.ops.drain(..merging.max(1)).collect();
            let (count, received_at) = (run.len(), received.nth(run.len() - 1).unwrap_or(arrived));
            let decided = match run.first() {
                Some(command) if merging == 0 => self.decide_once(by, command, received_at).await,
                _ => self.merge(by, run, arrived).await.map(|it| (it.outcomes, it.next_op_no)),
            };
            match decided {
                Ok((decided, next)) => {
                    next_op_no = next;
                    let is_whole = decided.len() == count;
                    outcomes.extend(decided);
                    if !is_whole {
                        break;
                    }
                }
                Err(error) if outcomes.is_empty() => return Err(error),
                // The reply has the decided ones; the phone sends the rest again.
                Err(Error::FilesScanning | Error::RevocationUnknown) => break,
                Err(error) => {
                    tracing::error!(%error, next_op_no, "operation not decided");
                    break;
                }
            }
        }
        let server_time = self.context.ports.clock.now();
        Ok(PushReply { outcomes, next_op_no, server_time })
    }

    /// Records the arrival of the commands that are next in order; returns when each operation was
    /// first received, up to the first that is more than the person may deliver within a day.
    async fn journal(
        &self,
        by: &Bidder,
        ops: &[Op],
        now: Timestamp,
    ) -> Result<(u64, Vec<Timestamp>), Error> {
        let txn = self.context.db.begin().await?;
        let next_op_no = store::next_op_no(&txn, by.person, by.device).await?;
        let mut today = store::decided_since(&txn, by.person, now - TimeSpan::days(1)).await?;
        let mut received = Vec::new();
        let mut expected = next_op_no;
        for op in ops {
            if op.op_no != expected {
                received.push(now);
                continue;
            }
            if today >= per_day_max(&op.operation) {
                break;
            }
            (expected, today) = (expected + 1, today + 1);
            if op.operation.merges() {
                received.push(now);
                continue;
            }
            let raw = canonical_json(op);
            let arrival = store::Arrival { device: by.device, op_no: op.op_no, raw };
            let known = store::journaled(&txn, &arrival).await?;
            if known.is_none() {
                store::journal(&txn, self.context.ports.ids.uuid(), &arrival, now).await?;
            }
            received.push(known.unwrap_or(now));
        }
        if received.is_empty() && !ops.is_empty() {
            return Err(Error::TooManyToday);
        }
        self.context.db.commit(txn).await?;
        Ok((next_op_no, received))
    }

    /// Decides one command. When another transaction has committed a row with the same key
    /// meanwhile, such as an application for the same firm, that row is there to be found now.
    async fn decide_once(
        &self,
        by: &Bidder,
        op: &Op,
        received_at: Timestamp,
    ) -> Result<(Vec<Outcome>, u64), Error> {
        match self.decide(by, op, received_at).await {
            Err(Error::Store(StoreError::Conflict)) => self.decide(by, op, received_at).await,
            decided => decided,
        }
    }

    /// Decides one command, or finds its outcome. Returns none if it is not its turn.
    async fn decide(
        &self,
        by: &Bidder,
        op: &Op,
        received_at: Timestamp,
    ) -> Result<(Vec<Outcome>, u64), Error> {
        // Cryptography and other features' reads come before the transaction: there is one writer.
        let submitting = match &op.operation {
            Operation::SubmitApplication { package, confirmation } => {
                Some(self.examine(by, package, confirmation, received_at).await?)
            }
            _ => None,
        };
        let hash = op.hash();
        let txn = self.context.db.begin().await?;
        let next_op_no = store::next_op_no(&txn, by.person, by.device).await?;
        if op.op_no > next_op_no {
            return Ok((Vec::new(), next_op_no));
        }
        let now = self.context.ports.clock.now();
        if op.op_no < next_op_no {
            return Ok((vec![self.repeated(&txn, by, op, &hash, now).await?], next_op_no));
        }
        let before = self.standing_of(&txn, by.person, &op.operation).await?;
        let verdict = self.verdict(&txn, by, (op, submitting.as_ref()), received_at).await?;
        let deciding = Deciding { by, op, received_at, decided_at: now };
        let receipt = self.receipt_of(&txn, &deciding, before.as_ref(), &verdict).await?;
        let receipt = receipt.map(Box::new);
        let outcome = Outcome { op_no: op.op_no, verdict, decided_at: now, receipt };
        let view = OutcomeView {
            device: by.device,
            auction: about(&txn, by, &op.operation).await?,
            operation: op.operation.name().to_owned(),
            outcome: outcome.clone(),
        };
        let person = by.person;
        let decided = store::DecidedOperation { person, hash, received_at, outcome: view };
        store::decide(&txn, &[decided]).await?;
        store::set_next_op_nos(&txn, [(by.device, next_op_no + 1)]).await?;
        self.context.db.commit(txn).await?;
        Ok((vec![outcome], next_op_no + 1))
    }

    /// Carries out a command whose turn it is.
    async fn verdict(
        &self,
        txn: &Txn,
        by: &Bidder,
        (op, submitting): (&Op, Option<&Submitting<'_>>),
        received_at: Timestamp,
    ) -> Result<Verdict, Error> {
        match (&op.operation, submitting) {
            (Operation::SubmitApplication { .. }, Some(submitting)) => {
                self.submit(txn, by, submitting, received_at).await
            }
            (Operation::WithdrawApplication { application }, _) => {
                Ok(self.withdraw(txn, by, *application, received_at).await?)
            }
            _ => unreachable!("packages are examined above; what merges is decided in `merging`"),
        }
    }

    /// The answer to a command whose number was decided: its outcome, if it is the same one.
    async fn repeated(
        &self,
        txn: &Txn,
        by: &Bidder,
        op: &Op,
        hash: &str,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let decided = store::outcome(txn, by.device, op.op_no).await?;
        let Some((_, mut outcome)) = decided.filter(|(decided, _)| decided == hash) else {
            let verdict = Verdict::Refused(OperationRejection::OpConflict);
            return Ok(Outcome { op_no: op.op_no, verdict, decided_at: now, receipt: None });
        };
        outcome.receipt = self.given_receipt(txn, by.device, op.op_no, &outcome.verdict).await?;
        Ok(outcome)
    }

    /// Takes the names out of long refusals that are older than [`OUTCOME_DAYS`], a bounded number
    /// of them, and copies of drafts out of outcomes from before they only referred to them.
    /// Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let before = self.context.ports.clock.now() - TimeSpan::days(OUTCOME_DAYS);
        let txn = self.context.db.begin().await?;
        let swept = store::shorten(&txn, before, SHORTENED_MAX).await?;
        self.context.db.commit(txn).await?;
        Ok(swept)
    }

    async fn withdraw(
        &self,
        txn: &Txn,
        by: &Bidder,
        id: ApplicationId,
        received_at: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let stored = store::find(txn, id).await?.filter(|stored| stored.person == by.person);
        let Some(stored) = stored else {
            return Ok(Verdict::Refused(OperationRejection::NotFound));
        };
        let auction = self.catalogue.auction(txn, stored.application.auction).await?;
        let command = Command::Withdraw;
        let next = match application::apply(&auction, &stored.application, &command, received_at) {
            Ok(next) => next,
            Err(rejection) => {
                return Ok(Verdict::Refused(OperationRejection::Application(rejection)));
            }
        };
        store::update(txn, by.person, &next, self.context.ports.clock.now()).await?;
        self.drafts.reopen(txn, &[draft_id(by.person, next.auction)]).await?;
        let entry = audit::Entry {
            actor: Principal::Bidder(by.person),
            action: Action::ApplicationWithdraw,
            object: format!("application:{id}"),
            detail: json!({
                "auction": next.auction,
                CHANGES: audit::changes(&stored.application, &next),
            }),
        };
        self.audit.record(txn, entry).await?;
        Ok(Verdict::Withdrawn)
    }

    /// Checks of a package that need no transaction, and may need the network.
    async fn examine<'a>(
        &self,
        by: &Bidder,
        package: &'a ApplicationPayload,
        confirmation: &'a Confirmation,
        received_at: Timestamp,
    ) -> Result<Submitting<'a>, Error> {
        let signed = self.identity.confirm(by.person, package, confirmation, received_at).await;
        match signed {
            Err(NotConfirmed::Identity(error)) => Err(error.into()),
            Err(NotConfirmed::Certificate(refusal))
                if refusal.fault == SignatureFault::RevocationUnknown =>
            {
                Err(Error::RevocationUnknown)
            }
            signed => Ok(Submitting::examined(package, confirmation, signed)),
        }
    }
}

/// Operations that a person's phones may deliver within a day, before one of this kind.
fn per_day_max(operation: &Operation) -> u64 {
    match operation.merges() {
        true => OPERATIONS_PER_DAY_MAX,
        false => OPERATIONS_PER_DAY_MAX + SPARE_COMMANDS_PER_DAY_MAX,
    }
}

/// The auction that an operation concerns; `None` for another person's application.
async fn about(
    txn: &Txn,
    by: &Bidder,
    operation: &Operation,
) -> Result<Option<AuctionId>, StoreError> {
    match operation {
        Operation::EditDraft { auction, .. } => Ok(Some(*auction)),
        Operation::EditFollowed { .. } => Ok(None),
        Operation::SubmitApplication { package, .. } => Ok(Some(package.auction)),
        Operation::WithdrawApplication { application } => {
            let stored = store::find(txn, *application).await?;
            let mine = stored.filter(|stored| stored.person == by.person);
            Ok(mine.map(|stored| stored.application.auction))
        }
    }
}
