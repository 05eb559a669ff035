//! Papers before officials' eyes, in real Chromium: small pictures, previews, and what a correction
//! has replaced.

use crate::support::officials_browser::{enrolled, photographs};
use anyhow::Context as _;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use std::io::Write as _;
use toruk_server::auction::Correction;
use toruk_server::identity::Role;
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::catalogue::PublishedDocuments;
use toruk_tests::browser::Driver;
use toruk_tests::day::paper;
use toruk_tests::world::api_client::hash;
use toruk_tests::world::open_auction::OpenAuction;

/// A picture in colours, as PNG.
fn png(width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for y in 0..height {
        packed.write_all(&[0])?;
        for x in 0..width {
            packed.write_all(&[(x * 255 / width) as u8, (y * 255 / height) as u8, 120])?;
        }
    }
    let chunk = |kind: &[u8], content: &[u8]| {
        let (length, mut sum) = (content.len() as u32, Crc::new());
        sum.update(kind);
        sum.update(content);
        [&length.to_be_bytes(), kind, content, &sum.sum().to_be_bytes()].concat()
    };
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&sides[..], b"\x08\x02\0\0\0"].concat();
    let parts = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", &packed.finish()?),
        chunk(b"IEND", b""),
    ];
    Ok(parts.concat())
}

/// An auction whose PDF was replaced by a photo, by two officials.
async fn corrected() -> anyhow::Result<OpenAuction> {
    let rules = RuleProfile {
        rectification: TimeSpan::hours(1),
        admission: Admission::Auto,
        ..RuleProfile::sandbox(1)
    };
    let stage = OpenAuction::published_by(rules).await?;
    let (view, auctions) = (stage.view().await?, &stage.world.state().auctions);
    let correction = Correction {
        title: view.lot.title.clone(),
        description: view.lot.description.clone(),
        dropped: vec![hash(&paper(view.lot.id))],
        added: Some(("Сүрөт".to_owned(), png(1_200, 800)?)),
        ..Correction::default()
    };
    let organiser = &stage.officials.organiser.official;
    auctions.propose_correction(organiser, stage.auction, correction).await?;
    let moderator = &stage.officials.moderator.official;
    let waiting = auctions.proposals(moderator, &view.auction).await?;
    let proposal = waiting.first().context("no proposal")?;
    auctions.approve(moderator, stage.auction, proposal.id).await?;
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn officials_see_pictures_previews_and_what_a_correction_has_replaced() -> anyhow::Result<()>
{
    let stage = corrected().await?;
    let list = format!("{}/v1/auctions/{}/documents", stage.world.origin, stage.auction);
    let http = stage.world.http()?;
    let listed: PublishedDocuments = http.get(&list).send().await?.json().await?;
    let [replaced, photo] = &listed.items[..] else { panic!("two papers: {listed:?}") };
    assert!(replaced.until.is_some() && photo.until.is_none() && photo.mime == "image/png");

    // Everybody gets the small copy, and keeps it.
    let url = format!("{list}/{}/thumbnail", photo.sha256);
    let small = http.get(&url).send().await?;
    let header = |name: &str| small.headers()[name].to_str().map(str::to_owned);
    assert_eq!((small.status().as_u16(), &*header("content-type")?), (200, "image/jpeg"));
    assert_eq!(header("cache-control")?, "public, max-age=31536000, immutable");
    let etag = header("etag")?;
    assert!(small.bytes().await?.starts_with(b"\xff\xd8\xff"));
    let again = http.get(&url).header("if-none-match", etag).send().await?;
    assert_eq!(again.status(), 304);

    let (folder, driver) = (tempfile::tempdir()?, Driver::start().await?);
    let photographs = photographs(folder.path());
    let who = (Role::Organiser, "Нургүл Асанова-Бекова");
    let browser = enrolled(&driver, &stage.world, who, &photographs).await?;
    let page = format!("/console/auctions/{}", stage.auction);
    browser.visit(&page).await?;
    for language in ["ru", "en", "ky"] {
        browser.follow(&format!(".languages button[value={language}]")).await?;
        browser.photograph(&format!("auction-papers-{language}")).await?;
    }
    assert_eq!(browser.picture_width(".documents img.paper").await?, 480);
    let link = browser.property(".documents a[href^='#log-']", "hash").await?;
    assert!(browser.has(&format!("li{link}")).await?, "the correction is not on the page: {link}");

    browser.follow(&format!("a[href$='/papers/{}']", photo.sha256)).await?;
    assert_eq!(browser.picture_width("img.paper.whole").await?, 1_200);
    browser.photograph("paper-picture-ky").await?;
    browser.visit(&page).await?;
    browser.follow(&format!("a[href$='/papers/{}']", replaced.sha256)).await?;
    assert!(browser.has("iframe.paper.whole").await?);
    browser.photograph("paper-pdf-ky").await?;
    browser.visit(&format!("/console/lots/{}", stage.view().await?.lot.id)).await?;
    assert_eq!(browser.picture_width(".documents img.paper").await?, 480);
    browser.photograph("lot-papers-ky").await?;
    browser.close().await
}
