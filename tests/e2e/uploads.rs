//! Files on their way in, as tus 1.0 has it, by clients that break off, lie, and come twice.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, Response};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use toruk_server::address::ClientAddress;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::limits::{
    ACCOUNT_PENDING_BYTES_MAX, FILE_BYTES_MAX, UNREFERENCED_FILE_DAYS, UPLOAD_DAYS,
};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ApiClient, hash};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

const HERE: ClientAddress = ClientAddress::UNKNOWN;
const MALFORMED: (u16, ProblemCode) = (400, ProblemCode::Malformed);

/// A file of so many bytes whose every part is different.
fn file(size_bytes: usize) -> Vec<u8> {
    let mut content = b"%PDF-1.4\n".to_vec();
    content.extend((0_u32..).flat_map(u32::to_be_bytes).take(size_bytes - content.len()));
    content
}

/// Sends `bytes` of `content`, which begin at `offset` if that is true.
fn send(client: &ApiClient, content: &[u8], offset: usize, bytes: &[u8]) -> RequestBuilder {
    client
        .request(Method::PATCH, &format!("/v1/blobs/{}", hash(content)))
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream")
        .body(bytes.to_vec())
}

fn ask(client: &ApiClient, method: Method, content: &[u8]) -> RequestBuilder {
    let path = format!("/v1/blobs/{}", hash(content));
    client.request(method, &path).header("tus-resumable", "1.0.0")
}

fn checksum(bytes: &[u8]) -> String {
    format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)))
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("none").to_owned()
}

async fn status(request: RequestBuilder) -> anyhow::Result<u16> {
    Ok(request.send().await?.status().as_u16())
}

async fn problem(request: RequestBuilder) -> anyhow::Result<(u16, ProblemCode)> {
    Answer::read(request.send().await?).await?.problem()
}

/// Status, offset and state by `HEAD`.
async fn standing(client: &ApiClient, content: &[u8]) -> anyhow::Result<(u16, String, String)> {
    let answer = ask(client, Method::HEAD, content).send().await?;
    let (offset, state) = (header(&answer, "upload-offset"), header(&answer, "upload-state"));
    Ok((answer.status().as_u16(), offset, state))
}

fn at(offset: usize, state: &str) -> (u16, String, String) {
    (200, offset.to_string(), state.to_owned())
}

#[tokio::test]
async fn a_client_learns_what_the_server_takes_and_how_long_it_waits() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let url = format!("{}/v1/blobs", stage.world.origin);
    let answer = stage.world.http()?.request(Method::OPTIONS, url).send().await?;
    assert_eq!(answer.status(), 204);
    let size_bytes_max = FILE_BYTES_MAX.to_string();
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,checksum,expiration,termination"),
        ("tus-max-size", size_bytes_max.as_str()),
        ("tus-checksum-algorithm", "sha256"),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    let content = file(1_000);
    let announced = client.announce(&content).send().await?;
    assert_eq!(announced.status(), 201);
    // The stage's morning is 2026-11-24 at nine in Bishkek.
    assert_eq!(header(&announced, "upload-expires"), "Tue, 01 Dec 2026 03:00:00 GMT");
    assert_eq!(header(&announced, "tus-resumable"), "1.0.0");
    let old = client.announce(&content).header("tus-resumable", "0.2.2");
    let old = old.build()?;
    let mut old = old;
    old.headers_mut().insert("tus-resumable", "0.2.2".parse()?);
    let answer = stage.world.http()?.execute(old).await?;
    assert_eq!(answer.status(), 412);
    assert_eq!(header(&answer, "tus-version"), "1.0.0");
    let lost = send(&client, &content, 7, b"x").send().await?;
    assert_eq!((lost.status().as_u16(), header(&lost, "tus-resumable").as_str()), (409, "1.0.0"));
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_not_what_their_checksum_says_are_not_kept() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let content = file(10_000);
    assert_eq!(status(client.announce(&content)).await?, 201);
    let (first, second) = content.split_at(4_000);
    let sum = |bytes: &[u8], offset: usize, sum: String| {
        send(&client, &content, offset, bytes).header("upload-checksum", sum)
    };
    let right = sum(first, 0, checksum(first)).send().await?;
    assert_eq!((right.status().as_u16(), header(&right, "upload-offset").as_str()), (204, "4000"));
    // Two pieces that were swapped, one with a flipped bit, one under another's sum.
    let mut flipped = second.to_vec();
    flipped[17] ^= 1;
    for bytes in [&flipped, first, &second[1..]] {
        let wrong = sum(bytes, 4_000, checksum(second)).send().await?;
        assert_eq!(header(&wrong, "upload-offset"), "4000");
        let answer = Answer::read(wrong).await?.problem()?;
        assert_eq!(answer, (460, ProblemCode::UploadMismatch));
        assert_eq!(standing(&client, &content).await?, at(4_000, "arriving"));
    }
    let short = &checksum(second)[..20];
    for said in ["", "sha256", "sha256 !", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "crc32 AAAAAA==", short]
    {
        let answer = problem(sum(second, 4_000, said.to_owned())).await?;
        assert_eq!(answer, MALFORMED, "{said}");
    }
    assert_eq!(status(sum(second, 4_000, checksum(second))).await?, 204);
    assert_eq!(standing(&client, &content).await?, at(10_000, "stored"));
    let person = client.session.person;
    assert_eq!(stage.world.state().blobs.content(person, &hash(&content)).await?, content);
    Ok(())
}

