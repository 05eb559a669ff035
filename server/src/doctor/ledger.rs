//! Entries against the payments and refunds that made them.

use super::findings::{Damage, Examination};
use crate::db::StoreError;
use crate::entity::{ledger_entry, payment, refund};
use sea_orm::{ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryOrder as _};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Rows that are read at a time.
const ROWS: u64 = 1_000;
/// The accounts, apart from `deposit:<id>`.
const ACCOUNTS: [&str; 6] = ["gateway", "bank", "refunds_due", "unmatched", "seller", "forfeited"];
/// The kinds of entries whose key names a deposit.
const OF_DEPOSITS: [&str; 3] = ["release", "forfeit", "apply"];
/// The beginning of a deposit's account.
const DEPOSIT: &str = "deposit:";

/// The whole ledger with its payments and refunds.
pub struct Books {
    entries: BTreeMap<String, ledger_entry::Model>,
    pub payments: BTreeMap<String, payment::Model>,
    pub refunds: Vec<refund::Model>,
    pub balances: BTreeMap<String, i128>,
}

impl Books {
    pub async fn load(
        db: &impl ConnectionTrait,
        found: &mut Examination,
    ) -> Result<Self, StoreError> {
        let (mut entries, mut payments) = (BTreeMap::new(), BTreeMap::new());
        let (mut refunds, mut balances) = (Vec::new(), BTreeMap::<String, i128>::new());
        let query = ledger_entry::Entity::find().order_by_asc(ledger_entry::Column::Key);
        let mut pages = query.paginate(db, ROWS);
        while let Some(rows) = pages.fetch_and_next().await? {
            for row in rows {
                *balances.entry(row.debit.clone()).or_default() -= i128::from(row.amount_tyiyn);
                *balances.entry(row.credit.clone()).or_default() += i128::from(row.amount_tyiyn);
                entries.insert(row.key.clone(), row);
            }
        }
        let query = payment::Entity::find().order_by_asc(payment::Column::Reference);
        let mut pages = query.paginate(db, ROWS);
        while let Some(rows) = pages.fetch_and_next().await? {
            payments.extend(rows.into_iter().map(|row| (row.reference.clone(), row)));
        }
        let mut pages = refund::Entity::find().order_by_asc(refund::Column::Id).paginate(db, ROWS);
        while let Some(rows) = pages.fetch_and_next().await? {
            refunds.extend(rows);
        }
        found.entries = entries.len();
        found.payments = payments.len();
        found.refunds = refunds.len();
        Ok(Self { entries, payments, refunds, balances })
    }

    /// The balance of an account, tyiyn: credits minus debits.
    pub fn balance(&self, account: &str) -> i128 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// The amount of the entry under a key; zero if there is none.
    fn amount(&self, kind: &str, of: &str) -> i64 {
        self.entries.get(&format!("{kind}:{of}")).map_or(0, |entry| entry.amount_tyiyn)
    }

    pub fn examine(&self, found: &mut Examination) {
        self.entries(found);
        self.payments(found);
        self.refunds(found);
        let owed: i128 = self.payments.values().map(|row| i128::from(row.unmatched_tyiyn)).sum();
        let returned = self.refunds.iter().filter(|row| row.deposit.is_none());
        let returned = returned.filter(|row| row.done_at.is_some());
        let returned: i128 = returned.map(|row| i128::from(row.amount_tyiyn)).sum();
        self.account("unmatched", owed - returned, found);
        let due = self.refunds.iter().filter(|row| row.deposit.is_some());
        let due = due.filter(|row| row.done_at.is_none());
        self.account("refunds_due", due.map(|row| i128::from(row.amount_tyiyn)).sum(), found);
    }

    fn account(&self, name: &str, owed: i128, found: &mut Examination) {
        let balance = self.balance(name);
        if balance != owed {
            let why = format!("its balance is {balance}, and {owed} is owed");
            found.wrong(Damage::AccountUnbalanced, name, why);
        }
    }

    fn entries(&self, found: &mut Examination) {
        let deposits: BTreeSet<&str> = self.balances.keys().map(String::as_str).collect();
        let refunded: BTreeSet<String> = self.refunds.iter().map(key_of).collect();
        for (key, entry) in &self.entries {
            let is_account = |name: &str| ACCOUNTS.contains(&name) || name.starts_with(DEPOSIT);
            let fits = entry.amount_tyiyn > 0
                && entry.debit != entry.credit
                && is_account(&entry.debit)
                && is_account(&entry.credit);
            if !fits {
                let (from, to, sum) = (&entry.debit, &entry.credit, entry.amount_tyiyn);
                let why = format!("{sum} from {from} to {to}");
                found.wrong(Damage::EntryMalformed, key, why);
            }
            let (kind, of) = key.split_once(':').unwrap_or_default();
            let has_cause = match kind {
                "payment" | "unmatched" | "attach" => self.payments.contains_key(of),
                "refund" => refunded.contains(of),
                kind if OF_DEPOSITS.contains(&kind) => {
                    deposits.contains(format!("{DEPOSIT}{of}").as_str())
                }
                _ => false,
            };
            if !has_cause {
                found.wrong(Damage::EntryWithoutCause, key, "nothing knows of it");
            }
        }
    }

    fn payments(&self, found: &mut Examination) {
        for (name, row) in &self.payments {
            let [credited, unmatched, attached] =
                ["payment", "unmatched", "attach"].map(|kind| self.amount(kind, name));
            let (booked, rest) = (credited + unmatched, unmatched - attached);
            if booked != row.amount_tyiyn || rest != row.unmatched_tyiyn {
                let (sum, left) = (row.amount_tyiyn, row.unmatched_tyiyn);
                let why =
                    format!("{sum} came, {left} unmatched; {booked} booked, {rest} unmatched");
                found.wrong(Damage::PaymentUnbalanced, name, why);
            }
        }
    }

    fn refunds(&self, found: &mut Examination) {
        for row in &self.refunds {
            let booked = self.amount("refund", &key_of(row));
            let expected = if row.done_at.is_some() { row.amount_tyiyn } else { 0 };
            if booked != expected {
                let why = format!("{booked} booked instead of {expected}");
                found.wrong(Damage::RefundUnbalanced, row.id, why);
            }
            if !self.payments.contains_key(&row.payment) {
                found.wrong(Damage::RefundUnbalanced, row.id, "its payment is not known");
            }
        }
    }

    /// The refunds of a deposit, paid ones too.
    pub fn refunds_of(&self, deposit: Uuid) -> impl Iterator<Item = &refund::Model> {
        self.refunds.iter().filter(move |row| row.deposit == Some(deposit))
    }
}

/// The second part of the key of a refund's entry.
fn key_of(row: &refund::Model) -> String {
    row.deposit.map_or_else(|| row.payment.clone(), |deposit| deposit.to_string())
}
