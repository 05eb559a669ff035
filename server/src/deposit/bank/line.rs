//! A line of a statement, and its name.

use super::reference::find_reference;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::text::{clean, search_key};
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Largest statement, in bytes.
pub const STATEMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most lines of one statement.
pub const LINES_MAX: usize = 10_000;
/// Longest text of a line, in characters; the rest is cut off.
const TEXT_CHARS_MAX: usize = 500;
/// A transfer to the account, as the bank states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankLine {
    /// A name that the same transfer has in every file.
    pub identity: String,
    /// The day on which the bank booked it.
    pub day: BusinessDay,
    /// In hundredths of the currency.
    pub amount: Tyiyn,
    /// ISO 4217, such as `KGS`.
    pub currency: String,
    /// The payer's name; empty if the bank states none.
    pub payer: String,
    /// The purpose as the payer wrote it.
    pub purpose: String,
    /// The reference of an attempt to pay that its texts name.
    pub reference: Option<String>,
}

/// A statement of the bank that an official has sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BankImport {
    pub id: Uuid,
    pub by: PersonId,
    pub at: Timestamp,
    /// The file's name, as the browser has it.
    pub name: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    pub lines: Vec<BankLine>,
    /// The number of lines that are no transfer to the account.
    pub left_out: usize,
    /// The moment when its lines were booked; `None` as long as it is only looked at.
    pub confirmed_at: Option<Timestamp>,
}

/// What a list shows of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportHead {
    pub id: Uuid,
    pub at: Timestamp,
    /// The file's name, as the browser has it.
    pub name: String,
    /// The number of its lines that are transfers to the account.
    pub lines: usize,
    /// The moment when its lines were booked; `None` as long as it is only looked at.
    pub confirmed_at: Option<Timestamp>,
}

impl BankImport {
    /// What a list shows of it.
    pub fn head(&self) -> ImportHead {
        let (id, at, name) = (self.id, self.at, self.name.clone());
        ImportHead { id, at, name, lines: self.lines.len(), confirmed_at: self.confirmed_at }
    }
}

/// A statement that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BankStatement {
    /// The transfers to the account, in the order of the file.
    pub lines: Vec<BankLine>,
    /// The number of other lines: payments from the account, and what is not booked yet.
    pub left_out: usize,
}

/// The reason why a file can't be read. Nothing of it is imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementFault {
    /// Neither CSV with the columns that are needed nor camt.053.
    #[error("not a statement")]
    NotAStatement,
    /// Malformed at this line, or at this byte of XML.
    #[error("malformed at {0}")]
    Malformed(usize),
    /// Larger than [`STATEMENT_BYTES_MAX`], longer than [`LINES_MAX`] or nested too deep.
    #[error("too large")]
    TooLarge,
    /// A document type or an entity of its own.
    #[error("an entity")]
    Entity,
}

/// A transfer before it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftLine {
    /// The bank's own reference; empty if it has none.
    pub bank_reference: String,
    pub day: BusinessDay,
    pub amount: Tyiyn,
    pub currency: String,
    pub payer: String,
    pub purpose: String,
}

impl DraftLine {
    /// Names the transfer by the bank's reference, or by all that it says. Where the bank has no reference, two alike on one
    /// day are told apart by their order, which is the same in each file of that day.
    pub fn line(self, twins: &mut BTreeMap<String, u32>) -> BankLine {
        let Self { bank_reference, day, amount, currency, payer, purpose } = self;
        let (payer, purpose) = (short(&payer), short(&purpose));
        let bank_reference = bank_reference.trim();
        let own = [day.to_string(), amount.get().to_string(), currency.clone()];
        let texts = match bank_reference {
            "" => [search_key(&payer), search_key(&purpose)],
            // Files of two formats have other texts for one transfer.
            name => [name.to_owned(), String::new()],
        };
        let content = own.into_iter().chain(texts).collect::<Vec<_>>().join("\u{1f}");
        let twin: &mut u32 = twins.entry(content.clone()).or_default();
        *twin += 1;
        // With a reference of the bank's, alike is the same.
        let order = if bank_reference.is_empty() { *twin } else { 1 };
        let identity = hex::encode(Sha256::digest(format!("{content}\u{1f}{order}")));
        let reference = find_reference(&purpose);
        BankLine { identity, day, amount, currency, payer, purpose, reference }
    }
}

fn short(text: &str) -> String {
    let one_line: Vec<&str> = text.split_whitespace().collect();
    clean(&one_line.join(" ")).chars().take(TEXT_CHARS_MAX).collect()
}

/// An amount as `1500.00`, `1 500,00` or `1500`, in hundredths. `None` for anything else: more than
/// two decimals, an exponent, a sign.
pub(super) fn hundredths(text: &str) -> Option<Tyiyn> {
    let plain: String =
        text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let (whole, rest) = match plain.split_once(['.', ',']) {
        Some((whole, rest)) => (whole, rest),
        None => (plain.as_str(), ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    Tyiyn::new(whole.checked_mul(100)?.checked_add(rest)?).ok()
}

/// Returns `true` for a currency's code.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
