//! A statement as CSV: `,` or `;` between fields, UTF-8, a first line of names.

use super::line::{DraftLine, LINES_MAX, StatementFault, hundredths, is_currency};
use csv::{ReaderBuilder, StringRecord, Trim};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::text::search_key;

/// The columns, each by the names that banks give it, as [`search_key`] has them.
const DAY: &[&str] = &["date", "booking date", "дата", "дата проводки", "күнү"];
const AMOUNT: &[&str] = &["amount", "credit", "сумма", "кредит", "приход", "суммасы"];
const CURRENCY: &[&str] = &["currency", "валюта"];
const PAYER: &[&str] = &["payer", "counterparty", "плательщик", "контрагент", "төлөөчү"];
const PURPOSE: &[&str] = &["purpose", "details", "назначение", "назначение платежа", "максаты"];
/// The bank's own name of a transfer. A document's number is none: payers number their orders
/// themselves, so those of two payers may be the same.
const REFERENCE: &[&str] = &["reference", "id"];
/// Most columns of a line.
const COLUMNS_MAX: usize = 64;

struct Columns {
    day: usize,
    amount: usize,
    currency: Option<usize>,
    payer: Option<usize>,
    purpose: usize,
    reference: Option<usize>,
}

/// The lines; `None` for those that are no transfer to the account.
pub(super) fn read(text: &str) -> Result<Vec<Option<DraftLine>>, StatementFault> {
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).from_reader(text.as_bytes());
    let names = reader.headers().map_err(|_| StatementFault::NotAStatement)?;
    let columns = Columns::of(names).ok_or(StatementFault::NotAStatement)?;
    let mut lines = Vec::new();
    for (no, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|_| StatementFault::Malformed(no))?;
        if lines.len() >= LINES_MAX {
            return Err(StatementFault::TooLarge);
        }
        lines.push(columns.line(&record).ok_or(StatementFault::Malformed(no))?);
    }
    Ok(lines)
}

impl Columns {
    fn of(names: &StringRecord) -> Option<Self> {
        if names.len() > COLUMNS_MAX {
            return None;
        }
        let names: Vec<String> = names.iter().map(search_key).collect();
        let find = |known: &[&str]| {
            let known: Vec<String> = known.iter().map(|name| search_key(name)).collect();
            names.iter().position(|name| known.contains(name))
        };
        Some(Self {
            day: find(DAY)?,
            amount: find(AMOUNT)?,
            currency: find(CURRENCY),
            payer: find(PAYER),
            purpose: find(PURPOSE)?,
            reference: find(REFERENCE),
        })
    }

    /// `None` if it is malformed; a line without an amount, or with a negative one, is no transfer
    /// to the account.
    fn line(&self, record: &StringRecord) -> Option<Option<DraftLine>> {
        let field = |column: Option<usize>| {
            let text = column.and_then(|column| record.get(column));
            text.unwrap_or_default().to_owned()
        };
        let amount = field(Some(self.amount));
        if amount.is_empty() || amount.starts_with(['-', '−']) {
            return Some(None);
        }
        let amount = hundredths(&amount)?;
        if amount.get() == 0 {
            return Some(None);
        }
        let currency = match self.currency {
            Some(column) => field(Some(column)).to_ascii_uppercase(),
            None => "KGS".to_owned(),
        };
        if !is_currency(&currency) {
            return None;
        }
        Some(Some(DraftLine {
            bank_reference: field(self.reference),
            day: day(&field(Some(self.day)))?,
            amount,
            currency,
            payer: field(self.payer),
            purpose: field(Some(self.purpose)),
        }))
    }
}

/// `2026-11-30`, or `30.11.2026`; a time after it is left out.
fn day(text: &str) -> Option<BusinessDay> {
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = text.split('.').collect();
    match parts[..] {
        [day, month, year] if day.len() == 2 && month.len() == 2 => {
            format!("{year}-{month}-{day}").parse().ok()
        }
        _ => text.parse().ok(),
    }
}
