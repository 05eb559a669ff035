//! An official signs a contract by certificate (ЭЦП) in the console: by the file of any program, and
//! by a program on their own computer, in real Chromium.

use crate::support::officials_browser::{enrolled, photographs};
use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use std::sync::Arc;
use toruk_server::identity::{ProvenIdentity, Provider, Role};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::pin::Pin;
use toruk_tests::browser::Driver;
use toruk_tests::outside::certificates::message::Message;
use toruk_tests::outside::local_signer::{LocalSigner, SignerMood};
use toruk_tests::proof::evidence::CertificateDay;
use toruk_tests::world::certificates::Signatory;

const NUMBER: &str = "22004198554321";

/// A page of the auction by the organiser's session, in English.
async fn asked(
    day: &CertificateDay,
    path: &str,
    form: Option<Vec<u8>>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let world = &day.stage.world;
    let url = format!("{}/console/auctions/{}{path}", world.origin, day.stage.auction);
    let request = match form {
        Some(form) => {
            let kind = "multipart/form-data; boundary=part";
            world.http()?.post(url).header(CONTENT_TYPE, kind).body(form)
        }
        None => world.http()?.get(url),
    };
    let session = format!("toruk_session={}; toruk_lang=en", day.stage.officials.organiser.token);
    let answer = request.header(COOKIE, session).header(ORIGIN, &world.origin).send().await?;
    Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
}

async fn upload(day: &CertificateDay, file: Vec<u8>) -> anyhow::Result<(u16, String)> {
    let head =
        "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.p7s\"\r\n\r\n";
    let form = [head.as_bytes(), &file, b"\r\n--part--\r\n"].concat();
    let (status, page) = asked(day, "/contract/certificate", Some(form)).await?;
    Ok((status, String::from_utf8(page)?))
}

fn pem(der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", lines.join("\n")).into_bytes()
}

async fn status(day: &CertificateDay) -> anyhow::Result<Status> {
    Ok(day.stage.view().await?.auction.status)
}

fn official(day: &CertificateDay) -> Signatory {
    day.authority.by_list(&day.stage.world, "Асанова Нургүл", NUMBER, 20)
}

#[tokio::test]
async fn a_contract_is_signed_by_the_file_of_any_program() -> anyhow::Result<()> {
    let day = CertificateDay::play(None).await?;
    let world = &day.stage.world;
    let (found, text) = asked(&day, "/contract/text", None).await?;
    ensure!(found == 200 && text.starts_with(b"toruk/contract/v1\n"), "another text: {found}");
    let (_, page) = asked(&day, "", None).await?;
    let page = String::from_utf8(page)?;
    assert!(page.contains("/contract/certificate") && !page.contains("data-local-signer"));

    // The official is known by a number: nobody else's certificate counts for them.
    let who = &day.stage.officials.organiser.official;
    let proven = ProvenIdentity {
        provider: Provider::Eid,
        issuer: "https://id.example.kg".to_owned(),
        subject: "nurgul".to_owned(),
        pin: Some(Pin::parse(NUMBER)?),
        name: who.name.clone(),
        organisation: None,
    };
    let (identity, db) = (&world.state().identity, &world.state().context.db);
    let txn = db.begin().await?;
    identity.link(&txn, who.person, &proven).await?;
    db.commit(txn).await?;

    let own = official(&day);
    let other = day.authority.by_list(world, "Башка Адам", "11503199012345", 21);
    let changed = [&text[..], b" "].concat();
    for (file, words) in [
        (Vec::new(), "Choose the signature"),
        (b"%PDF-1.7 a contract".to_vec(), "not a detached electronic signature"),
        (vec![0x30; 140_000], "large"),
        (own.sign(world, &changed), "over another document"),
        (other.sign(world, &text), "belongs to another person"),
    ] {
        let (status, page) = upload(&day, file).await?;
        assert!(matches!(status, 413 | 422) && page.contains(words), "{status} {words}: {page}");
    }
    assert_eq!(status(&day).await?, Status::Awarded, "a refused signature decided something");
    let auditor = world.official(Role::Auditor, "Нурлан Базаров").await?;
    let trail = world.state().audit.page(&auditor.official, None).await?;
    let refused = trail.iter().filter(|row| row.action == "signature.refuse");
    assert_eq!(refused.count(), 2, "those that were signatures");

    let (status_code, page) = upload(&day, pem(&own.sign(world, &text))).await?;
    assert_eq!(status_code, 303, "{page}");
    assert_eq!(status(&day).await?, Status::Complete);
    let (found, container) = asked(&day, "/contract-holder/evidence", None).await?;
    assert_eq!((found, &container[30..38]), (200, &b"mimetype"[..]));
    let (_, page) = asked(&day, "", None).await?;
    assert!(String::from_utf8(page)?.contains("/contract-holder/evidence"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_signed_by_a_program_on_the_officials_computer() -> anyhow::Result<()> {
    let signer = LocalSigner::start().await?;
    let day = CertificateDay::play(Some(signer.url())).await?;
    let world = &day.stage.world;
    let folder = tempfile::tempdir()?;
    let (photographs, driver) = (photographs(folder.path()), Driver::start().await?);
    let who = (Role::Organiser, "Нургүл Асанова-Бекова");
    let browser = enrolled(&driver, world, who, &photographs).await?;
    browser.visit(&format!("/console/auctions/{}", day.stage.auction)).await?;
    for language in ["ru", "en", "ky"] {
        browser.follow(&format!(".languages button[value={language}]")).await?;
        browser.click("details.act summary").await?;
        browser.photograph(&format!("contract-certificate-{language}")).await?;
    }
    let failed = "form[data-local-signer] [data-failure]";
    for (mood, words) in [
        (SignerMood::Declines, "баш тарттыңыз"),
        (SignerMood::Fails, "кол кое алган жок"),
        (SignerMood::Babbles, "кол кое алган жок"),
    ] {
        signer.serve(&world.origin, mood);
        browser.click("[data-sign-locally]").await?;
        browser.watch(failed, |told| told.contains(words)).await?;
    }
    // A page of another origin is not served, and the browser hears nothing of it.
    signer.serve("https://elsewhere.example", SignerMood::Declines);
    browser.click("[data-sign-locally]").await?;
    browser.watch(failed, |told| told.contains("жооп берген жок")).await?;
    browser.photograph("contract-signer-refused-ky").await.ok();
    // What the browser has complained of so far was wanted.
    browser.no_complaints().await.ok();
    assert_eq!(status(&day).await?, Status::Awarded);

    // The first certificate that an official signs with says who they are.
    let own = official(&day);
    let (holder, now) = (own.holder.clone(), world.clock.now());
    let signs = move |content: &[u8]| Message::of(&holder, now).der(content);
    signer.serve(&world.origin, SignerMood::Signs(Arc::new(signs)));
    browser.follow("[data-sign-locally]").await?;
    assert_eq!(status(&day).await?, Status::Complete);
    browser.photograph("contract-signed-by-certificate-ky").await?;
    assert_eq!(signer.asked(), ["contract"; 4]);
    let auditor = world.official(Role::Auditor, "Нурлан Базаров").await?;
    let trail = world.state().audit.page(&auditor.official, None).await?;
    assert!(trail.iter().any(|row| row.action == "person.link"), "whose certificate it was");
    browser.close().await
}
