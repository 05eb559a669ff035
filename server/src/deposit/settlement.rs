//! Settles arriving money and steps deposits: always with ledger entries, notices and audit
//! entries, or not at all.

use super::refund_of::RefundOf;
use super::service::{Error, Service};
use super::store::{self, DepositRow};
use crate::application;
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::ports::{GatewayError, OrderState, ReportedPayment};
use crate::push::PersonNotice;
use serde_json::json;
use toruk_sync::domain::deposit::ledger::Move;
use toruk_sync::domain::deposit::{
    self, Command, Intent, IntentChange, Payment, PaymentSpan, Rejection, Settlement, Status,
};
use toruk_sync::domain::id::{DepositId, IntentId};
use toruk_sync::domain::notice::{NOTICE_LIFE, NoticeKind};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::Timestamp;

impl Service {
    /// Asks the payment system about one attempt and settles new payments. A repeated call settles
    /// nothing twice.
    ///
    /// # Errors
    /// [`Error::GatewayUnavailable`]; [`Error::Store`], also when there is no such attempt.
    pub async fn reconcile(&self, intent: IntentId) -> Result<(), Error> {
        self.reconciled(intent).await.map(|_| ())
    }

    /// As [`Self::reconcile`]; returns the number of new payments.
    pub(super) async fn reconciled(&self, intent: IntentId) -> Result<usize, Error> {
        let row = store::intent(self.context.db.read(), intent).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let report = match self.context.ports.gateway.payments(intent).await {
            Ok(report) => report,
            // The payment system does not know the order: nobody can have paid it.
            Err(GatewayError::Refused(_)) => return Ok(0),
            Err(error @ (GatewayError::Unavailable(_) | GatewayError::Undecided)) => {
                tracing::warn!(%intent, %error, "no answer about an order");
                return Err(Error::GatewayUnavailable);
            }
        };
        // Before the wait for the database: it was paid by now.
        let heard = self.context.ports.clock.now();
        let change = match report.state {
            OrderState::Open => None,
            OrderState::Pending => Some(IntentChange::Pending),
            OrderState::Cancelled => Some(IntentChange::Cancelled),
        };
        let reported = report.payments;
        let references: Vec<String> =
            reported.iter().map(|payment| payment.reference.clone()).collect();
        if store::known_payments(self.context.db.read(), &references).await?.len() == reported.len()
        {
            self.change_attempt(&row.intent, change).await?;
            return Ok(0);
        }
        let txn = self.context.db.begin().await?;
        self.hold_application(&txn, row.intent.deposit).await?;
        let settled = self.settle(&txn, intent, reported, &references, heard).await?;
        self.context.db.commit(txn).await?;
        Ok(settled)
    }

    /// Records that an attempt is pending or cancelled. One that is paid or has ended stays so.
    async fn change_attempt(
        &self,
        known: &Intent,
        change: Option<IntentChange>,
    ) -> Result<(), Error> {
        let Some(change) = change else { return Ok(()) };
        if known.apply(change.clone()).is_err() {
            return Ok(());
        }
        let txn = self.context.db.begin().await?;
        let row = store::intent(&txn, known.id).await?.ok_or(StoreError::NotFound)?;
        if let Ok(next) = row.intent.apply(change) {
            store::update_intent(&txn, &next).await?;
        }
        Ok(self.context.db.commit(txn).await?)
    }

