//! The report of a day as a workbook (XLSX) with every operation, for those who count again.
//!
//! The same data gives the same bytes: the date is that of the data. Texts are written as texts,
//! so that nothing a payer wrote is a formula. Amounts are in som with two decimals, which a cell's
//! double holds exactly to the tyiyn: they are below 2⁵³ tyiyn.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use toruk_sync::domain::reconciliation::{
    DayTotals, Difference, OperationKind, OperationTotal, StatementLine,
};
use toruk_sync::domain::time::Timestamp;

/// Tyiyn, and hundredths of any currency.
const HUNDREDTHS: f64 = 100.0;
const AMOUNT: &str = "#,##0.00";
/// Wide enough for a reference and for an amount of billions.
const WIDTH: f64 = 24.0;

/// The texts of a workbook, in its reader's language.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Words {
    pub totals: String,
    pub operations: String,
    pub differences: String,
    pub totals_head: Vec<String>,
    pub operations_head: Vec<String>,
    pub differences_head: Vec<String>,
    pub payment: String,
    pub refund: String,
}

/// What a workbook says.
#[derive(Debug)]
pub struct Content {
    /// The moment of the comparison.
    pub at: Timestamp,
    pub totals: DayTotals,
    pub lines: Vec<StatementLine>,
    /// Reason, difference and state, in words.
    pub differences: Vec<(String, Difference, String)>,
}

struct Looks {
    head: Format,
    amount: Format,
}

/// The bytes of the workbook.
///
/// # Errors
/// [`XlsxError`]: a defect of the program.
pub fn write(words: &Words, content: &Content) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(content.at.0.div_euclid(1_000_000))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let looks =
        Looks { head: Format::new().set_bold(), amount: Format::new().set_num_format(AMOUNT) };
    let sheet = begin(&mut book, &words.totals, &words.totals_head, &looks)?;
    totals(sheet, words, &content.totals, &looks)?;
    let sheet = begin(&mut book, &words.operations, &words.operations_head, &looks)?;
    for (row, line) in (1..).zip(&content.lines) {
        sheet.write_string(row, 0, operation(words, line.kind))?;
        sheet.write_string(row, 1, &line.name)?;
        sheet.write_string(
            row,
            2,
            line.order.map(|order| order.to_string()).unwrap_or_default(),
        )?;
        sheet.write_number_with_format(row, 3, som(line.amount.get()), &looks.amount)?;
        sheet.write_string(row, 4, &line.currency)?;
        sheet.write_string(row, 5, line.at.bishkek())?;
    }
    let sheet = begin(&mut book, &words.differences, &words.differences_head, &looks)?;
    for (row, (kind, found, status)) in (1..).zip(&content.differences) {
        sheet.write_string(row, 0, kind)?;
        sheet.write_string(row, 1, operation(words, found.operation))?;
        sheet.write_string(row, 2, &found.name)?;
        if let Some((amount, currency)) = &found.stated {
            sheet.write_number_with_format(row, 3, som(amount.get()), &looks.amount)?;
            sheet.write_string(row, 4, currency)?;
        }
        if let Some(amount) = found.booked {
            sheet.write_number_with_format(row, 5, som(amount.get()), &looks.amount)?;
        }
        sheet.write_string(row, 6, status)?;
    }
    book.save_to_buffer()
}

fn begin<'b>(
    book: &'b mut Workbook,
    name: &str,
    head: &[String],
    looks: &Looks,
) -> Result<&'b mut Worksheet, XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(head) {
        sheet.set_column_width(column, WIDTH)?;
        sheet.write_string_with_format(0, column, name, &looks.head)?;
    }
    Ok(sheet)
}

fn totals(
    sheet: &mut Worksheet,
    words: &Words,
    totals: &DayTotals,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let rows = [
        (OperationKind::Payment, totals.payments_stated, totals.payments_booked),
        (OperationKind::Refund, totals.refunds_stated, totals.refunds_booked),
    ];
    for (row, (kind, stated, booked)) in (1..).zip(rows) {
        sheet.write_string(row, 0, operation(words, kind))?;
        for (column, OperationTotal { count, sum_tyiyn }) in [(1, stated), (3, booked)] {
            sheet.write_number(row, column, count as f64)?;
            sheet.write_number_with_format(row, column + 1, som(sum_tyiyn), &looks.amount)?;
        }
        let off = stated.sum_tyiyn.saturating_sub(booked.sum_tyiyn);
        sheet.write_number_with_format(row, 5, som(off), &looks.amount)?;
    }
    Ok(())
}

fn operation(words: &Words, kind: OperationKind) -> &str {
    match kind {
        OperationKind::Payment => &words.payment,
        OperationKind::Refund => &words.refund,
    }
}

fn som(hundredths: i64) -> f64 {
    hundredths as f64 / HUNDREDTHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read as _};
    use toruk_sync::domain::money::Tyiyn;
    use zip::ZipArchive;

    fn words() -> Words {
        let text = |text: &str| text.to_owned();
        Words {
            totals: text("Итоги"),
            operations: text("Операции"),
            differences: text("Расхождения"),
            totals_head: vec![text("Операция")],
            operations_head: vec![text("Операция"), text("Номер")],
            differences_head: vec![text("Причина")],
            payment: text("Платёж"),
            refund: text("Возврат"),
        }
    }

    fn content() -> Content {
        let line = StatementLine {
            kind: OperationKind::Payment,
            name: "=1+1".to_owned(),
            order: None,
            amount: Tyiyn::new(873_191_700_001).unwrap(),
            currency: "KGS".to_owned(),
            at: Timestamp(1_800_000_000_000_000),
        };
        let at = Timestamp(1_800_000_000_000_000);
        Content { at, totals: DayTotals::default(), lines: vec![line], differences: vec![] }
    }

    fn part(book: &[u8], name: &str) -> String {
        let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_workbook_is_the_same_twice_exact_to_the_tyiyn_and_runs_no_formula() {
        let book = write(&words(), &content()).unwrap();
        assert_eq!(book, write(&words(), &content()).unwrap());
        let sheet = part(&book, "xl/worksheets/sheet2.xml");
        assert!(sheet.contains("<v>8731917000.01</v>"), "{sheet}");
        assert!(!sheet.contains("<f>"), "{sheet}");
        assert!(part(&book, "xl/sharedStrings.xml").contains("=1+1"));
        assert!(part(&book, "xl/workbook.xml").contains("Расхождения"));
    }
}
