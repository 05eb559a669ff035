//! The report of a day: the payment system against the ledger.

use super::layout::Block;
use super::render::Sheet;
use super::texts::{self, Words};
use super::{PaperError, PaperLanguage, in_figures};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::{DayTotals, OperationTotal};
use toruk_sync::domain::time::Timestamp;

const TITLE: Words = [
    "Төлөм системасы менен салыштыруу",
    "Сверка с платёжной системой",
    "Reconciliation with the payment system",
];
const AGREES: Words = [
    "Бардык операциялар тыйынына чейин дал келет.",
    "Все операции совпадают до тыйына.",
    "All operations agree to the tyiyn.",
];
const DIFFERS: Words = [
    "Дал келбеген операциялардын саны",
    "Число несовпадающих операций",
    "Number of operations that do not agree",
];
const DAY: Words = ["Күнү", "День", "Day"];
const COMPARED: Words = ["Салыштырылган учур", "Время сверки", "Compared at"];
const LINES: Words = ["Көчүрмөдөгү саптардын саны", "Строк в выписке", "Lines of the statement"];
const TOTALS: Words = ["Жыйынтыктар", "Итоги", "Totals"];
const OPERATION: Words = ["Операция", "Операция", "Operation"];
const PAYMENTS: Words = ["Төлөмдөр", "Платежи", "Payments"];
const REFUNDS: Words = ["Кайтаруулар", "Возвраты", "Refunds"];
const STATED: Words = ["Төлөм системасы", "Платёжная система", "Payment system"];
const BOOKED: Words = ["Биздин китеп", "Наша книга", "Our ledger"];
const DIFFERENCE: Words = ["Айырма", "Разница", "Difference"];
const DIFFERENCES: Words = ["Айырмалар", "Расхождения", "Differences"];
const REASON: Words = ["Себеби", "Причина", "Reason"];
const NAME: Words = ["Номери", "Номер", "Reference"];
const STATUS: Words = ["Абалы", "Состояние", "Status"];
/// Stands for an amount that one side does not have.
const NOTHING: &str = "–";

/// What the report of a day says.
#[derive(Debug, Clone)]
pub struct DayPaper {
    /// The day.
    pub day: BusinessDay,
    /// The moment of the comparison.
    pub compared_at: Timestamp,
    /// The number of lines of the statement.
    pub lines: u64,
    /// The totals of both sides.
    pub totals: DayTotals,
    /// The operations that do not agree.
    pub differences: Vec<DayPaperLine>,
}

/// An operation that does not agree, in the report's language.
#[derive(Debug, Clone)]
pub struct DayPaperLine {
    /// The reason.
    pub kind: String,
    /// A payment or a refund.
    pub operation: String,
    /// The payment's reference, or the refund's id.
    pub name: String,
    /// The stated amount with its currency.
    pub stated: Option<String>,
    /// The amount in the ledger.
    pub booked: Option<String>,
    /// Who sees to it, or that it is closed.
    pub status: String,
}

impl DayPaper {
    /// The report as PDF.
    ///
    /// # Errors
    /// [`PaperError`].
    pub fn write(&self, language: PaperLanguage) -> Result<Vec<u8>, PaperError> {
        let text = |words: Words| language.pick(words).to_owned();
        let statement = match self.differences.len() {
            0 => text(AGREES),
            count => format!("{}: {count}", text(DIFFERS)),
        };
        let mut blocks = vec![
            Block::Title(text(TITLE)),
            Block::Statement(statement),
            Block::Facts(vec![
                (text(DAY), self.day.plain()),
                (text(COMPARED), self.compared_at.bishkek()),
                (text(LINES), self.lines.to_string()),
            ]),
            Block::Heading(text(TOTALS)),
            self.totals(language),
        ];
        if !self.differences.is_empty() {
            blocks.push(Block::Heading(text(DIFFERENCES)));
            blocks.push(self.differences(language));
        }
        Sheet {
            language,
            title: format!("{} {}", text(TITLE), self.day.plain()),
            foot: format!("{} · {}", self.day.plain(), text(texts::BISHKEK)),
            at: self.compared_at,
            blocks,
            attached: None,
        }
        .write()
    }

    fn totals(&self, language: PaperLanguage) -> Block {
        let text = |words: Words| language.pick(words).to_owned();
        let row = |name, stated: OperationTotal, booked: OperationTotal| {
            let off = stated.sum_tyiyn.saturating_sub(booked.sum_tyiyn);
            let counted = |total: OperationTotal| {
                format!("{} · {}", total.count, signed(total.sum_tyiyn, language))
            };
            vec![text(name), counted(stated), counted(booked), signed(off, language)]
        };
        let DayTotals { payments_stated, payments_booked, refunds_stated, refunds_booked } =
            self.totals;
        Block::Table {
            head: [OPERATION, STATED, BOOKED, DIFFERENCE].map(text).to_vec(),
            widths: vec![0.19, 0.31, 0.31, 0.19],
            rows: vec![
                row(PAYMENTS, payments_stated, payments_booked),
                row(REFUNDS, refunds_stated, refunds_booked),
            ],
        }
    }

    fn differences(&self, language: PaperLanguage) -> Block {
        let text = |words: Words| language.pick(words).to_owned();
        let amount = |amount: &Option<String>| amount.clone().unwrap_or_else(|| NOTHING.to_owned());
        let row = |line: &DayPaperLine| {
            vec![
                line.kind.clone(),
                format!("{}: {}", line.operation, line.name),
                amount(&line.stated),
                amount(&line.booked),
                line.status.clone(),
            ]
        };
        Block::Table {
            head: [REASON, NAME, STATED, BOOKED, STATUS].map(text).to_vec(),
            widths: vec![0.22, 0.3, 0.17, 0.15, 0.16],
            rows: self.differences.iter().map(row).collect(),
        }
    }
}

/// An amount that may be negative.
fn signed(amount_tyiyn: i64, language: PaperLanguage) -> String {
    let sign = if amount_tyiyn < 0 { "−" } else { "" };
    let size = i64::try_from(amount_tyiyn.unsigned_abs()).ok().and_then(|n| Tyiyn::new(n).ok());
    match size {
        Some(size) => format!("{sign}{}", in_figures(size, language)),
        None => amount_tyiyn.to_string(),
    }
}
