//! Bank transfers: a reference for the payer, and the bank's statement, which an official of
//! finance looks at before its lines are booked.
//!
//! # Why a line is booked in a transaction of its own
//! A statement has thousands of lines, and bids are decided by the same writer. A line is booked
//! once by its identity, so an import that was interrupted is simply confirmed again.

use super::bank::{self, BankImport, BankLine, ImportHead, StatementFault};
use super::reconciliation::MONEY_READERS;
use super::service::{Error, Service};
use super::store;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use crate::ports::{BANK_REFERENCE, ReportedPayment};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::deposit::{
    Intent, IntentStatus, Payment, PaymentSpan, Rejection, Status, settle,
};
use toruk_sync::domain::id::{IntentId, PersonId};
use toruk_sync::domain::money_task::{ImportedLine, MoneyTask, TaskCause};
use toruk_sync::domain::reconciliation::CURRENCY;
use toruk_sync::domain::text::SearchWords;
use uuid::Uuid;

/// Statements that the list shows.
const IMPORTS_SHOWN: u64 = 20;
/// Longest name of a file, in characters.
const NAME_CHARS_MAX: usize = 100;

/// The fate of a line if the statement is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFate {
    /// It was booked by an earlier import, or stands in this file already.
    Known,
    /// It names an attempt to pay, whose payer has this name, or another one.
    Matched {
        /// The amount is the one that is due.
        is_exact: bool,
        /// The payer's name is the applicant's.
        is_namesake: bool,
    },
    /// No attempt to pay fits: it becomes a task.
    Unmatched,
    /// It is not in som: it becomes a task.
    OtherCurrency,
}

/// A statement with the fate of each of its lines.
#[derive(Debug, Clone)]
pub struct ImportPreview {
    pub import: BankImport,
    pub fates: Vec<LineFate>,
}

