//! Papers of every kind in every language: what they say can be read out of their bytes again.

mod instalments;
mod reading;

use self::reading::{attached, extracted};
use super::*;
use toruk_sync::domain::auction::{ContractFault, Failure, ObjectOfPrice, SuspensionCause, Terms};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::DayTotals;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::signing::ProtocolPayload;
use uuid::Uuid;

const START: Timestamp = Timestamp(1_795_406_400_000_000);
const HEAD: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn tyiyn(amount: i64) -> Tyiyn {
    Tyiyn::new(amount).unwrap()
}

fn protocol(outcome: ProtocolOutcome, raises: u16) -> AuctionProtocol {
    let auction = AuctionId(Uuid::from_u128(7));
    let has_winner = matches!(
        outcome,
        ProtocolOutcome::AwardProposed { .. }
            | ProtocolOutcome::AwardConfirmed { .. }
            | ProtocolOutcome::ContractSigned { .. }
    );
    let at = |minutes: u16| START + TimeSpan::minutes(i64::from(minutes));
    let raise = |number: u16| Raise {
        at: at(number),
        bidder: BidderNo(number % 3 + 1),
        amount: tyiyn(873_191_700_000 + i64::from(number) * 100_000_000),
    };
    AuctionProtocol {
        auction,
        number: "TRK-KG-20261115-00042-7".to_owned(),
        attempt: 1,
        lot: ProtocolLot {
            title: Text::all("Өмүралиев көчөсү, жер", "Улица Омуралиева, земля", "Land"),
            cadastral_number: Some("1-02-03-0045-0067".to_owned()),
            holder: Text::all("Бишкек мэриясы", "Мэрия Бишкека", "Bishkek City Hall"),
            object_of_price: ObjectOfPrice::SalePrice,
        },
        terms: Terms {
            value: tyiyn(873_191_700_037),
            minimal_step: tyiyn(100_000_000),
            guarantee: tyiyn(174_638_340_000),
            rectification_end: START,
            tender_end: START,
            start: START,
            lot_hash: None,
        },
        closed_at: (raises > 0).then(|| at(raises + 5)),
        participants: 3,
        raises: raises.into(),
        has_sole_applicant: false,
        last_raises: (1..=raises).map(raise).collect(),
        outcome,
        decided_at: at(raises + 6),
        winner: has_winner
            .then(|| ProtocolWinner { bidder: BidderNo(2), price: tyiyn(987_654_321_050) }),
        instalments: Vec::new(),
        lapsed: Vec::new(),
        log_records: 97,
        log_head: HEAD.to_owned(),
        signed: has_winner.then(|| ProtocolPayload {
            auction,
            number: "TRK-KG-20261115-00042-7".to_owned(),
            winner: BidderNo(2),
            price: tyiyn(987_654_321_050),
            participants: 3,
            rounds: raises.into(),
            log_head: HEAD.to_owned(),
            files: Vec::new(),
        }),
        winner_name: None,
        log_address: format!("https://toruk.example/v1/auctions/{}/log", auction.0),
    }
}

fn slip() -> PaymentSlip {
    PaymentSlip {
        number: "TRK-KG-20261115-00042-7".to_owned(),
        lot: Text::all("Өмүралиев көчөсү, жер", "Улица Омуралиева, земля", "Land"),
        code: "4821 7730 1956".to_owned(),
        amount: tyiyn(174_638_340_050),
        begun_at: START,
        valid_until: START + TimeSpan::minutes(60),
        account: None,
    }
}

