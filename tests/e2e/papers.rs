//! The papers of an auction: who decides about a lot reads them first, in parts and from caches.

use reqwest::{Method, Response};
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
