//! Papers of a price in parts; with `TORUK_GALLERY=<folder>` they are written there, to be looked at.

use super::super::*;
use super::reading::extracted;
use super::{START, plain, protocol, tyiyn};
use toruk_sync::domain::instalments::{Instalment, InstalmentPlan};
use toruk_sync::domain::money::BasisPoints;
use toruk_sync::domain::time::TimeSpan;

#[test]
fn a_protocol_shows_each_part_with_its_day_or_the_months_to_it() {
    let plan = InstalmentPlan { count: 3, first_share: BasisPoints(3_000), every_months: 2 };
    let mut paper = protocol(ProtocolOutcome::AwardProposed { confirm_by: START }, 3);
    assert!(!paper.json().contains("instalments"), "as papers of before");
    paper.instalments = plan.divide(tyiyn(100_000), tyiyn(10_000));
    for (language, expected) in PaperLanguage::ALL.into_iter().zip([
        ["Бөлүп төлөө", "келишимден 2 ай өткөндө", "келишимден кийинки"],
        ["Оплата частями", "через 4 мес. после договора", "рабочий"],
        ["Payment in parts", "4 months after the contract", "the working day"],
    ]) {
        let text = plain(&extracted(&paper.write(language).unwrap())).replace('\n', "");
        for part in expected.into_iter().chain(["300,00", "100,00", "200,00", "350,00"]) {
            assert!(text.contains(&plain(part)), "{part} is not in {text}");
        }
    }
    let due = Some(START + TimeSpan::days(1));
    let parts = paper.instalments.iter();
    paper.instalments = parts.map(|part| Instalment { due, ..*part }).collect();
    let day = paper.instalments[0].day().unwrap().plain();
    if let Ok(folder) = std::env::var("TORUK_GALLERY") {
        for language in PaperLanguage::ALL {
            let path = format!("{folder}/instalments.{}.pdf", language.tag());
            std::fs::write(path, paper.write(language).unwrap()).unwrap();
        }
    }
    let text = plain(&extracted(&paper.write(PaperLanguage::En).unwrap()));
    assert!(text.contains(&day) && !text.contains("months"), "{day} is not in {text}");
}