/// Sends the head of a PATCH that promises `promised` bytes, and `bytes` of them; leaves the
/// connection open.
async fn begin(
    client: &ApiClient,
    content: &[u8],
    offset: usize,
    promised: usize,
    bytes: &[u8],
    more: &str,
) -> anyhow::Result<TcpStream> {
    let port: u16 = client.origin.rsplit(':').next().unwrap_or_default().parse()?;
    let head = format!(
        "PATCH /v1/blobs/{} HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer {}\r\n\
         tus-resumable: 1.0.0\r\nupload-offset: {offset}\r\n{more}\
         content-type: application/offset+octet-stream\r\ncontent-length: {promised}\r\n\r\n",
        hash(content),
        client.session.token,
    );
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(bytes).await?;
    Ok(connection)
}

#[tokio::test]
async fn what_arrived_before_the_connection_broke_counts() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let content = file(3_000_000);
    assert_eq!(status(client.announce(&content)).await?, 201);
    let arrived = 1_234_567;
    let mut cut = begin(&client, &content, 0, content.len(), &content[..arrived], "").await?;
    cut.shutdown().await?;
    drop(cut);
    until("the part that arrived", || async {
        let standing = standing(&client, &content).await?;
        Ok((standing == at(arrived, "arriving")).then_some(()))
    })
    .await?;
    // A piece with a checksum counts wholly or not at all.
    let sum = format!("upload-checksum: {}\r\n", checksum(&content[arrived..]));
    let rest = content.len() - arrived;
    let piece = &content[arrived..arrived + 1_000];
    let mut cut = begin(&client, &content, arrived, rest, piece, &sum).await?;
    cut.shutdown().await?;
    drop(cut);
    // One PATCH with the whole remainder, once the lost one is given up.
    let stored = until("the remainder", || async {
        let answer = send(&client, &content, arrived, &content[arrived..]).send().await?;
        Ok((answer.status() == 204).then_some(header(&answer, "upload-offset")))
    });
    assert_eq!(stored.await?, content.len().to_string());
    let person = client.session.person;
    assert_eq!(stage.world.state().blobs.content(person, &hash(&content)).await?, content);
    Ok(())
}

#[tokio::test]
async fn two_connections_never_write_one_file() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let content = file(200_000);
    assert_eq!(status(client.announce(&content)).await?, 201);
    let open = begin(&client, &content, 0, content.len(), &content[..1_000], "").await?;
    // It is silent: the phone that comes back goes on, or gives it up and begins again.
    assert_eq!(status(send(&client, &content, 0, &content[..1_000])).await?, 204);
    assert_eq!(status(ask(&client, Method::DELETE, &content)).await?, 204);
    drop(open);
    assert_eq!(status(client.announce(&content)).await?, 201);
    let open = begin(&client, &content, 0, content.len(), &content[..1_000], "").await?;
    drop(open);
    let sent = (0..4).map(|_| send(&client, &content, 1_000, &content[1_000..]).send());
    until("the first one's end", || async {
        Ok((standing(&client, &content).await? == at(1_000, "arriving")).then_some(()))
    })
    .await?;
    let mut statuses = Vec::new();
    for answer in futures_util::future::join_all(sent).await {
        statuses.push(answer?.status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409, 409, 409]);
    assert_eq!(standing(&client, &content).await?, at(content.len(), "stored"));
    Ok(())
}