/// An outcome and what its protocol says, in each language.
fn outcomes() -> Vec<(ProtocolOutcome, [&'static str; 3])> {
    let unsuccessful = |reason| ProtocolOutcome::Unsuccessful { reason };
    let document = "ab".repeat(32);
    let (reason, by) = ("Соттун чечими боюнча".to_owned(), START + TimeSpan::days(1));
    let (cause, since) = (SuspensionCause::Outage, START);
    vec![
        (
            ProtocolOutcome::AwardProposed { confirm_by: by },
            [
                "ырастоосу күтүлүүдө",
                "ожидается его подтверждение",
                "has been determined and has to confirm",
            ],
        ),
        (
            ProtocolOutcome::AwardConfirmed { contract_by: by },
            ["Торук өттү: жеңүүчү", "Торги состоялись: победитель", "the winner has confirmed it"],
        ),
        (
            ProtocolOutcome::ContractSigned { document: document.clone() },
            ["келишимге кол коюлду", "договор подписан", "the contract is signed"],
        ),
        (
            unsuccessful(Failure::NoApplications),
            ["Жарактуу арыз түшкөн жок", "Не было действительных заявок", "no valid applications"],
        ),
        (
            unsuccessful(Failure::InsufficientParticipants),
            ["Катышуучу жетишсиз", "Недостаточно участников", "Too few participants"],
        ),
        (
            unsuccessful(Failure::NoFirstOffer),
            ["Эч ким бааны жогорулаткан жок", "Никто не повысил цену", "Nobody raised the price"],
        ),
        (
            unsuccessful(Failure::WinnerDefault),
            ["Жеңүүчү ырастаган жок", "Победитель не подтвердил", "The winner did not confirm"],
        ),
        (
            unsuccessful(Failure::ContractNotConcluded),
            ["Келишим түзүлгөн жок", "Договор не заключён", "No contract was concluded"],
        ),
        (
            ProtocolOutcome::Cancelled { reason, document },
            ["Торук жокко чыгарылды", "Торги отменены", "The auction was cancelled"],
        ),
        (
            ProtocolOutcome::Suspended { cause, since, resume_at: None },
            ["Торук убактылуу токтотулду", "Торги приостановлены", "The auction is suspended"],
        ),
    ]
}

#[test]
fn every_outcome_has_a_protocol_that_reads_back_in_every_language() {
    for (outcome, expected) in outcomes() {
        for (language, expected) in PaperLanguage::ALL.into_iter().zip(expected) {
            let paper = protocol(outcome.clone(), 12);
            let bytes = paper.write(language).unwrap();
            let text = extracted(&bytes);
            let words = in_words(paper.terms.value, language);
            for part in [expected, &paper.number, HEAD, &words, "8 731 917 000,37"] {
                assert!(plain(&text).contains(&plain(part)), "{outcome:?}: {part} in {text}");
            }
            assert!(bytes == paper.write(language).unwrap(), "other bytes for the same data");
        }
    }
}

/// How the last award was lost, and what the protocol says of it in each language.
fn losses() -> Vec<(ProtocolOutcome, LossReason, [&'static [&'static str]; 3])> {
    let unsuccessful = |reason| ProtocolOutcome::Unsuccessful { reason };
    let (default, no_contract) = (Failure::WinnerDefault, Failure::ContractNotConcluded);
    let decision =
        Decision { reason: "Жалган документ".to_owned(), document: "cd".repeat(32) };
    let cancelled = ProtocolOutcome::Cancelled {
        reason: "Соттун чечими боюнча".to_owned(),
        document: "ab".repeat(32),
    };
    vec![
        (
            unsuccessful(default),
            LossReason::Refused,
            [&["Жеңүүчү баш тартты"], &["Победитель отказался"], &["The winner declined"]],
        ),
        (
            unsuccessful(default),
            LossReason::Timeout,
            [
                &["Жеңүүчү мөөнөтүндө ырастаган жок"],
                &["Победитель не подтвердил в срок"],
                &["The winner did not confirm in time"],
            ],
        ),
        (
            unsuccessful(default),
            LossReason::Disqualified(Some(decision)),
            [
                &[
                    "Жеңүүчү четтетилди",
                    "Четтетүүнүн себеби Жалган документ",
                    "cdcdcd",
                    "эки кызматкер",
                ],
                &["Победитель отстранён", "Причина отстранения Жалган документ", "cdcdcd"],
                &["The winner was disqualified", "Жалган документ", "cdcdcd", "Two officials"],
            ],
        ),
        (
            unsuccessful(no_contract),
            LossReason::ContractNotConcluded { fault: Some(ContractFault::Bidder) },
            [
                &["Келишим түзүлгөн жок", "Мурунку жеңүүчү", "күнөөсү менен жеңүүчүнүн"],
                &["Договор не заключён", "Прежний победитель", "По чьей вине победителя"],
                &["No contract was concluded", "Earlier winner", "At fault the winner"],
            ],
        ),
        (
            unsuccessful(no_contract),
            LossReason::ContractNotConcluded { fault: Some(ContractFault::Other) },
            [&["жеңүүчүнүн эмес"], &["не победителя"], &["not the winner"]],
        ),
        (
            cancelled,
            LossReason::Cancelled,
            [&["Мурунку жеңүүчү"], &["Прежний победитель"], &["Earlier winner"]],
        ),
    ]
}

