//! Amounts in words of a page: below zero, and in other currencies.

use super::layout::Page;
use toruk_sync::domain::money::Tyiyn;

/// An amount that may be negative, with its unit.
pub fn signed(page: &Page, amount_tyiyn: i64) -> String {
    let sign = if amount_tyiyn < 0 { "−" } else { "" };
    let size = i64::try_from(amount_tyiyn.unsigned_abs()).ok().and_then(|n| Tyiyn::new(n).ok());
    match size {
        Some(size) => format!("{sign}{}", page.som(&size)),
        None => amount_tyiyn.to_string(),
    }
}

/// An amount in hundredths of a currency.
pub fn in_currency(page: &Page, hundredths: i64, currency: &str) -> String {
    match currency {
        "KGS" => signed(page, hundredths),
        _ => format!("{},{:02} {currency}", hundredths / 100, hundredths % 100),
    }
}