/// The reason why a statement was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    File(#[from] StatementFault),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl Service {
    /// Issues the reference of a transfer: nobody outside has to be asked.
    pub(super) async fn issue_reference(&self, intent: Intent) -> Result<Intent, Error> {
        let txn = self.context.db.begin().await?;
        let known = store::intent(&txn, intent.id).await?.ok_or(StoreError::NotFound)?;
        let mut intent = known.intent;
        if intent.status == IntentStatus::Created {
            let reference = bank::make_reference(&self.context.ports.ids.secret());
            store::insert_transfer_reference(&txn, &reference, intent.id).await?;
            intent.status = IntentStatus::CodeIssued;
            intent.code = Some(reference);
            store::update_intent(&txn, &intent).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(intent)
    }

    /// The newest statements, without their lines.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn bank_imports(&self, by: &Official) -> Result<Vec<ImportHead>, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        Ok(store::imports(self.context.db.read(), IMPORTS_SHOWN).await?)
    }

    /// Reads a statement and keeps it, to be looked at. Nothing is booked.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn preview_import(
        &self,
        by: &Official,
        name: &str,
        content: &[u8],
    ) -> Result<Uuid, ImportError> {
        Self::sees_all_money(by, &[Role::Finance])?;
        let actor = Principal::official(by, &[Role::Finance]).map_err(Error::from)?;
        let read = bank::read(content)?;
        let import = BankImport {
            id: self.context.ports.ids.uuid(),
            by: by.person,
            at: self.context.ports.clock.now(),
            name: name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect(),
            sha256: hex::encode(Sha256::digest(content)),
            lines: read.lines,
            left_out: read.left_out,
            confirmed_at: None,
        };
        let detail = json!({ "sha256": import.sha256, "lines": import.lines.len() });
        let stored = async {
            let txn = self.context.db.begin().await?;
            store::put_import(&txn, &import).await?;
            self.record_import(&txn, import.id, actor, Action::BankPreview, detail).await?;
            self.context.db.commit(txn).await
        };
        stored.await.map_err(Error::from)?;
        Ok(import.id)
    }

    /// A statement with the fate of each line, as it would be now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`].
    pub async fn import_preview(&self, by: &Official, id: Uuid) -> Result<ImportPreview, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        let db = self.context.db.read();
        let import = store::import(db, id).await?;
        let identities: Vec<String> =
            import.lines.iter().map(|line| line.identity.clone()).collect();
        let mut known = match import.confirmed_at {
            None => store::booked_lines(db, &identities).await?,
            Some(_) => BTreeSet::new(),
        };
        let references = import.lines.iter().filter_map(|line| line.reference.clone());
        let references: Vec<String> = references.collect();
        let intents = store::transfer_intents(db, &references).await?;
        let mut people: BTreeMap<IntentId, (Intent, PersonId)> = BTreeMap::new();
        for intent in intents.values() {
            if let Some(row) = store::intent(db, *intent).await? {
                people.insert(*intent, (row.intent, row.person));
            }
        }
        let persons: Vec<PersonId> = people.values().map(|(_, person)| *person).collect();
        let names = match persons.is_empty() {
            true => BTreeMap::new(),
            false => self.identity.names(&persons).await.unwrap_or_default(),
        };
        let mut fates = Vec::new();
        for line in &import.lines {
            let intent = line.reference.as_ref().and_then(|name| intents.get(name));
            let fate = match intent.and_then(|intent| people.get(intent)) {
                _ if !known.insert(line.identity.clone()) => LineFate::Known,
                _ if line.currency != CURRENCY => LineFate::OtherCurrency,
                Some((intent, person)) => LineFate::Matched {
                    is_exact: line.amount == intent.amount,
                    is_namesake: names.get(person).is_some_and(|name| is_one(name, &line.payer)),
                },
                None => LineFate::Unmatched,
            };
            fates.push(fate);
        }
        Ok(ImportPreview { import, fates })
    }

    /// Books the lines of a statement that was looked at. A repeated call books nothing twice.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`].
    pub async fn confirm_import(&self, by: &Official, id: Uuid) -> Result<(), Error> {
        Self::sees_all_money(by, &[Role::Finance])?;
        let actor = Principal::official(by, &[Role::Finance])?;
        let mut import = store::import(self.context.db.read(), id).await?;
        let mut booked = 0;
        for line in &import.lines {
            booked += usize::from(self.book_transfer(id, line).await?);
        }
        if import.confirmed_at.is_some() {
            return Ok(());
        }
        import.confirmed_at = Some(self.context.ports.clock.now());
        let txn = self.context.db.begin().await?;
        store::put_import(&txn, &import).await?;
        let detail =
            json!({ "sha256": import.sha256, "lines": import.lines.len(), "booked": booked });
        self.record_import(&txn, id, actor, Action::BankConfirm, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    async fn record_import(
        &self,
        txn: &Txn,
        id: Uuid,
        actor: Principal,
        action: Action,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let object = format!("bank_import:{id}");
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }

    /// Books one line; `false` if it was booked before.
    async fn book_transfer(&self, import: Uuid, line: &BankLine) -> Result<bool, Error> {
        let now = self.context.ports.clock.now();
        let references: Vec<String> = line.reference.iter().cloned().collect();
        let txn = self.context.db.begin().await?;
        let found = store::transfer_intents(&txn, &references).await?.into_values().next();
        let intent = match found {
            Some(intent) => store::intent(self.context.db.read(), intent).await?,
            None => None,
        };
        if let Some(row) = &intent {
            self.hold_application(&txn, row.intent.deposit).await?;
        }
        if !store::book_line(&txn, import, line, now).await? {
            return Ok(false);
        }
        let name = format!("{BANK_REFERENCE}{}", line.identity);
        match intent {
            _ if line.currency != CURRENCY => self.add_line_task(&txn, line, name).await?,
            Some(row) => {
                // The bank states a day: the moment of it that decides for the payer.
                let paid_at = line.day.start().max(row.created_at).min(now);
                let paid =
                    ReportedPayment { reference: name.clone(), amount: line.amount, paid_at };
                self.settle(&txn, row.intent.id, vec![paid], &[name], now).await?;
            }
            None => {
                let (reference, amount) = (name.clone(), line.amount);
                let payment = Payment { reference, amount, paid_at: line.day.start() };
                store::insert_unmatched(&txn, &payment, now).await?;
                let entry = Move::new("unmatched", Account::Bank, Account::Unmatched, amount);
                self.book(&txn, &[entry], &name).await?;
                self.add_line_task(&txn, line, name).await?;
            }
        }
        self.context.db.commit(txn).await?;
        Ok(true)
    }

    async fn add_line_task(
        &self,
        txn: &Txn,
        line: &BankLine,
        name: String,
    ) -> Result<(), StoreError> {
        let key = format!("bank_line:{}", line.identity);
        let cause = TaskCause::BankLine(ImportedLine {
            name,
            payer: line.payer.clone(),
            purpose: line.purpose.clone(),
            amount: line.amount,
            currency: line.currency.clone(),
        });
        let now = self.context.ports.clock.now();
        let task = MoneyTask::new(self.context.ports.ids.uuid(), cause, now);
        store::insert_task(txn, &key, None, &task).await
    }

    /// Credits a transfer that waits as unmatched to an attempt to pay; what is left of it is
    /// refunded.
    pub(super) async fn credit_transfer(
        &self,
        txn: &Txn,
        line: &ImportedLine,
        intent: IntentId,
    ) -> Result<(), Error> {
        let known = store::intent(self.context.db.read(), intent).await?;
        let known = known.ok_or(StoreError::NotFound)?;
        self.hold_application(txn, known.intent.deposit).await?;
        let row = store::intent(txn, intent).await?.ok_or(StoreError::NotFound)?;
        let deposit = store::deposit(txn, row.intent.deposit).await?;
        let auction = self.catalogue.auction(txn, deposit.auction).await?;
        let terms = auction.terms.as_ref().ok_or(Rejection::WrongState)?;
        let now = self.context.ports.clock.now();
        let stated = store::unmatched_payment(txn, &line.name).await?;
        let paid_at = stated.max(row.created_at).min(now);
        let payment = Payment { reference: line.name.clone(), amount: line.amount, paid_at };
        let span = PaymentSpan { begun: row.created_at, heard: now };
        let settled = settle(&deposit.deposit, &row.intent, &payment, span, terms.tender_end);
        // Money for a deposit that was paid already leaves it paid: that credits nothing.
        if deposit.deposit.status != Status::Due || settled.deposit.status != Status::Paid {
            return Err(Rejection::WrongState.into());
        }
        let credited = deposit.deposit.amount;
        let account = Account::Deposit(deposit.deposit.id);
        let entry = Move::new("attach", Account::Unmatched, account, credited);
        self.book(txn, &[entry], &line.name).await?;
        store::attach_payment(txn, &line.name, &settled).await?;
        self.book_credit(txn, &deposit, &payment, &settled, &auction.birth.rules).await
    }
}

/// Returns `true` if two names are of one person: each word of the shorter one is in the other,
/// whatever their order, case and letters that keyboards lack.
fn is_one(name: &str, payer: &str) -> bool {
    let within = |one: &str, other: &str| {
        let words = SearchWords::new(one);
        !words.is_empty() && words.are_in([other])
    };
    within(name, payer) || within(payer, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_the_letters_and_the_order_in_which_a_bank_writes_it() {
        for (name, payer, expected) in [
            ("Асанов Үсөн Бакытович", "АСАНОВ УСОН", true),
            ("Төлөгөнова Ңурила", "Нурила Тологонова", true),
            ("Семёнов Пётр", "СЕМЕНОВ ПЕТР", true),
            ("Асанов Үсөн", "Асанов Болот", false),
            ("Асанов Үсөн", "", false),
            ("", "Асанов", false),
        ] {
            assert_eq!(is_one(name, payer), expected, "{name} {payer}");
        }
    }
}
