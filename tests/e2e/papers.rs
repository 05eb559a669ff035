//! The papers of an auction: who decides about a lot reads them first, in parts and from caches.

use anyhow::Context as _;
use reqwest::{Method, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::PaperProgress;
use toruk_server::auction::OfficialAction;
use toruk_sync::protocol::catalogue::PublishedDocuments;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::day::paper;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ApiClient, hash};
use toruk_tests::world::open_auction::OpenAuction;

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("none").to_owned()
}

async fn get(stage: &OpenAuction, path: &str, with: &[(&str, &str)]) -> anyhow::Result<Response> {
    let mut request = stage.world.http()?.get(format!("{}{path}", stage.world.origin));
    for (name, value) in with {
        request = request.header(*name, *value);
    }
    Ok(request.send().await?)
}

#[tokio::test]
async fn everybody_reads_the_papers_whole_in_parts_and_from_caches() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let lot = stage.view().await?.lot.id;
    let content = paper(lot);
    let list = format!("/v1/auctions/{}/documents", stage.auction);
    let listed: PublishedDocuments = get(&stage, &list, &[]).await?.json().await?;
    let [document] = &listed.items[..] else { panic!("one document: {listed:?}") };
    assert_eq!(document.sha256, hash(&content));
    assert_eq!(document.size_bytes, content.len() as u64);
    assert_eq!((document.mime.as_str(), document.until), ("application/pdf", None));

    let path = format!("{list}/{}", document.sha256);
    let whole = get(&stage, &path, &[]).await?;
    assert_eq!(whole.status(), 200);
    let etag = format!("\"{}\"", document.sha256);
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", &content.len().to_string()),
        ("accept-ranges", "bytes"),
        ("etag", &etag),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("last-modified", "none"),
    ] {
        assert_eq!(header(&whole, name), value, "{name}");
    }
    assert!(header(&whole, "content-disposition").ends_with(".pdf"));
    assert!(header(&whole, "content-security-policy").contains("sandbox"));
    assert_eq!(whole.bytes().await?, content);

    // A download that broke off goes on, whatever its condition is.
    let rest = [("range", "bytes=5-"), ("if-range", "Mon, 23 Nov 2026 10:00:00 GMT")];
    let rest = get(&stage, &path, &rest).await?;
    assert_eq!((rest.status().as_u16(), header(&rest, "etag")), (206, etag.clone()));
    let all = content.len();
    assert_eq!(header(&rest, "content-range"), format!("bytes 5-{}/{all}", all - 1));
    assert_eq!(rest.bytes().await?, content[5..]);
    let last = get(&stage, &path, &[("range", "bytes=-3")]).await?;
    assert_eq!(last.bytes().await?, content[all - 3..]);
    for ignored in ["bytes=0-1,3-4", "lines=1-2"] {
        let whole = get(&stage, &path, &[("range", ignored)]).await?;
        assert_eq!((whole.status().as_u16(), whole.bytes().await?.len()), (200, all), "{ignored}");
    }
    let beyond = get(&stage, &path, &[("range", &format!("bytes={all}-"))]).await?;
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{all}"));

    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let same = get(&stage, &path, &[("if-none-match", &known)]).await?;
        assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, etag.clone()), "{known}");
        assert!(same.bytes().await?.is_empty());
    }
    let other = get(&stage, &path, &[("if-none-match", "\"other\"")]).await?;
    assert_eq!(other.bytes().await?, content);
    let url = format!("{}{path}", stage.world.origin);
    let head = stage.world.http()?.request(Method::HEAD, url).send().await?;
    assert_eq!(header(&head, "content-length"), all.to_string());
    Ok(())
}

#[derive(Default)]
struct Arrived(AtomicU64);

impl PaperProgress for Arrived {
    fn arrived(&self, bytes: u64, _: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_keeps_papers_that_open_without_a_connection() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let content = paper(stage.view().await?.lot.id);
    let mut phone = stage.world.phone("Аида")?;
    let id = stage.auction.to_string();
    let listed = phone.core.papers(id.clone()).await?;
    let [known] = &listed.items[..] else { panic!("one paper: {listed:?}") };
    let size = content.len() as u64;
    assert_eq!((known.kept_bytes, known.size_bytes, listed.stale), (0, size, false));
    assert_eq!(phone.core.open_paper(known.sha256.clone())?, None);
    let progress = Arc::new(Arrived::default());
    let (sha256, of) = (known.sha256.clone(), Some(progress.clone() as Arc<dyn PaperProgress>));
    let kept = phone.core.download_paper(id.clone(), sha256.clone(), of, None).await?;
    assert_eq!((kept.kept_bytes, progress.0.load(Ordering::Relaxed)), (size, size));
    let other = phone.core.download_paper(id.clone(), "ab".repeat(32), None, None).await;
    assert!(matches!(&other, Err(CoreError::Refused { code, .. }) if code == "not_found"));

    stage.world.stop_server().await;
    phone.kill_and_reopen()?;
    let listed = phone.core.papers(id.clone()).await?;
    assert_eq!((listed.items[0].kept_bytes, listed.stale), (size, true));
    let path = phone.core.open_paper(sha256.clone())?.context("it is kept")?;
    assert_eq!(std::fs::read(&path)?, content);
    phone.core.download_paper(id, sha256.clone(), None, None).await?;
    phone.core.remove_paper(sha256.clone())?;
    assert_eq!(phone.core.open_paper(sha256)?, None);
    Ok(())
}

#[tokio::test]
async fn nobody_reads_what_was_not_published_with_this_auction() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let (catalogue, auctions) = (&stage.world.state().catalogue, &stage.world.state().auctions);
    let organiser = &stage.officials.organiser.official;
    let lot = stage.officials.import_lot(&stage.world, 11, 0).await?;
    let start = stage.view().await?.auction.birth.offer.start;
    let offer = stage.officials.offer(&stage.world, lot, start).await?;
    let draft = auctions.create(organiser, lot, offer).await?;
    auctions.act(organiser, draft, OfficialAction::Submit).await?;
    assert!(catalogue.lot_paper(organiser, lot, &hash(&paper(lot))).await.is_ok());

    let client = ApiClient::register(&stage.world, "Аида").await?;
    let content = b"%PDF-1.4 a stranger's passport".to_vec();
    client.announce(&content).send().await?.error_for_status()?;
    client.append(&content).send().await?.error_for_status()?;
    for path in [
        format!("{draft}/documents"),
        format!("{draft}/documents/{}", hash(&paper(lot))),
        format!("{}/documents/{}", stage.auction, hash(&paper(lot))),
        format!("{}/documents/{}", stage.auction, hash(&content)),
        format!("{}/documents/..%2F..%2Freceipt.key", stage.auction),
        format!("{}/documents/%2Fetc%2Fpasswd", stage.auction),
    ] {
        let answer = client.get(&format!("/v1/auctions/{path}")).await?;
        assert_eq!(answer.problem()?, (404, ProblemCode::NotFound), "{path}");
    }
    let problem = Answer::read(get(&stage, "/v1/auctions/none/documents", &[]).await?).await?;
    assert_eq!(problem.problem()?, (400, ProblemCode::Malformed));
    Ok(())
}
