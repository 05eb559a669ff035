//! The signed receipt of each decision on an application, in the decision's own transaction.
//!
//! # Why not for everything that is answered
//! An auction that is not public, and so not there for the person, has no log whose head could be
//! stated. A package whose files are still being scanned was not decided.

use super::service::Service;
use super::store;
use crate::db::{StoreError, Txn};
use crate::identity::Bidder;
use toruk_sync::domain::application::{Application, Status};
use toruk_sync::domain::id::{AuctionId, DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::operations::{Op, Operation, OperationRejection, Verdict};
use toruk_sync::receipt::{
    ActDecision, ApplicationAct, ApplicationReceipt, ApplicationReceiptBody,
};
use toruk_sync::signing::SignedPayload as _;

/// The content of a receipt, but for the log's head.
pub(super) struct Statement<'a> {
    pub auction: AuctionId,
    pub act: ApplicationAct,
    pub decision: ActDecision,
    /// The application after the decision, if there is one.
    pub application: Option<&'a Application>,
    /// The package that the act was about, and the version of the terms that it names; without
    /// them, the application's.
    pub package: Option<(String, u64)>,
    pub reason: Option<String>,
    pub received_at: Timestamp,
    pub decided_at: Timestamp,
}

/// An operation of a phone that is being decided.
pub(super) struct Deciding<'a> {
    pub by: &'a Bidder,
    pub op: &'a Op,
    pub received_at: Timestamp,
    pub decided_at: Timestamp,
}

impl Service {
    /// Signs and stores a receipt; all phones of the person pull it.
    pub(super) async fn give_receipt(
        &self,
        txn: &Txn,
        person: PersonId,
        operation: Option<(DeviceId, u64)>,
        statement: Statement<'_>,
    ) -> Result<ApplicationReceipt, StoreError> {
        let (seq, head) = store::log_end(txn, statement.auction).await?;
        let application = statement.application;
        let package = statement.package.or_else(|| {
            application
                .map(|application| (application.package_hash.clone(), application.terms_version))
        });
        let (package, terms_version) = package.unzip();
        let receipt = self.context.signer.sign_act(ApplicationReceiptBody {
            auction: statement.auction,
            application: application.map(|application| application.id),
            act: statement.act,
            decision: statement.decision,
            status: application.map(|application| application.status),
            package,
            terms_version,
            reason: statement.reason,
            received_at: statement.received_at,
            decided_at: statement.decided_at,
            seq,
            head,
        });
        let id = self.context.ports.ids.uuid();
        let new = store::NewReceipt { id, person, operation, receipt: receipt.clone() };
        store::insert_receipt(txn, new).await?;
        Ok(receipt)
    }

    /// The person's application to the auction of a command, before the command is decided; it is
    /// locked.
    pub(super) async fn standing_of(
        &self,
        txn: &Txn,
        person: PersonId,
        operation: &Operation,
    ) -> Result<Option<Application>, StoreError> {
        let stored = match operation {
            Operation::SubmitApplication { package, .. } => {
                store::hold_auction(txn, package.auction).await?;
                store::standing(txn, package.auction, person).await?
            }
            Operation::WithdrawApplication { application } => {
                let stored = store::find(txn, *application).await?;
                stored.filter(|stored| stored.person == person)
            }
            Operation::EditDraft { .. } | Operation::EditFollowed { .. } => None,
        };
        Ok(stored.map(|stored| stored.application))
    }

    /// The receipt of a decided command; `before` is the application as it was. A package that had
    /// been taken in before has its first receipt.
    pub(super) async fn receipt_of(
        &self,
        txn: &Txn,
        deciding: &Deciding<'_>,
        before: Option<&Application>,
        verdict: &Verdict,
    ) -> Result<Option<ApplicationReceipt>, StoreError> {
        let (act, auction, package) = match &deciding.op.operation {
            Operation::SubmitApplication { package, .. } => {
                let again = before.is_some_and(|it| it.status == Status::NeedsReconfirm);
                let act = if again { ApplicationAct::Reconfirm } else { ApplicationAct::Submit };
                let hash = hex::encode(package.digest());
                (act, package.auction, Some((hash, package.terms_version)))
            }
            Operation::WithdrawApplication { .. } => {
                let Some(before) = before else { return Ok(None) };
                (ApplicationAct::Withdraw, before.auction, None)
            }
            Operation::EditDraft { .. } | Operation::EditFollowed { .. } => return Ok(None),
        };
        let (decision, counts_from) = match verdict {
            Verdict::Submitted { application, received_at, package_hash } => {
                let first = store::receipt_of_package(txn, *application, package_hash).await?;
                let is_repeated = before.is_some_and(|before| {
                    before.package_hash == *package_hash
                        && !matches!(before.status, Status::Withdrawn | Status::NeedsReconfirm)
                });
                if is_repeated && first.is_some() {
                    return Ok(first);
                }
                (ActDecision::Accepted, *received_at)
            }
            Verdict::Withdrawn => (ActDecision::Accepted, deciding.received_at),
            Verdict::Refused(OperationRejection::NotFound | OperationRejection::OpConflict) => {
                return Ok(None);
            }
            Verdict::Refused(rejection) => {
                (ActDecision::Refused(rejection.receipt_word()), deciding.received_at)
            }
            Verdict::Merged { .. } | Verdict::DraftClosed | Verdict::Following { .. } => {
                return Ok(None);
            }
        };
        let after = store::standing(txn, auction, deciding.by.person).await?;
        let statement = Statement {
            auction,
            act,
            decision,
            application: after.as_ref().map(|stored| &stored.application),
            package,
            reason: None,
            received_at: counts_from,
            decided_at: deciding.decided_at,
        };
        let operation = Some((deciding.by.device, deciding.op.op_no));
        self.give_receipt(txn, deciding.by.person, operation, statement).await.map(Some)
    }

    /// The receipt that was given for an operation, to be given again.
    pub(super) async fn given_receipt(
        &self,
        txn: &Txn,
        device: DeviceId,
        op_no: u64,
        verdict: &Verdict,
    ) -> Result<Option<Box<ApplicationReceipt>>, StoreError> {
        let own = store::receipt_of_operation(txn, device, op_no).await?;
        let given = match (own, verdict) {
            (None, Verdict::Submitted { application, package_hash, .. }) => {
                store::receipt_of_package(txn, *application, package_hash).await?
            }
            (own, _) => own,
        };
        Ok(given.map(Box::new))
    }
}
