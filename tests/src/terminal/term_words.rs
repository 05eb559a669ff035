//! The terms of an auction and the acts on an application, by their names.

use super::words::{Row, find};

/// How a term's value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// Tyiyn.
    Money,
    /// Unix µs.
    Moment,
    /// As it is.
    Words,
}

const TERMS: &[Row] = &[
    (&["start_price"], ["Баштапкы баа", "Начальная цена", "Start price"]),
    (&["minimal_step"], ["Кадам", "Шаг", "Step"]),
    (&["guarantee"], ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"]),
    (&["start"], ["Башталышы", "Начало", "Start"]),
    (&["tender_end"], ["Арыз кабыл алуу бүтөт", "Приём заявок до", "Applications close"]),
    (&["title"], ["Лоттун аталышы", "Название лота", "Title of the lot"]),
    (&["description"], ["Сыпаттамасы", "Описание", "Description"]),
    (&["document"], ["Документ", "Документ", "Document"]),
    (&["address"], ["Дареги", "Адрес", "Address"]),
    (&["area"], ["Аянты", "Площадь", "Area"]),
    (&["lease_duration"], ["Ижаранын мөөнөтү", "Срок аренды", "Length of the lease"]),
];

/// A term's name, and how its value is shown. Of `title_ky` and the like the first part is named.
pub fn term<'a>(term: &'a str, language: &str) -> (&'a str, TermKind) {
    let kind = match term {
        "start_price" | "minimal_step" | "guarantee" => TermKind::Money,
        "start" | "tender_end" => TermKind::Moment,
        _ => TermKind::Words,
    };
    let first = term.split_once('_').map_or(term, |(first, _)| first);
    let named = find(TERMS, term, language).or_else(|| find(TERMS, first, language));
    (named.unwrap_or(term), kind)
}

const ACTS: &[Row] = &[
    (&["submit"], ["Арыз берилди", "Заявка подана", "Application submitted"]),
    (
        &["reconfirm"],
        ["Арыз кайра ырасталды", "Заявка подтверждена снова", "Application confirmed again"],
    ),
    (&["withdraw"], ["Арыз кайтарып алынды", "Заявка отозвана", "Application withdrawn"]),
    (&["admit"], ["Катышууга жол берилди", "Заявитель допущен", "Applicant admitted"]),
    (&["not_admit"], ["Катышууга жол берилген жок", "Не допущен", "Applicant not admitted"]),
    (&["disqualify"], ["Четтетилди", "Отстранён", "Applicant disqualified"]),
];

/// The text for an act on an application.
pub fn act<'a>(act: &'a str, language: &str) -> &'a str {
    find(ACTS, act, language).unwrap_or(act)
}
