//! A statement as camt.053 (ISO 20022, Bank-to-Customer Statement), any version: elements are known
//! by their local names.
//!
//! # Why a reader of events
//! No tree of the whole file is built, and nothing is fetched or expanded: a document type ends the
//! reading, and so does any entity but XML's own five.

use super::line::{DraftLine, LINES_MAX, StatementFault, hundredths, is_currency};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use toruk_sync::domain::business_day::BusinessDay;

/// Deepest nesting of elements; camt.053 has about fifteen.
const DEPTH_MAX: usize = 32;
/// Longest text of an element, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// An entry, or a transfer within one, as far as it is read.
#[derive(Debug, Clone, Default)]
struct Seen {
    amount: String,
    currency: String,
    credit: Option<bool>,
    status: String,
    day: String,
    bank_reference: String,
    payer: String,
    purpose: Vec<String>,
}

impl Seen {
    /// What names a transfer on its day.
    fn name(&self) -> [String; 3] {
        [self.bank_reference.clone(), self.amount.clone(), self.currency.clone()]
    }
}

/// The lines; `None` for those that are no booked transfer to the account.
pub(super) fn read(text: &str) -> Result<Vec<Option<DraftLine>>, StatementFault> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event().map_err(|_| StatementFault::Malformed(at))? {
            Event::Start(start) => walk.open(&start)?,
            Event::Empty(start) => {
                walk.open(&start)?;
                walk.close()?;
            }
            Event::End(_) => walk.close()?,
            Event::Text(text) => {
                walk.text(&text.decode().map_err(|_| StatementFault::Malformed(at))?)?;
            }
            Event::CData(text) => {
                walk.text(&text.decode().map_err(|_| StatementFault::Malformed(at))?)?;
            }
            Event::GeneralRef(entity) => {
                let known = match entity.resolve_char_ref() {
                    Ok(Some(letter)) => Some(letter),
                    Ok(None) => named(&entity.decode().unwrap_or_default()),
                    Err(_) => None,
                };
                walk.text(known.ok_or(StatementFault::Entity)?.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(StatementFault::Entity),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if !walk.path.is_empty() || !walk.is_statement {
        return Err(StatementFault::NotAStatement);
    }
    Ok(walk.lines)
}

/// XML's own entities.
fn named(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    is_statement: bool,
    entry: Seen,
    /// The transfers of the entry.
    parts: Vec<Seen>,
    lines: Vec<Option<DraftLine>>,
}

impl Walk {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), StatementFault> {
        if self.path.len() >= DEPTH_MAX {
            return Err(StatementFault::TooLarge);
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        match name.as_str() {
            "BkToCstmrStmt" => self.is_statement = true,
            "Ntry" => (self.entry, self.parts) = Default::default(),
            "TxDtls" => self.parts.push(Seen::default()),
            "Amt" => {
                let currency = start.try_get_attribute("Ccy").ok().flatten();
                let currency = currency.map(|of| String::from_utf8_lossy(&of.value).into_owned());
                let is_own = self.is_own_amount();
                if let (true, Some(currency)) = (is_own, currency) {
                    self.seen().currency = currency;
                }
            }
            _ => {}
        }
        self.path.push(name);
        self.text.clear();
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), StatementFault> {
        if self.text.len() + text.len() > TEXT_BYTES_MAX {
            return Err(StatementFault::TooLarge);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn close(&mut self) -> Result<(), StatementFault> {
        let name = self.path.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let parent = self.path.last().map(String::as_str).unwrap_or_default().to_owned();
        let grandparent = self.path.iter().rev().nth(1).cloned().unwrap_or_default();
        let is_in = |name: &str| self.path.iter().any(|open| open == name);
        let (in_entry, in_payer) = (is_in("Ntry"), is_in("Dbtr"));
        match (name.as_str(), parent.as_str()) {
            ("Ntry", _) => return self.end_entry(),
            _ if !in_entry => {}
            ("Amt", _) if self.is_own_amount() => self.seen().amount = text,
            ("CdtDbtInd", "Ntry" | "TxDtls") => self.seen().credit = Some(text == "CRDT"),
            ("Sts", "Ntry") if !text.is_empty() => self.entry.status = text,
            ("Cd", "Sts") => self.entry.status = text,
            ("Dt" | "DtTm", "BookgDt") => self.entry.day = text,
            ("AcctSvcrRef", "Ntry") => self.entry.bank_reference = text,
            ("AcctSvcrRef" | "TxId", "Refs") => {
                let seen = self.seen();
                seen.bank_reference = [&*seen.bank_reference, &*text].join(" ").trim().to_owned();
            }
            ("Nm", "Dbtr") => self.seen().payer = text,
            ("Nm", "Pty") if in_payer && grandparent == "Dbtr" => self.seen().payer = text,
            ("Ustrd", _) | ("Ref", "CdtrRefInf") | ("EndToEndId", "Refs") => {
                self.seen().purpose.push(text);
            }
            _ => {}
        }
        Ok(())
    }

    /// The transfer that is being read, or its entry.
    fn seen(&mut self) -> &mut Seen {
        let is_part = self.path.iter().any(|open| open == "TxDtls");
        match self.parts.last_mut() {
            Some(part) if is_part => part,
            _ => &mut self.entry,
        }
    }

    /// Returns `true` where an amount is that of an entry or transfer, and not of a charge.
    fn is_own_amount(&self) -> bool {
        let last: Vec<&str> = self.path.iter().rev().take(3).map(String::as_str).collect();
        matches!(last[..], ["Ntry" | "TxDtls", ..] | ["TxAmt", "AmtDtls", "TxDtls"])
    }

    fn end_entry(&mut self) -> Result<(), StatementFault> {
        let no = self.lines.len() + 1;
        let entry = std::mem::take(&mut self.entry);
        let parts = std::mem::take(&mut self.parts);
        let parts = if parts.is_empty() { vec![Seen::default()] } else { parts };
        let count = parts.len();
        let mut alike: BTreeMap<[String; 3], usize> = BTreeMap::new();
        for part in &parts {
            *alike.entry(part.name()).or_default() += 1;
        }
        for (index, mut part) in parts.into_iter().enumerate() {
            // A bank that repeats the batch's reference does not tell its like transfers apart.
            if alike.get(&part.name()).is_some_and(|count| *count > 1) {
                part.bank_reference.clear();
            }
            if self.lines.len() >= LINES_MAX {
                return Err(StatementFault::TooLarge);
            }
            // An entry of one transfer may leave what is the same to the entry.
            let line = joined(&entry, part, (index, count));
            self.lines.push(line.ok_or(StatementFault::Malformed(no))?);
        }
        Ok(())
    }
}

/// `None` if it is malformed.
fn joined(entry: &Seen, part: Seen, (index, count): (usize, usize)) -> Option<Option<DraftLine>> {
    let is_credit = part.credit.or(entry.credit)?;
    if !is_credit || entry.status != "BOOK" {
        return Some(None);
    }
    let own = !part.amount.is_empty();
    if !own && count > 1 {
        return None;
    }
    let (amount, currency) = match own {
        true => (&part.amount, &part.currency),
        false => (&entry.amount, &entry.currency),
    };
    let amount = hundredths(amount.trim())?;
    if amount.get() == 0 {
        return Some(None);
    }
    if !is_currency(currency) {
        return None;
    }
    let day: BusinessDay = entry.day.split('T').next()?.parse().ok()?;
    let own_reference = !part.bank_reference.is_empty();
    let bank_reference = match (own_reference, entry.bank_reference.is_empty(), count) {
        // As a list of transfers has it, where the entry of the batch is not named.
        (true, ..) => part.bank_reference.clone(),
        (false, false, 2..) => format!("{} {index}", entry.bank_reference),
        _ => entry.bank_reference.clone(),
    };
    let purpose: Vec<String> = entry.purpose.iter().cloned().chain(part.purpose).collect();
    let payer = if part.payer.is_empty() { entry.payer.clone() } else { part.payer };
    let (currency, purpose) = (currency.clone(), purpose.join(" "));
    Some(Some(DraftLine { bank_reference, day, amount, currency, payer, purpose }))
}
