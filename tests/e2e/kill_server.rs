//! The real server process, killed between its commit and its answer.

use anyhow::Context as _;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::auction::Event;
use toruk_sync::receipt::Decision;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::process::NodeProcess;
use toruk_tests::world::until;

#[tokio::test]
async fn a_bid_committed_by_a_server_that_was_killed_before_it_answered_is_found_by_its_id()
-> anyhow::Result<()> {
    // The process has a real clock, so the auction has to be open by real time.
    let (mut stage, clients) = OpenAuction::open_at(SystemClock::start().now(), 3).await?;
    // The stage was set while its clock stood still; to the process that would be an outage.
    stage.clock.set(SystemClock::start().now());
    stage.world.stop_server().await;
    for (round, client) in clients.iter().enumerate() {
        let mut process = NodeProcess::serve(&stage.world).await?;
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        let unread = client.send_unread(&view, &bid).await?;
        until("the commit", || async {
            let log = stage.log().await?;
            let committed = log.iter().any(
                |record| matches!(record.event, Event::BidPlaced { bid: id, .. } if id == bid.bid),
            );
            Ok(committed.then_some(()))
        })
        .await?;
        process.kill()?;
        drop(unread);

        let _process = NodeProcess::serve(&stage.world).await?;
        let asked = client.get(&format!("/v1/bids/{}", bid.bid)).await?;
        let receipt = client.receipt(&bid, &asked)?;
        assert_eq!(receipt.body.decision, Decision::Accepted);
        let again = client.send(&view, &bid).await?;
        assert_eq!(again.receipt_bytes(), asked.receipt_bytes(), "one id, two receipts");
        let log = stage.log().await?;
        let placed = log.iter().filter(|record| matches!(record.event, Event::BidPlaced { .. }));
        assert_eq!(placed.count(), round + 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_server_killed_at_any_moment_knows_a_bid_or_has_never_seen_it() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open_at(SystemClock::start().now(), 4).await?;
    stage.clock.set(SystemClock::start().now());
    stage.world.stop_server().await;
    for (round, client) in clients.iter().enumerate() {
        let mut process = NodeProcess::serve(&stage.world).await?;
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        let unread = client.send_unread(&view, &bid).await?;
        // Other requests take their time meanwhile: each round dies at another moment.
        for _ in 0..round {
            stage.view().await?;
        }
        process.kill()?;
        drop(unread);

        let _process = NodeProcess::serve(&stage.world).await?;
        let asked = client.get(&format!("/v1/bids/{}", bid.bid)).await?;
        let sent = client.send(&view, &bid).await?;
        let receipt = client.receipt(&bid, &sent)?;
        assert_eq!(receipt.body.decision, Decision::Accepted);
        if asked.status == 200 {
            assert_eq!(sent.receipt_bytes(), asked.receipt_bytes(), "one id, two receipts");
        } else {
            assert_eq!(asked.status, 404, "{asked:?}");
        }
        assert_eq!(stage.view().await?.auction.round.context("no round")?.number, round as u64 + 1);
    }
    Ok(())
}
