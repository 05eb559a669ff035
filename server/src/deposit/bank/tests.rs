use super::reference::{find_reference, remainder};
use super::*;

const CSV: &str = "\u{feff}Дата;Номер документа;Плательщик;Назначение платежа;Кредит;Валюта\n\
    30.11.2026;;Асанов Үсөн;Кепилдик rf{code};36 000,00;KGS\n\
    30.11.2026;;«Ак-Суу» ОсОО;\"Лот; 42\";1,5;KGS\n\
    30.11.2026;;Банк;Комиссия;-5,00;KGS\n\
    2026-11-29;;Smith;deposit;10.00;usd\n";

const CAMT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>KG00</IBAN></Id><Ownr><Nm>Operator</Nm></Ownr></Acct>
<Bal><Amt Ccy="KGS">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="KGS">36000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
  <BookgDt><Dt>2026-11-30</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>
  <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
    <RltdPties><Dbtr><Pty><Nm>Асанов &amp; Ко</Nm></Pty></Dbtr><Cdtr><Pty><Nm>We</Nm></Pty></Cdtr></RltdPties>
    <RmtInf><Strd><CdtrRefInf><Ref>{code}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="KGS">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
  <BookgDt><DtTm>2026-11-30T10:00:00+06:00</DtTm></BookgDt><AcctSvcrRef>B2</AcctSvcrRef>
  <NtryDtls>
    <TxDtls><Amt Ccy="KGS">10.00</Amt><RltdPties><Dbtr><Nm>One</Nm></Dbtr></RltdPties></TxDtls>
    <TxDtls><AmtDtls><TxAmt><Amt Ccy="KGS">20.00</Amt></TxAmt></AmtDtls></TxDtls>
  </NtryDtls></Ntry>
<Ntry><Amt Ccy="KGS">7.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-30</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="KGS">8.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>"#;

fn code() -> String {
    make_reference(&[7; 32])
}

fn with_code(text: &str, code: &str) -> String {
    text.replace("rf{code}", code).replace("{code}", code)
}

fn amounts(read: &BankStatement) -> Vec<(i64, &str)> {
    read.lines.iter().map(|line| (line.amount.get(), line.currency.as_str())).collect()
}

#[test]
fn a_csv_is_read_to_the_tyiyn() {
    let grouped = code().chars().enumerate().fold(String::new(), |text, (index, letter)| {
        let gap = if index > 0 && index % 4 == 0 { " " } else { "" };
        format!("{text}{gap}{}", letter.to_ascii_lowercase())
    });
    let read = read(with_code(CSV, &grouped).as_bytes()).unwrap();
    assert_eq!(amounts(&read), [(3_600_000, "KGS"), (150, "KGS"), (1_000, "USD")]);
    assert_eq!(read.left_out, 1);
    assert_eq!(read.lines[0].reference, Some(code()));
    assert_eq!(read.lines[1].purpose, "Лот; 42");
    assert_eq!(read.lines[2].day.to_string(), "2026-11-29");
}

#[test]
fn a_camt_is_read_with_its_batches_and_without_what_is_no_transfer_to_us() {
    let read = read(with_code(CAMT, &code()).as_bytes()).unwrap();
    assert_eq!(amounts(&read), [(3_600_000, "KGS"), (1_000, "KGS"), (2_000, "KGS")]);
    assert_eq!(read.left_out, 2);
    assert_eq!(read.lines[0].reference, Some(code()));
    assert_eq!(read.lines[0].payer, "Асанов & Ко");
    let identities: std::collections::BTreeSet<_> =
        read.lines.iter().map(|line| &line.identity).collect();
    assert_eq!(identities.len(), 3);
}

#[test]
fn one_transfer_has_one_name_and_two_alike_have_two() {
    let row = "2026-11-30,{ref},Асанов,лот 42,100.00\n";
    let head = "date,reference,payer,purpose,amount\n";
    let of = |reference: &str, rows: usize| {
        let text = format!("{head}{}", row.replace("{ref}", reference).repeat(rows));
        let read = read(text.as_bytes()).unwrap();
        read.lines.into_iter().map(|line| line.identity).collect::<Vec<_>>()
    };
    // Without the bank's reference: the same file again, and one with one line more.
    assert_eq!(of("", 2), of("", 2));
    assert_eq!(of("", 3)[..2], of("", 2)[..]);
    assert_ne!(of("", 2)[0], of("", 2)[1]);
    // With one: alike is the same, in another format too.
    assert_eq!(of("B1", 2)[0], of("B1", 2)[1]);
    let camt = read(with_code(CAMT, &code()).as_bytes()).unwrap();
    let csv = format!("{head}2026-11-30,B1,Another Name,another purpose,36000\n");
    assert_eq!(read(csv.as_bytes()).unwrap().lines[0].identity, camt.lines[0].identity);
}