#[tokio::test]
async fn bytes_that_do_not_belong_there_are_refused_by_their_type() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let content = file(10_000);
    let unknown = problem(send(&client, &content, 0, &content)).await?;
    assert_eq!(unknown, (404, ProblemCode::NotFound));
    assert_eq!(status(client.announce(&content)).await?, 201);
    let mismatch = (409, ProblemCode::UploadMismatch);
    for offset in [1, 9_999, 10_000, 10_001, usize::MAX] {
        let answer = problem(send(&client, &content, offset, b"x")).await?;
        assert_eq!(answer, mismatch, "{offset}");
    }
    let past_the_end = [content.as_slice(), b"x"].concat();
    let too_large = (413, ProblemCode::TooLarge);
    assert_eq!(problem(send(&client, &content, 0, &past_the_end)).await?, too_large);
    assert_eq!(standing(&client, &content).await?, at(0, "arriving"));
    assert_eq!(status(send(&client, &content, 0, &content[..6_000])).await?, 204);
    assert_eq!(problem(send(&client, &content, 6_000, &content[..4_001])).await?, too_large);
    let truncated = problem(send(&client, &content, 9_000, &content[9_000..])).await?;
    assert_eq!(truncated, mismatch, "a piece was left out");
    // Swapped pieces of the right length: the whole is not what its hash says, and begins again.
    let swapped = problem(send(&client, &content, 6_000, &content[..4_000])).await?;
    assert_eq!(swapped, (422, ProblemCode::UploadMismatch));
    assert_eq!(standing(&client, &content).await?, at(0, "arriving"));
    assert_eq!(status(send(&client, &content, 0, &content)).await?, 204);
    // What is whole takes nothing more, and nothing is what an empty piece adds.
    assert_eq!(problem(send(&client, &content, 0, b"x")).await?, mismatch);
    assert_eq!(status(send(&client, &content, 10_000, b"")).await?, 204);
    let page = b"<html>not a document</html>";
    assert_eq!(status(client.announce(page)).await?, 201);
    assert_eq!(problem(send(&client, page, 0, page)).await?, MALFORMED);
    for (name, value) in
        [("upload-length", "-1"), ("upload-length", "0"), ("upload-metadata", "sha256 x")]
    {
        let mut request = client.announce(&content).build()?;
        request.headers_mut().insert(name, value.parse()?);
        let answer = Answer::read(stage.world.http()?.execute(request).await?).await?;
        assert_eq!(answer.problem()?, MALFORMED, "{name}: {value}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_of_another_account_is_one_nobody_has() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let owner = ApiClient::register(&stage.world, "Аида").await?;
    let other = ApiClient::register(&stage.world, "Бек").await?;
    let (theirs, nobodys) = (file(5_000), file(5_001));
    assert_eq!(status(owner.announce(&theirs)).await?, 201);
    assert_eq!(status(send(&owner, &theirs, 0, &theirs)).await?, 204);
    // Every answer about it is the one about a file that does not exist.
    let mut said: Vec<Vec<(u16, String)>> = Vec::new();
    for content in [&theirs, &nobodys] {
        let requests = [
            ask(&other, Method::HEAD, content),
            send(&other, content, 0, b"x"),
            ask(&other, Method::DELETE, content),
            other.announce(content),
            ask(&other, Method::HEAD, content),
            send(&other, content, 0, &content[..1_000]),
        ];
        let mut answers = Vec::new();
        for request in requests {
            let answer = request.send().await?;
            let offset = header(&answer, "upload-offset");
            let says = format!("{offset} {}", header(&answer, "upload-state"));
            answers.push((answer.status().as_u16(), says));
        }
        said.push(answers);
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0][3].0, 201, "another account's file was found");
    // Each account holds its own copy: when one goes, the other stays.
    assert_eq!(status(send(&other, &theirs, 1_000, &theirs[1_000..])).await?, 204);
    assert_eq!(status(ask(&owner, Method::DELETE, &theirs)).await?, 204);
    assert_eq!(standing(&owner, &theirs).await?.0, 404);
    assert_eq!(standing(&other, &theirs).await?, at(5_000, "stored"));
    Ok(())
}

