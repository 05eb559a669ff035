//! The parts of a price that is paid in parts.

use super::layout::Block;
use super::{PaperLanguage, texts};
use toruk_sync::domain::instalments::Instalment;

/// The parts as a table: when, how much, and what is left of it after the guarantee payment.
pub(super) fn table(parts: &[Instalment], language: PaperLanguage) -> Block {
    let text = |words| language.pick(words).to_owned();
    let row = |part: &Instalment| {
        vec![
            part.number.to_string(),
            when(part, language),
            part.amount.to_string(),
            part.counted.to_string(),
            part.left().to_string(),
        ]
    };
    let head =
        [texts::PART, texts::PAY_BY, texts::PART_AMOUNT, texts::PART_COUNTED, texts::PART_LEFT];
    Block::Table {
        head: head.map(text).to_vec(),
        widths: vec![0.08, 0.32, 0.2, 0.2, 0.2],
        rows: parts.iter().map(row).collect(),
    }
}

/// The day, or, until there is a contract, the time after it.
fn when(part: &Instalment, language: PaperLanguage) -> String {
    let months = part.months;
    match (part.day(), months, language) {
        (Some(day), ..) => day.plain(),
        (None, 0, _) => language.pick(texts::WITH_THE_CONTRACT).to_owned(),
        (None, _, PaperLanguage::Ky) => format!("келишимден {months} ай өткөндө"),
        (None, _, PaperLanguage::Ru) => format!("через {months} мес. после договора"),
        (None, 1, PaperLanguage::En) => "1 month after the contract".to_owned(),
        (None, _, PaperLanguage::En) => format!("{months} months after the contract"),
    }
}