#[test]
fn a_transfer_of_a_batch_has_the_name_that_a_list_gives_it_and_of_nothing_is_none() {
    let entry = |amount: &str, parts: &str| {
        format!(
            r#"<Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="KGS">{amount}</Amt>
            <CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-30</Dt></BookgDt>
            <AcctSvcrRef>B7</AcctSvcrRef><NtryDtls>{parts}</NtryDtls></Ntry></Stmt>
            </BkToCstmrStmt></Document>"#
        )
    };
    let part = |reference: &str, amount: &str| {
        format!(
            r#"<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>
            <Amt Ccy="KGS">{amount}</Amt></TxDtls>"#
        )
    };
    let parts = format!("{}{}{}", part("T1", "10.00"), part("T2", "20.00"), part("T3", "0.00"));
    let batch = read(entry("30.00", &parts).as_bytes()).unwrap();
    assert_eq!((amounts(&batch), batch.left_out), (vec![(1_000, "KGS"), (2_000, "KGS")], 1));
    let list = "date,reference,payer,purpose,amount\n2026-11-30,T1,a,b,10\n2026-11-30,T2,c,d,20\n";
    let list = read(list.as_bytes()).unwrap();
    let names = |read: &BankStatement| {
        read.lines.iter().map(|line| line.identity.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&batch), names(&list));
    // A batch whose reference stands in each of its transfers has as many payers.
    let parts = format!("{}{}{}", part("B7", "10.00"), part("B7", "10.00"), part("T3", "5.00"));
    let twins = read(entry("25.00", &parts).as_bytes()).unwrap();
    assert_eq!(amounts(&twins), [(1_000, "KGS"), (1_000, "KGS"), (500, "KGS")]);
    assert_ne!(names(&twins)[0], names(&twins)[1]);
    assert_eq!(names(&twins), names(&read(entry("25.00", &parts).as_bytes()).unwrap()));
    let nothing = read(entry("0.00", "").as_bytes()).unwrap();
    assert_eq!((nothing.lines.len(), nothing.left_out), (0, 1));
}

#[test]
fn two_payers_whose_orders_have_one_number_are_two_transfers() {
    for number in ["Номер", "Номер документа", "Номери"] {
        let text = format!(
            "Дата;{number};Плательщик;Назначение платежа;Кредит\n\
             30.11.2026;17;Асанов Үсөн;Лот 42;100,00\n\
             30.11.2026;17;Төлөгөнова Нурила;Лот 42;100,00\n"
        );
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(amounts(&read), [(10_000, "KGS"); 2], "{number}");
        assert_ne!(read.lines[0].identity, read.lines[1].identity, "{number}");
    }
}

#[test]
fn what_is_no_statement_is_refused_and_nothing_of_it_is_taken() {
    use StatementFault::{Entity, Malformed, NotAStatement, TooLarge};
    let head = "date,purpose,amount\n";
    let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><Document>&c;</Document>"#;
    let deep = format!("<Document>{}", "<a>".repeat(100_000));
    let many = format!("{head}{}", "2026-11-30,a,1\n".repeat(LINES_MAX + 1));
    for (text, expected) in [
        ("", NotAStatement),
        ("hello", NotAStatement),
        ("<html></html>", NotAStatement),
        ("<Document><BkToCstmrStmt>", NotAStatement),
        ("<Document></Other>", Malformed(10)),
        (bomb, Entity),
        ("<Document>&b;</Document>", Entity),
        (deep.as_str(), TooLarge),
        (many.as_str(), TooLarge),
        (format!("{head}2026-11-31,a,1\n").as_str(), Malformed(2)),
        (format!("{head}2026-11-30,a,1\n2026-11-30,a,1.005\n").as_str(), Malformed(3)),
        (format!("{head}2026-11-30,a,1e3\n").as_str(), Malformed(2)),
        (format!("{head}2026-11-30,a,99999999999999999999\n").as_str(), Malformed(2)),
        (format!("{head}2026-11-30,a\n").as_str(), Malformed(2)),
    ] {
        let found = read(text.as_bytes());
        let shown: String = text.chars().take(60).collect();
        assert_eq!(found, Err(expected), "{shown}");
    }
    assert_eq!(read(&[0xff, 0xfe, 0]), Err(NotAStatement));
    assert_eq!(read(&vec![b'a'; STATEMENT_BYTES_MAX + 1]), Err(TooLarge));
}

#[test]
fn a_reference_with_one_wrong_letter_is_none() {
    let code = code();
    assert_eq!(find_reference(&format!("лот 42, {code}.")), Some(code.clone()));
    for at in 2..code.len() {
        let mut wrong: Vec<char> = code.chars().collect();
        wrong[at] = if wrong[at] == '4' { '5' } else { '4' };
        let wrong: String = wrong.into_iter().collect();
        assert!(wrong == code || find_reference(&wrong).is_none(), "{wrong}");
    }
    // The example of ISO 11649.
    assert_eq!(remainder("539007547034RF18"), 1);
}
