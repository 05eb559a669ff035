//! A PostgreSQL that drops all its connections, as when it restarts. On SQLite there is nothing to
//! drop.

use crate::two_nodes::log;
use crate::two_nodes::{check, settle};
use anyhow::Context as _;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::receipt::Decision;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres::{self, connect};

/// Bids during which the connections are dropped.
const ROUNDS: usize = 24;
/// Requests that go on while they are dropped.
const READS: usize = 3;

const SEVER: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bid_is_lost_or_doubled_when_the_database_drops_its_connections() -> anyhow::Result<()> {
    if !postgres::is_chosen() {
        return Ok(());
    }
    let (stage, clients) = OpenAuction::open(2).await?;
    let owner = connect(stage.world.owner_url().context("no owner")?).await?;
    let (mut receipts, mut unclear) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        let client = &clients[round % 2];
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        let (answer, severed) = tokio::join!(client.send(&view, &bid), sever(&owner, round));
        severed?;
        let receipt = match client.receipt(&bid, &answer?) {
            Ok(receipt) => receipt,
            Err(_) => {
                unclear += 1;
                settle(client, &view, &bid).await?
            }
        };
        assert_eq!(receipt.body.decision, Decision::Accepted, "round {round}");
        receipts.push(receipt);
        stage.clock.advance(TimeSpan::seconds(2));
        let (http, origin) = (stage.world.http()?, &stage.world.origin);
        for _ in 0..READS {
            // Reads that were cut off may fail; the next one must not.
            let _cut = http.get(format!("{origin}/v1/auctions")).send().await?;
        }
        let listed = http.get(format!("{origin}/v1/auctions")).send().await?;
        assert_eq!(listed.status(), 200, "round {round}");
    }
    let log = log(&stage.world.http()?, &stage.world.origin, stage.auction).await?;
    check(&log, &receipts, stage.auction)?;
    println!("{ROUNDS} bids, {unclear} of them unclear at first, none lost");
    Ok(())
}

/// Drops all connections to the stage's database, a little later in each round.
async fn sever(owner: &DatabaseConnection, round: usize) -> anyhow::Result<()> {
    for _ in 0..round {
        tokio::task::yield_now().await;
    }
    if round % 3 == 2 {
        owner.execute_unprepared("SELECT pg_sleep(0.005)").await?;
    }
    owner.execute_unprepared(SEVER).await?;
    Ok(())
}