#[tokio::test]
async fn what_nobody_applied_with_makes_room_again() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let application = client.apply(&stage.view().await?).await?;
    let blobs = &stage.world.state().blobs;
    let person = client.session.person;
    let size_bytes = FILE_BYTES_MAX;
    let fits = ACCOUNT_PENDING_BYTES_MAX / size_bytes;
    let name = |no: u64| format!("{no:064x}");
    for no in 0..fits {
        blobs.announce(person, HERE, &name(no), size_bytes, "application/pdf").await?;
    }
    let whole = file(5_000);
    let limit = (422, ProblemCode::LimitReached);
    assert_eq!(problem(client.announce(&whole)).await?, limit);
    let path = format!("/v1/blobs/{}", name(0));
    let removed = client.request(Method::DELETE, &path).header("tus-resumable", "1.0.0");
    assert_eq!(status(removed).await?, 204);
    assert_eq!(status(client.announce(&whole)).await?, 201);
    assert_eq!(status(send(&client, &whole, 0, &whole)).await?, 204);

    // Days later the unfinished go, then the whole one, and never what an application refers to.
    stage.clock.advance(TimeSpan(TimeSpan::days(UPLOAD_DAYS).0 - 1));
    assert_eq!(blobs.sweep().await?, 0);
    stage.clock.advance(TimeSpan(1));
    assert_eq!(blobs.sweep().await?, usize::try_from(fits - 1)?);
    assert_eq!(blobs.sweep().await?, 0);
    assert_eq!(blobs.view(person, &hash(&whole)).await?.offset, 5_000);
    let folder = stage.world.config.data_dir.join("blobs").join(person.to_string());
    assert!(folder.join(hash(&whole)).exists());
    stage.clock.advance(TimeSpan::days(UNREFERENCED_FILE_DAYS - UPLOAD_DAYS));
    assert_eq!(blobs.sweep().await?, 1);
    assert!(blobs.view(person, &hash(&whole)).await.is_err());
    assert!(!folder.join(hash(&whole)).exists());
    let document = client.document();
    stage.clock.advance(TimeSpan::days(365));
    assert_eq!(blobs.sweep().await?, 0);
    assert_eq!(blobs.content(person, &hash(&document)).await?, document, "{application}");
    Ok(())
}

#[tokio::test]
async fn a_file_an_application_refers_to_stays_even_if_its_owner_regrets() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    client.apply(&stage.view().await?).await?;
    let document = client.document();
    let answer = problem(ask(&client, Method::DELETE, &document)).await?;
    assert_eq!(answer, (409, ProblemCode::WrongState));
    let answer = ask(&client, Method::HEAD, &document).send().await?;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "upload-expires").as_str()),
        (200, "none")
    );
    Ok(())
}

#[tokio::test]
async fn a_compressed_body_is_refused_before_it_is_unpacked() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    // A thousandth of what it would unpack to; nobody looks.
    let bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let content = file(1_000);
    assert_eq!(status(client.announce(&content)).await?, 201);
    let json = |path: &str| {
        let request = client.request(Method::POST, path).header("content-type", "application/json");
        request.body(bomb.clone())
    };
    let refused = (415, ProblemCode::UnsupportedEncoding);
    for encoding in ["gzip", "zstd", "br", "deflate", "identity, gzip", "unheard-of"] {
        for request in [
            json("/v1/sync/push"),
            json("/v1/registrations"),
            json("/console/sign-in"),
            send(&client, &content, 0, &bomb),
        ] {
            let answer = request.header("content-encoding", encoding).send().await?;
            assert_eq!(header(&answer, "accept-encoding"), "identity");
            assert_eq!(Answer::read(answer).await?.problem()?, refused, "{encoding}");
        }
    }
    let plain = send(&client, &content, 0, &content).header("content-encoding", "identity");
    assert_eq!(status(plain).await?, 204);
    Ok(())
}