#[test]
fn a_protocol_says_how_the_last_award_was_lost_and_names_nobody_a_winner() {
    for (outcome, reason, expected) in losses() {
        let mut paper = protocol(outcome, 3);
        paper.lapsed = vec![Lapse { bidder: BidderNo(2), price: tyiyn(900_000), reason }];
        for (language, expected) in PaperLanguage::ALL.into_iter().zip(expected) {
            let text = plain(&extracted(&paper.write(language).unwrap()));
            for part in expected {
                assert!(text.contains(&plain(part)), "{:?}: {part} in {text}", paper.lapsed);
            }
            for never in [texts::FINAL_PRICE, texts::SIGNED_HASH, texts::WINNER_DEFAULT] {
                assert!(!text.contains(&plain(language.pick(never))), "{never:?} in {text}");
            }
        }
    }
}

#[test]
fn a_protocol_says_that_there_was_a_sole_applicant() {
    let mut paper = protocol(ProtocolOutcome::AwardProposed { confirm_by: START }, 0);
    assert!(!paper.json().contains("has_sole_applicant"), "as papers of before");
    (paper.has_sole_applicant, paper.participants) = (true, 1);
    for (language, expected) in PaperLanguage::ALL.into_iter().zip([
        "Жалгыз катышуучу болду: лот ага соодалашуусуз баштапкы баада сунушталды. Жеңүүчү",
        "Участник единственный: лот предложен ему без торга по начальной цене. Победитель",
        "There was a sole participant, to whom the lot was offered",
    ]) {
        let text = plain(&extracted(&paper.write(language).unwrap())).replace('\n', "");
        assert!(text.contains(&plain(expected)), "{text}");
    }
    assert!(paper.json().contains("\"has_sole_applicant\":true"));
}

#[test]
fn a_protocol_without_the_earlier_raises_says_how_many_there_are() {
    for (shown, raises, expected) in
        [(3, 3, None), (3, 7, Some("number: 4")), (0, 9, Some("number: 9")), (0, 0, None)]
    {
        let mut paper =
            protocol(ProtocolOutcome::Unsuccessful { reason: Failure::NoFirstOffer }, shown);
        paper.raises = raises;
        let text = plain(&extracted(&paper.write(PaperLanguage::En).unwrap()));
        let said = text.contains(&plain("Earlier raises are in"));
        assert_eq!(said, expected.is_some(), "{raises}: {text}");
        assert!(expected.is_none_or(|expected| text.contains(&plain(expected))), "{text}");
    }
}

#[test]
fn a_suspended_auctions_protocol_says_since_when() {
    let (cause, since) = (SuspensionCause::Outage, START + TimeSpan::days(2));
    let paper = protocol(ProtocolOutcome::Suspended { cause, since, resume_at: None }, 3);
    for (language, label) in PaperLanguage::ALL.into_iter().zip([
        "Токтотулган убактысы",
        "Приостановлены с",
        "Suspended since",
    ]) {
        let text = plain(&extracted(&paper.write(language).unwrap()));
        assert!(text.contains(&plain(&format!("{label} {}", since.bishkek()))), "{text}");
    }
}

/// A text without its spaces, which a line's end may replace.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', ' '], "")
}