    /// Locks the auction and the application of a deposit, if they still exist: the order in which
    /// rows are locked is in [`crate::db`].
    pub(super) async fn hold_application(
        &self,
        txn: &Txn,
        deposit: DepositId,
    ) -> Result<(), StoreError> {
        let deposit = store::deposits(txn, &[deposit]).await?.pop().ok_or(StoreError::NotFound)?;
        match self.applications.get(txn, deposit.deposit.application).await {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn settle(
        &self,
        txn: &Txn,
        intent: IntentId,
        reported: Vec<ReportedPayment>,
        references: &[String],
        heard: Timestamp,
    ) -> Result<usize, Error> {
        let row = store::intent(txn, intent).await?.ok_or(StoreError::NotFound)?;
        let span = PaymentSpan { begun: row.created_at, heard };
        let mut intent = row.intent;
        let mut deposit = store::deposit(txn, intent.deposit).await?;
        // Checked again under the lock: a callback and the worker may run at once.
        let mut known = store::known_payments(txn, references).await?;
        let auction = self.catalogue.auction(txn, deposit.auction).await?;
        let terms = auction.terms.as_ref();
        let terms = terms.ok_or_else(|| StoreError::damaged("auction")("paid, without terms"))?;
        let mut settled = 0;
        for payment in reported {
            if !known.insert(payment.reference.clone()) {
                continue;
            }
            let ReportedPayment { reference, amount, paid_at } = payment;
            let payment = Payment { reference, amount, paid_at };
            let end = terms.tender_end;
            let settlement = deposit::settle(&deposit.deposit, &intent, &payment, span, end);
            let rules = &auction.birth.rules;
            self.book_settlement(txn, &deposit, &payment, &settlement, rules).await?;
            intent = settlement.intent;
            deposit.deposit = settlement.deposit;
            settled += 1;
        }
        Ok(settled)
    }

    /// Writes one payment and all its consequences.
    async fn book_settlement(
        &self,
        txn: &Txn,
        row: &DepositRow,
        payment: &Payment,
        settlement: &Settlement,
        rules: &RuleProfile,
    ) -> Result<(), Error> {
        let now = self.context.ports.clock.now();
        let Settlement { intent, moves, counted, .. } = settlement;
        store::insert_payment(txn, payment, settlement, now).await?;
        if let Some(off) = counted.clock_fault {
            metrics::counter!("toruk_payment_clock_faults_total").increment(1);
            let off_s = off.as_seconds();
            tracing::error!(intent = %intent.id, off_s, "the payment system's clock is wrong");
        }
        self.book(txn, moves, &payment.reference).await?;
        self.book_credit(txn, row, payment, settlement, rules).await
    }

    /// Writes the consequences of a payment that is booked.
    pub(super) async fn book_credit(
        &self,
        txn: &Txn,
        row: &DepositRow,
        payment: &Payment,
        settlement: &Settlement,
        rules: &RuleProfile,
    ) -> Result<(), Error> {
        let now = self.context.ports.clock.now();
        let Settlement { intent, deposit, unmatched, counted, .. } = settlement;
        store::update_intent(txn, intent).await?;
        let filled = DepositRow { deposit: deposit.clone(), ..*row };
        store::update_deposit(txn, &filled, now).await?;
        let credited = row.deposit.status == Status::Due && deposit.status == Status::Paid;
        if credited {
            self.credited(txn, row, counted.at).await?;
            self.tell(txn, row, NoticeKind::DepositPaid).await?;
        }
        if let Some((amount, _)) = unmatched {
            let of = RefundOf { payment: &payment.reference, rules };
            self.add_refund(txn, (None, *amount), of, false).await?;
            self.tell(txn, row, NoticeKind::PaymentUnmatched).await?;
        }
        let action = if credited { Action::PaymentCredit } else { Action::PaymentUnmatched };
        let detail = json!({
            "reference": payment.reference,
            "amount_tyiyn": payment.amount,
            "unmatched_tyiyn": unmatched.map(|(amount, _)| amount),
            "mismatch": unmatched.map(|(_, why)| why),
            "paid_at": payment.paid_at,
            "counted_at": counted.at,
            "clock_fault": counted.clock_fault,
        });
        self.record(txn, row, Principal::System, action, detail).await?;
        Ok(())
    }

    /// Marks the application paid. One that does not wait for money any more stays as it is; the
    /// worker then gives the deposit back.
    async fn credited(
        &self,
        txn: &Txn,
        row: &DepositRow,
        paid_at: Timestamp,
    ) -> Result<(), StoreError> {
        use application::Error::{Rejected, Store};
        let id = row.deposit.application;
        match self.applications.deposit_paid(txn, id, paid_at).await {
            Ok(()) | Err(Rejected(_) | Store(StoreError::NotFound)) => Ok(()),
            Err(Store(error)) => Err(error),
            Err(error) => Err(StoreError::damaged("application")(error)),
        }
    }

    /// Applies a command to a deposit, in place. `of` is the payment that filled it, which a refund
    /// gives back.
    pub(super) async fn step(
        &self,
        txn: &Txn,
        row: &mut DepositRow,
        command: Command,
        of: Option<RefundOf<'_>>,
    ) -> Result<Result<(), Rejection>, StoreError> {
        self.step_by(txn, row, command, of, Principal::System, json!({})).await
    }

    /// As [`Self::step`], by somebody, with what the record should say besides.
    pub(super) async fn step_by(
        &self,
        txn: &Txn,
        row: &mut DepositRow,
        command: Command,
        of: Option<RefundOf<'_>>,
        actor: Principal,
        mut detail: serde_json::Value,
    ) -> Result<Result<(), Rejection>, StoreError> {
        let now = self.context.ports.clock.now();
        let (next, moves) = match deposit::apply(&row.deposit, command) {
            Ok(applied) => applied,
            Err(rejection) => return Ok(Err(rejection)),
        };
        self.book(txn, &moves, &next.id.to_string()).await?;
        let stepped = DepositRow { deposit: next.clone(), ..*row };
        store::update_deposit(txn, &stepped, now).await?;
        if next.status == Status::Releasing {
            let of = of.ok_or_else(|| {
                StoreError::damaged("payment")(format!("none filled deposit {}", next.id))
            })?;
            let decided = matches!(command, Command::DecideForfeit { .. });
            self.add_refund(txn, (Some(next.id), next.amount), of, decided).await?;
        }
        let action = match command {
            Command::Hold => Action::DepositHold,
            Command::Release => Action::DepositRelease,
            Command::ConfirmRefund { .. } => Action::DepositRefunded,
            Command::ProposeForfeit => Action::DepositProposeForfeit,
            Command::DecideForfeit { keep: true, .. } => Action::DepositForfeit,
            Command::DecideForfeit { keep: false, .. } => Action::DepositRejectForfeit,
            Command::Apply => Action::DepositApply,
        };
        detail["amount_tyiyn"] = json!(next.amount);
        detail[CHANGES] = json!(audit::changes(&row.deposit, &next));
        self.record(txn, row, actor, action, detail).await?;
        row.deposit = next;
        Ok(Ok(()))
    }

    /// Books double entries; each key is booked once.
    pub(super) async fn book(&self, txn: &Txn, moves: &[Move], of: &str) -> Result<(), StoreError> {
        let now = self.context.ports.clock.now();
        for entry in moves {
            store::book(txn, &format!("{}:{of}", entry.kind), entry, now).await?;
        }
        Ok(())
    }

    pub(super) async fn tell(
        &self,
        txn: &Txn,
        row: &DepositRow,
        kind: NoticeKind,
    ) -> Result<(), StoreError> {
        let notice = PersonNotice {
            person: row.person,
            kind,
            auction: row.auction,
            seq: self.applications.log_length(txn, row.auction).await?,
            expires_at: self.context.ports.clock.now() + NOTICE_LIFE,
        };
        self.push.enqueue(txn, &[notice], None).await
    }

    pub(super) async fn record(
        &self,
        txn: &Txn,
        row: &DepositRow,
        actor: Principal,
        action: Action,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let object = format!("deposit:{}", row.deposit.id);
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
}
