//! Clients that hold sockets instead of using them: they are let go, and nobody else notices.

use anyhow::{Context as _, ensure};
use futures_util::future::{join_all, try_join_all};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};
use toruk_server::config::ClientTimeouts;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::Decision;
use toruk_tests::world::open_auction::OpenAuction;

/// Sockets that say nothing at all.
const SILENT: usize = 1_500;
/// Connections asked for at once: fewer than the system keeps for a listener.
const AT_ONCE: usize = 100;
/// Sockets that send a byte now and then, of a head or of a body.
const DRIBBLING: usize = 250;
/// Pause of a dripping client between two bytes.
const DRIP: Duration = Duration::from_millis(400);
/// Far longer than the server's patience in these tests.
const LONG: Duration = Duration::from_secs(30);
/// A bid in a crowd of such sockets is answered within this, on a busy machine and unoptimised.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

const TIMEOUTS: ClientTimeouts = ClientTimeouts {
    head: Duration::from_secs(2),
    body: Duration::from_secs(2),
    pace: 1_000_000,
    answer: Duration::from_secs(2),
};

async fn impatient(
    bidders: usize,
) -> anyhow::Result<(OpenAuction, Vec<toruk_tests::world::api_client::ApiClient>)> {
    let (mut stage, clients) = OpenAuction::open(bidders).await?;
    stage.world.stop_server().await;
    stage.world.config.timeouts = TIMEOUTS;
    stage.world.start_server().await?;
    Ok((stage, clients))
}

async fn connect(stage: &OpenAuction) -> anyhow::Result<TcpStream> {
    let address = stage.world.origin.strip_prefix("http://").context("no address")?;
    Ok(TcpStream::connect(address.replace("localhost", "127.0.0.1")).await?)
}

/// Sends `text` a byte at a time until the server closes; what it said.
async fn dribble(mut socket: TcpStream, head: &str, text: &str) -> anyhow::Result<String> {
    socket.write_all(head.as_bytes()).await?;
    let (mut reader, mut writer) = socket.split();
    let mut said = Vec::new();
    let drip = async {
        let mut drops = interval(DRIP);
        for byte in text.bytes().cycle() {
            drops.tick().await;
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let read = async {
        // A reset after the answer is as good as an end.
        let _ = reader.read_to_end(&mut said).await;
    };
    tokio::select! {
        () = drip => {}
        done = timeout(LONG, read) => done.context("the server waits for ever")?,
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_body_that_drips_is_answered_and_given_up() -> anyhow::Result<()> {
    let (stage, clients) = impatient(2).await?;
    let head = format!(
        "POST /v1/auctions/{}/bids HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 60000\r\n\r\n",
        stage.auction, clients[0].session.token
    );
    let before = stage.view().await?.seq;
    let said = dribble(connect(&stage).await?, &head, "{ ").await?;
    ensure!(said.starts_with("HTTP/1.1 408"), "{said}");
    let (_, body) = said.split_once("\r\n\r\n").context("no body")?;
    let problem: ProblemBody = serde_json::from_str(body)?;
    assert_eq!(problem.code, ProblemCode::TooSlow);
    assert_eq!(stage.view().await?.seq, before, "something was decided");
    Ok(())
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() -> anyhow::Result<()> {
    let (stage, _) = impatient(2).await?;
    let mut socket = connect(&stage).await?;
    let long = format!("GET /v1/time HTTP/1.1\r\nhost: localhost\r\nx: {}", "x".repeat(64 * 1024));
    // The server may have closed before all of it was sent.
    let _ = socket.write_all(long.as_bytes()).await;
    let mut said = String::new();
    let _ = timeout(LONG, socket.read_to_string(&mut said)).await?;
    ensure!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
    Ok(())
}

#[tokio::test]
async fn bidders_do_not_notice_thousands_of_idle_and_dribbling_sockets() -> anyhow::Result<()> {
    let (stage, clients) = impatient(2).await?;
    let mut silent = Vec::new();
    for _ in 0..SILENT / AT_ONCE {
        silent.extend(try_join_all((0..AT_ONCE).map(|_| connect(&stage))).await?);
    }
    let dribblers = try_join_all((0..DRIBBLING).map(|_| connect(&stage))).await?;
    let dribbling = tokio::spawn(async move {
        let heads = ["GET /v1/time HTTP/1.1\r\nhost: a\r\nx: ", "GET /"];
        let all = dribblers.into_iter().zip(heads.into_iter().cycle());
        let closed = join_all(all.map(|(socket, head)| dribble(socket, head, "x"))).await;
        closed.into_iter().filter(Result::is_ok).count()
    });
    for round in 0..12 {
        let view = stage.view().await?;
        let client = &clients[round % 2];
        let bid = client.raise(&view)?;
        let sent = Instant::now();
        let receipt = client.bid(&view, &bid).await?;
        assert_eq!(receipt.body.decision, Decision::Accepted);
        ensure!(sent.elapsed() < ANSWERED_WITHIN, "answered after {:?}", sent.elapsed());
        stage.clock.advance(TimeSpan::seconds(2));
    }
    assert_eq!(dribbling.await?, DRIBBLING, "the server still holds dribbling sockets");
    for mut socket in silent {
        let mut rest = Vec::new();
        // Closed or reset: gone.
        let _ = timeout(LONG, socket.read_to_end(&mut rest)).await.context("held for ever")?;
    }
    Ok(())
}
