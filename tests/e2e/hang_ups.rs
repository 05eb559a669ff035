//! A bid is decided by when its last byte was read, whatever its connection does afterwards and
//! whatever else the server is doing.

use anyhow::{Context as _, ensure};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::{Decision, ReceiptBody};
use toruk_tests::proof::wire::Ending;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;
use toruk_tests::world::watcher::{Watch, Watcher};

/// Bids of each way to end a connection.
const ROUNDS: usize = 12;
/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);
/// Far longer than an answer takes.
const LONG: Duration = Duration::from_secs(30);
/// Threads of the runtime that the server shares with the test.
const WORKERS: usize = 2;

/// The receipt, once the server has it.
async fn receipt(client: &ApiClient, bid: &PlaceBid) -> anyhow::Result<ReceiptBody> {
    let path = format!("/v1/bids/{}", bid.bid);
    let found = until("a bid whose sender has gone", || async {
        let answer = client.get(&path).await?;
        Ok((answer.status == 200).then_some(answer))
    });
    let found: Answer = found.await?;
    Ok(client.receipt(bid, &found)?.body)
}

#[tokio::test]
async fn a_bid_is_decided_whatever_its_connection_does_behind_the_last_byte() -> anyhow::Result<()>
{
    let (stage, clients) = OpenAuction::open(2).await?;
    for round in 0..ROUNDS {
        for ending in [Ending::Closed, Ending::Reset, Ending::HalfClosed] {
            let (view, client) = (stage.view().await?, &clients[round % 2]);
            let bid = client.raise(&view)?;
            let mut connection = client.send_unread(&view, &bid).await?;
            match ending {
                Ending::Closed => drop(connection),
                Ending::Reset => {
                    connection.set_zero_linger()?;
                    drop(connection);
                }
                Ending::HalfClosed => {
                    connection.shutdown().await?;
                    let mut said = String::new();
                    timeout(LONG, connection.read_to_string(&mut said)).await??;
                    ensure!(said.starts_with("HTTP/1.1 20"), "round {round}: {said:?}");
                }
            }
            let body = receipt(client, &bid).await.with_context(|| format!("{ending:?}"))?;
            let leads = Decision::Refused(BidRejection::AlreadyLeading);
            let expected = if ending == Ending::Closed { Decision::Accepted } else { leads };
            assert_eq!(body.decision, expected, "round {round}, {ending:?}");
            stage.clock.advance(A_WHILE);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_ends_with_the_client_and_leaves_its_place() -> anyhow::Result<()> {
    let (stage, _) = OpenAuction::open(2).await?;
    let watch = Watch::auction(stage.auction, None);
    let port: u16 = stage.world.origin.rsplit(':').next().context("no port")?.parse()?;
    let mut half_closed = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    half_closed.write_all(watch.request(port).as_bytes()).await?;
    half_closed.shutdown().await?;
    let mut said = String::new();
    timeout(LONG, half_closed.read_to_string(&mut said)).await.context("it goes on")??;
    ensure!(said.starts_with("HTTP/1.1 200"), "{said}");
    // Others go on.
    let mut watcher = Watcher::open(&stage.world.origin, &watch).await?;
    ensure!(watcher.next().await?.is_some(), "nothing to see");
    Ok(())
}

/// Who listens to a stream and writes something behind the request sends no bid, and none waits for
/// it.
#[tokio::test]
async fn bytes_behind_a_stream_hold_up_nobody() -> anyhow::Result<()> {
    let (stage, _) = OpenAuction::open(2).await?;
    let watch = Watch::auction(stage.auction, None);
    let port: u16 = stage.world.origin.rsplit(':').next().context("no port")?.parse()?;
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(watch.request(port).as_bytes()).await?;
    let mut frames = vec![0; 4096];
    // The head, and what came after HTTP had nothing more to write.
    for _ in 0..2 {
        ensure!(timeout(LONG, stream.read(&mut frames)).await?? > 0, "it ended");
        stage.clock.advance(A_WHILE);
    }
    let arrivals = &stage.world.state().context.arrivals;
    for _ in 0..8 {
        stream.write_all(b"x").await?;
        // The one thread that reads takes them in their order: it has read that byte by then.
        stage.view().await?;
        assert_eq!(arrivals.waiting(), 0);
    }
    Ok(())
}

/// Sends a bid from a thread that is none of the runtime's.
fn send(client: &ApiClient, view: &AuctionView, bid: &PlaceBid) -> anyhow::Result<TcpStream> {
    let request = client.bid_request(view, bid);
    let port: u16 = client.origin.rsplit(':').next().context("no port")?.parse()?;
    let mut connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.write_all(request.as_bytes())?;
    Ok(connection)
}

fn hear(mut connection: TcpStream) -> anyhow::Result<ReceiptBody> {
    connection.set_read_timeout(Some(LONG))?;
    connection.shutdown(std::net::Shutdown::Write)?;
    let mut said = String::new();
    connection.read_to_string(&mut said)?;
    let (_, body) = said.split_once("\r\n\r\n").context("no body")?;
    Ok(serde_json::from_str::<BidReply>(body)?.receipt.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stamps_are_in_the_order_of_arrival_while_nobody_has_time_for_the_bids()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(3).await?;
    // Once before, so that what is read for a first bid is known.
    for client in &clients {
        let view = stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
        stage.clock.advance(A_WHILE);
    }
    let view = stage.view().await?;
    let bids = clients.iter().map(|client| client.raise(&view)).collect::<Result<Vec<_>, _>>()?;
    let arrivals = stage.world.state().context.arrivals.clone();
    // No thread is left that handles requests.
    let (started, is_started) = mpsc::channel();
    let mut releases = Vec::new();
    for _ in 0..WORKERS {
        let (release, is_released) = mpsc::channel::<()>();
        releases.push(release);
        let started = started.clone();
        tokio::spawn(async move {
            // An error means that the test is over.
            let _ = started.send(());
            let _ = is_released.recv();
        });
    }
    for _ in 0..WORKERS {
        is_started.recv_timeout(LONG)?;
    }
    let (mut connections, mut sent_at) = (Vec::new(), Vec::new());
    for (no, (client, bid)) in clients.iter().zip(&bids).enumerate() {
        sent_at.push(toruk_tests::world::clock::Clock::now(&*stage.clock));
        connections.push(send(client, &view, bid)?);
        while arrivals.waiting() <= no {
            std::thread::yield_now();
        }
        stage.clock.advance(TimeSpan::milliseconds(10));
        assert_eq!(arrivals.looked_at_to(), sent_at[0], "a close would not wait for the first");
    }
    drop(releases);
    let heard: anyhow::Result<Vec<_>> = connections.into_iter().map(hear).collect();
    let heard = heard?;
    let stamps: Vec<_> = heard.iter().map(|body| body.received_at).collect();
    assert_eq!(stamps, sent_at);
    let accepted: Vec<_> = heard.iter().map(|it| it.decision == Decision::Accepted).collect();
    assert_eq!(accepted, [true, false, false]);
    until("nothing waits", || async { Ok((arrivals.waiting() == 0).then_some(())) }).await
}
