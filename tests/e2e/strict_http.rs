//! Requests that two programs may read in two ways are refused, and a connection with unread bytes on
//! it is said to end.

use crate::support::access_fixture::AccessFixture;
use anyhow::{Context as _, ensure};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends bytes, and reads one answer's head, in lower case.
async fn head_of_answer(scene: &AccessFixture, request: &str) -> anyhow::Result<String> {
    let address = scene.world.origin.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let read =
            timeout(PATIENCE, connection.read_buf(&mut answer)).await.context("silence")??;
        ensure!(read > 0, "closed without an answer to {request:?}");
    }
    Ok(String::from_utf8_lossy(&answer).to_lowercase())
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_can_be_read_in_two_ways_is_refused() -> anyhow::Result<()> {
    let scene = AccessFixture::new().await?;
    let token = &scene.participant.session.token;
    let auction = scene.open;
    let capitals = auction.to_string().to_uppercase();
    let json = "content-type: application/json";
    for (request, expected) in [
        ("GET /v1/time HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), "200"),
        ("GET /v1/time HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET /v1/time HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned(), "400"),
        ("GET /v1/time HTTP/1.1\nhost: a\n\n".to_owned(), "400"),
        ("GET /v1/time HTTP/1.1\r\nhost: a\nx: b\r\n\r\n".to_owned(), "400"),
        ("GET /v1/time HTTP/1.1\r\nhost: a\r\nx: b\r\n c\r\n\r\n".to_owned(), "400"),
        ("GET /v1/time HTTP/1.1\r\nhost : a\r\n\r\n".to_owned(), "400"),
        (
            format!("GET /v1/devices HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n"),
            "200",
        ),
        (
            format!(
                "GET /v1/devices HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
                 authorization: Bearer {token}\r\n\r\n"
            ),
            "400",
        ),
        (
            "POST /v1/registrations HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\
             content-length: 3\r\n\r\n{}"
                .to_owned(),
            "400",
        ),
        (
            format!(
                "POST /v1/registrations HTTP/1.1\r\nhost: a\r\n{json}\r\ncontent-length: 2\r\n\
                 transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            "400",
        ),
        (
            format!(
                "POST /v1/registrations HTTP/1.1\r\nhost: a\r\n{json}; charset=utf-16\r\n\
                 content-length: 2\r\n\r\n{{}}"
            ),
            "415",
        ),
        (format!("GET /v1/auctions/{auction} HTTP/1.1\r\nhost: a\r\n\r\n"), "200"),
        (format!("GET /v1/auctions/{capitals} HTTP/1.1\r\nhost: a\r\n\r\n"), "400"),
        ("GET /v1/auctions?limit=0 HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), "400"),
        ("GET /v1/auctions?limit=101 HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), "400"),
    ] {
        let head = head_of_answer(&scene, &request).await?;
        assert_eq!(status(&head), expected, "{request:?}: {head}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_before_the_body_was_read_ends_the_connection_and_says_so() -> anyhow::Result<()>
{
    let scene = AccessFixture::new().await?;
    let post = |path: &str, bytes: usize| {
        let body = "x".repeat(bytes);
        format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
             content-length: {bytes}\r\n\r\n{body}"
        )
    };
    let twice_as_long = "POST /v1/registrations HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
        content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    for (request, expected, ends) in [
        // Of two lengths the chunks count, and nothing comes behind them (RFC 9112, section 6.3).
        (twice_as_long.to_owned(), "400", true),
        (post("/v1/registrations", 300_000), "413", true),
        (post("/v1/sync/pull", 20_000), "401", true),
        (post("/v1/nowhere", 20_000), "404", true),
        (post("/v1/registrations", 20), "400", false),
        ("GET /v1/nowhere HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), "404", false),
    ] {
        let head = head_of_answer(&scene, &request).await?;
        let line = request.lines().next().unwrap_or_default();
        assert_eq!(status(&head), expected, "{line}: {head}");
        assert_eq!(head.contains("\r\nconnection: close\r\n"), ends, "{line}: {head}");
    }
    Ok(())
}
