//! Statements of the operator's bank account: CSV and camt.053 (ISO 20022), read into lines.
//!
//! A file is other people's data: its size, depth, number of lines and texts are limited, no entity
//! is expanded, no document type is taken in, and no amount is a floating-point number.

mod camt;
mod csv;
mod line;
mod reference;
#[cfg(test)]
mod tests;

pub use self::line::{
    BankImport, BankLine, BankStatement, ImportHead, LINES_MAX, STATEMENT_BYTES_MAX, StatementFault,
};
pub use self::reference::make_reference;
use std::collections::BTreeMap;

/// Reads a file by its content.
///
/// # Errors
/// [`StatementFault`].
pub fn read(content: &[u8]) -> Result<BankStatement, StatementFault> {
    if content.len() > STATEMENT_BYTES_MAX {
        return Err(StatementFault::TooLarge);
    }
    let text = std::str::from_utf8(content).map_err(|_| StatementFault::NotAStatement)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let drafts = if text.starts_with('<') { camt::read(text)? } else { csv::read(text)? };
    let left_out = drafts.iter().filter(|draft| draft.is_none()).count();
    let mut twins = BTreeMap::new();
    let lines = drafts.into_iter().flatten().map(|draft| draft.line(&mut twins)).collect();
    Ok(BankStatement { lines, left_out })
}
