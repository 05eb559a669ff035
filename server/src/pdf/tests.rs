//! Papers of every kind in every language: what they say can be read out of their bytes again.

use super::*;
use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read as _;
use toruk_sync::domain::auction::award::LapseReason;
use toruk_sync::domain::auction::{Failure, ObjectOfPrice, SuspensionCause, Terms};
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
        last_raises: (1..=raises).map(raise).collect(),
        outcome,
        decided_at: at(raises + 6),
        winner: has_winner
            .then(|| ProtocolWinner { bidder: BidderNo(2), price: tyiyn(987_654_321_050) }),
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
                let plain = |text: &str| text.replace(['\u{a0}', ' '], "");
                assert!(plain(&text).contains(&plain(part)), "{outcome:?}: {part} in {text}");
            }
            assert!(bytes == paper.write(language).unwrap(), "other bytes for the same data");
        }
    }
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
        paper.lapsed =
            vec![
                Lapse { bidder: BidderNo(1), price: Tyiyn::MAX, reason: LapseReason::Refused };
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

/// The numbered objects of a PDF as this program writes it.
fn objects(pdf: &[u8]) -> BTreeMap<usize, &[u8]> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let (mut found, mut from) = (BTreeMap::new(), 0);
    while let Some(at) = find(from, b" 0 obj\n") {
        let start = pdf[..at].iter().rposition(|byte| !byte.is_ascii_digit()).unwrap() + 1;
        let number = std::str::from_utf8(&pdf[start..at]).unwrap().parse().unwrap();
        let end = find(at, b"\nendobj").unwrap();
        found.insert(number, &pdf[at + 7..end]);
        from = end;
    }
    found
}

fn dictionary(object: &[u8]) -> String {
    let text = String::from_utf8_lossy(object);
    text.split("stream\n").next().unwrap_or_default().to_owned()
}

fn stream(object: &[u8]) -> Vec<u8> {
    let marker = b"stream\n";
    let start = object.windows(7).position(|window| window == marker).unwrap() + 7;
    let end = object.windows(10).rposition(|window| window == b"\nendstream").unwrap();
    let mut content = Vec::new();
    match dictionary(object).contains("/Filter") {
        true => drop(ZlibDecoder::new(&object[start..end]).read_to_end(&mut content).unwrap()),
        false => content.extend_from_slice(&object[start..end]),
    }
    content
}

/// The number in `key N 0 R`.
fn reference(dictionary: &str, key: &str) -> Option<usize> {
    dictionary.split_once(key)?.1.split_whitespace().next()?.parse().ok()
}

/// The letters by their numbers in a font.
fn letters(cmap: &str) -> BTreeMap<u16, String> {
    let hex = |text: &str| u16::from_str_radix(text, 16).unwrap();
    let letter = |line: &str| {
        let (id, units) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
        let units: Vec<u16> =
            (0..units.len() / 4).map(|at| hex(&units[at * 4..at * 4 + 4])).collect();
        (id.len() == 4).then(|| (hex(id), String::from_utf16(&units).unwrap()))
    };
    cmap.lines().filter_map(letter).collect()
}

/// The bytes of the strings in an array, hexadecimal or literal.
fn shown(array: &str) -> Vec<u8> {
    let (mut bytes, mut depth, mut rest) = (Vec::new(), 0, array.bytes().peekable());
    while let Some(byte) = rest.next() {
        match (byte, depth) {
            (b'<', 0) => {
                let hex: Vec<u8> = rest.by_ref().take_while(|byte| *byte != b'>').collect();
                bytes.extend(hex::decode(hex).unwrap());
            }
            (b'(', 0) => depth = 1,
            (b')', 1) => depth = 0,
            (_, 0) => {}
            (b'\\', _) => match rest.next().unwrap() {
                b'n' => bytes.push(b'\n'),
                b'r' => bytes.push(b'\r'),
                b't' => bytes.push(b'\t'),
                b'b' => bytes.push(8),
                b'f' => bytes.push(12),
                digit @ b'0'..=b'7' => {
                    let mut value = u16::from(digit - b'0');
                    for _ in 0..2 {
                        let next = rest.next_if(|byte| (b'0'..=b'7').contains(byte));
                        value = next.map_or(value, |digit| value * 8 + u16::from(digit - b'0'));
                    }
                    bytes.push(u8::try_from(value).unwrap());
                }
                escaped => bytes.push(escaped),
            },
            (byte, _) => {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                bytes.push(byte);
            }
        }
    }
    bytes
}

/// The text of all pages by the fonts' own tables, as other programs extract it; a space for each
/// end of a line.
fn extracted(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let mut text = String::new();
    for page in objects.values().map(|object| dictionary(object)) {
        if !page.contains("/Type/Page/") {
            continue;
        }
        let resources = dictionary(objects[&reference(&page, "/Resources ").unwrap()]);
        let font = |name: &str| {
            let font = dictionary(objects[&reference(&resources, &format!("/{name} ")).unwrap()]);
            let cmap = stream(objects[&reference(&font, "/ToUnicode ").unwrap()]);
            letters(&String::from_utf8(cmap).unwrap())
        };
        let fonts =
            ["f0", "f1"].map(|name| resources.contains(&format!("/{name} ")).then(|| font(name)));
        let content = stream(objects[&reference(&page, "/Contents ").unwrap()]);
        let content = String::from_utf8_lossy(&content).into_owned();
        for line in content.lines().filter(|line| line.ends_with("]TJ")) {
            let font = fonts[usize::from(line.contains("/f1 "))].as_ref().unwrap();
            let ids = shown(line.split_once("Tm[").unwrap().1);
            for id in ids.chunks(2) {
                text.push_str(&font[&u16::from_be_bytes([id[0], id[1]])]);
            }
            text.push(' ');
        }
    }
    text
}

/// The content of the attached file.
fn attached(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let file = objects.values().find(|object| dictionary(object).contains("/EmbeddedFile"));
    String::from_utf8(stream(file.unwrap())).unwrap()
}