#[test]
fn a_slip_reads_back_in_every_language() {
    for (language, letters) in PaperLanguage::ALL.into_iter().zip(["Төлөө", "Код", "code"])
    {
        let bytes = slip().write(language).unwrap();
        let text = extracted(&bytes);
        for part in [letters, "4821 7730 1956", "TRK-KG-20261115-00042-7"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(bytes == slip().write(language).unwrap());
    }
}

#[test]
fn a_days_report_reads_back_in_every_language() {
    let line = DayPaperLine {
        kind: "Суммалары ар башка".to_owned(),
        operation: "Төлөм".to_owned(),
        name: "KG0001796342".to_owned(),
        stated: Some("63 750,01 KGS".to_owned()),
        booked: None,
        status: "Каралууда".to_owned(),
    };
    let paper = DayPaper {
        day: "2026-11-30".parse().unwrap(),
        compared_at: START,
        lines: 143,
        totals: DayTotals::default(),
        differences: vec![line; 60],
    };
    for language in PaperLanguage::ALL {
        let pdf = paper.write(language).unwrap();
        assert_eq!(pdf, paper.write(language).unwrap());
        let text = extracted(&pdf);
        for part in ["30.11.2026", "KG0001796342", "63 750,01 KGS", "143"] {
            assert!(text.contains(part), "{language:?}: {part} is not in {text}");
        }
    }
}

#[test]
fn the_winners_name_is_in_the_officials_copy_alone() {
    let mut paper = protocol(ProtocolOutcome::AwardConfirmed { contract_by: START }, 3);
    let public = extracted(&paper.write(PaperLanguage::Ky).unwrap());
    paper.winner_name = Some("Аида Токтогулова".to_owned());
    let official = paper.write(PaperLanguage::Ky).unwrap();
    assert!(!public.contains("Токтогулова"));
    assert!(extracted(&official).contains("Аида Токтогулова"));
    assert!(!paper.json().contains("Токтогулова"));
    assert_eq!(attached(&official), paper.json());
}

#[test]
fn the_attached_data_are_what_the_winner_signed_and_more() {
    let paper = protocol(ProtocolOutcome::AwardConfirmed { contract_by: START }, 3);
    let json = attached(&paper.write(PaperLanguage::Ru).unwrap());
    let data: serde_json::Value = serde_json::from_str(&json).unwrap();
    let signed: ProtocolPayload = serde_json::from_value(data["signed"].clone()).unwrap();
    assert_eq!(Some(signed), paper.signed);
    assert_eq!(data["log_head"], HEAD);
    assert_eq!(data["last_raises"].as_array().unwrap().len(), 3);
}

#[test]
fn no_text_breaks_a_paper() {
    let long = "Ө".repeat(400);
    let words = "узун сөз ".repeat(100);
    let hostile = "\u{202e}fdp.exe\u{0}\u{7}\u{1b}]0;x\u{2028}\n\n\nשלום سلام 天😀 (\\)<>/Type";
    for title in ["", " ", "\n", &long, &words, hostile] {
        let mut paper = protocol(
            ProtocolOutcome::Cancelled { reason: title.repeat(3), document: title.to_owned() },
            60,
        );
        paper.lot.title = Text::all(title, title, title);
        paper.lot.holder = Text::default();
        paper.number = title.to_owned();
        paper.raises = u64::MAX;
        paper.winner_name = Some(title.to_owned());
        paper.lapsed = vec![
            Lapse {
                bidder: BidderNo(1),
                price: Tyiyn::MAX,
                reason: LossReason::Disqualified(Some(Decision {
                    reason: title.repeat(3),
                    document: title.to_owned(),
                })),
            };
            40
        ];
        for language in PaperLanguage::ALL {
            let text = extracted(&paper.write(language).unwrap());
            assert!(!text.contains(['\u{202e}', '\u{0}', '\u{1b}', '\u{5e9}']), "{text}");
        }
        let slip = PaymentSlip { lot: Text::all(title, title, title), ..slip() };
        slip.write(PaperLanguage::Ky).unwrap();
    }
}

#[test]
fn a_code_that_no_qr_code_can_hold_is_an_error_and_no_panic() {
    let slip = PaymentSlip { code: "9".repeat(10_000), ..slip() };
    assert!(matches!(slip.write(PaperLanguage::Ky), Err(PaperError::Qr(_))));
}
