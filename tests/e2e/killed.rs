//! The real server process, killed between its commit and its answer.

use anyhow::{Context as _, ensure};
use std::process::{Child, Command, Stdio};
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_sync::domain::auction::Event;
use toruk_sync::receipt::Decision;
use toruk_tests::stage::Stage;
use toruk_tests::world::until;

/// A server's process. Dropped, it is killed.
struct Process(Child);

impl Process {
    /// Serves what the stage's own server has left behind, at the same address.
    async fn serve(stage: &Stage) -> anyhow::Result<Self> {
        // Cargo builds it beside the tests: `cargo build -p toruk-server`.
        let tests = std::env::current_exe()?;
        let built = tests.parent().and_then(|folder| folder.parent()).context("no build folder")?;
        let binary = built.join("toruk");
        ensure!(binary.exists(), "{} is not built", binary.display());
        let world = &stage.world;
        let address = world.origin.replace("http://localhost", "127.0.0.1");
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &address, "--public-origin", &world.origin]);
        command.arg("--data-dir").arg(&world.config.data_dir).env("RUST_LOG", "error");
        command.env("TORUK_DATABASE_URL", &world.config.database_url);
        let mut process = Self(command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?);
        let (http, url) = (world.http()?, format!("{}/readyz", world.origin));
        until("the process", || {
            let exited = process.0.try_wait();
            let asked = http.get(&url).send();
            async {
                ensure!(exited?.is_none(), "the server ended by itself");
                Ok(asked.await.is_ok_and(|answer| answer.status().is_success()).then_some(()))
            }
        })
        .await?;
        Ok(process)
    }

    /// `kill -9`.
    fn kill(&mut self) -> anyhow::Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only fails when it is dead.
        let _ = self.kill();
    }
}

#[tokio::test]
async fn a_bid_committed_by_a_server_that_was_killed_before_it_answered_is_found_by_its_id()
-> anyhow::Result<()> {
    // The process has a real clock, so the auction has to be open by real time.
    let (mut stage, clients) = Stage::open_at(SystemClock::start().now(), 3).await?;
    stage.world.stop_server().await;
    for (round, client) in clients.iter().enumerate() {
        let mut process = Process::serve(&stage).await?;
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

        let _process = Process::serve(&stage).await?;
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
    let (mut stage, clients) = Stage::open_at(SystemClock::start().now(), 4).await?;
    stage.world.stop_server().await;
    for (round, client) in clients.iter().enumerate() {
        let mut process = Process::serve(&stage).await?;
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        let unread = client.send_unread(&view, &bid).await?;
        // Other requests take their time meanwhile: each round dies at another moment.
        for _ in 0..round {
            stage.view().await?;
        }
        process.kill()?;
        drop(unread);

        let _process = Process::serve(&stage).await?;
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
