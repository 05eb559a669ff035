//! A database that has lost acknowledged records: the server says so, and goes on only when told.

use anyhow::{Context as _, ensure};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseConnection,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use toruk_server::db::witness;
use toruk_server::entity::{auction, auction_event, audit_event, bid_receipt};
use toruk_server::state;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Event, Status, SuspendedBy, SuspensionCause};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Decision;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::postgres::{self, connect};
use toruk_tests::world::until;

/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);

async fn owner(stage: &OpenAuction) -> anyhow::Result<DatabaseConnection> {
    connect(stage.world.owner_url().unwrap_or(&stage.world.config.database_url)).await
}

async fn row(stage: &OpenAuction) -> anyhow::Result<auction::Model> {
    let db = owner(stage).await?;
    auction::Entity::find_by_id(stage.auction.0).one(&db).await?.context("no auction")
}

/// Each raises once; returns the last bid.
async fn raise(stage: &OpenAuction, clients: &[ApiClient]) -> anyhow::Result<PlaceBid> {
    let mut last = None;
    for client in clients {
        let view = stage.view().await?;
        let bid = client.raise(&view)?;
        assert_eq!(client.bid(&view, &bid).await?.body.decision, Decision::Accepted);
        stage.clock.advance(A_WHILE);
        last = Some(bid);
    }
    let seq = stage.view().await?.seq;
    until("the witness has written it", || async {
        let heads = witness::read(&stage.world.config.data_dir)?;
        Ok(heads.get(&stage.auction.0).filter(|head| head.seq == seq).map(drop))
    })
    .await?;
    last.context("no bid")
}

/// Takes everything after `before` out of the database, as if it had never been written.
async fn cut(stage: &OpenAuction, before: &auction::Model) -> anyhow::Result<()> {
    let db = owner(stage).await?;
    for table in ["auction_event", "bid_receipt"] {
        let open = match postgres::is_chosen() {
            true => format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            false => format!("DROP TRIGGER IF EXISTS {table}_no_DELETE"),
        };
        db.execute_unprepared(&open).await?;
    }
    let lost = auction_event::Column::Seq.gt(before.seq);
    let of_auction = auction_event::Column::Auction.eq(before.id);
    auction_event::Entity::delete_many().filter(of_auction).filter(lost).exec(&db).await?;
    let of_auction = bid_receipt::Column::Auction.eq(before.id);
    bid_receipt::Entity::delete_many().filter(of_auction).exec(&db).await?;
    before.clone().into_active_model().reset_all().update(&db).await?;
    Ok(())
}

#[tokio::test]
async fn a_server_does_not_start_on_a_shortened_log_unless_the_loss_is_accepted()
-> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let before = row(&stage).await?;
    let lost = raise(&stage, &clients).await?;
    stage.world.stop_server().await;
    cut(&stage, &before).await?;

    let refused = stage.world.start_server().await.err().context("it started")?;
    let (text, from) = (format!("{refused:#}"), before.seq + 1);
    for part in [&before.number, &format!("records {from} to {} are missing", from + 1)] {
        ensure!(text.contains(part.as_str()), "{part}: {text}");
    }
    // Nothing was added to the log that is left.
    assert_eq!(row(&stage).await?, before);
    let state = state::open(stage.world.config.clone(), stage.world.ports()?).await?;
    ensure!(toruk_server::new_epoch(&state, false).await.is_err(), "not asked for");
    toruk_server::new_epoch(&state, true).await?;
    drop(state);

    for _ in 0..2 {
        stage.world.start_server().await?;
        let view = stage.view().await?;
        let suspension = view.auction.suspension.clone().context("the clock still runs")?;
        assert_eq!((suspension.cause, suspension.resume_at), (SuspensionCause::Outage, None));
        stage.world.stop_server().await;
    }
    stage.world.start_server().await?;
    let log = stage.log().await?;
    let by = SuspendedBy::Watchdog;
    let last = &log.last().context("no log")?.event;
    ensure!(matches!(last, Event::Suspended { by: it, .. } if *it == by), "{last:?}");
    let asked = clients[1].get(&format!("/v1/bids/{}", lost.bid)).await?;
    assert_eq!(asked.problem()?, (404, ProblemCode::NotFound));
    let view = stage.view().await?;
    let bid = clients[0].sign(&view, PlaceBid { client_sent_at: view.server_time, ..lost });
    let body = clients[0].bid(&view, &bid).await?.body;
    assert_eq!(body.decision, Decision::Refused(BidRejection::Suspended));
    let trail = audit_event::Entity::find()
        .filter(audit_event::Column::Detail.contains("\"lost\""))
        .all(&owner(&stage).await?)
        .await?;
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0].object, format!("auction:{}", stage.auction));
    Ok(())
}

#[tokio::test]
async fn an_auction_that_falls_behind_while_the_server_runs_is_neither_decided_nor_closed()
-> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let before = row(&stage).await?;
    let view = stage.view().await?;
    raise(&stage, &clients).await?;
    // As a standby does that had not received everything.
    cut(&stage, &before).await?;
    let bid = clients[0].raise(&view)?;
    assert_eq!(clients[0].send(&view, &bid).await?.problem()?, (503, ProblemCode::Busy));
    let deadline = view.auction.round.context("no round")?.deadline;
    stage.clock.set(deadline + TimeSpan::minutes(1));
    let state = stage.world.state().clone();
    assert_eq!(state.auctions.tick_due().await?, 0, "it was closed");
    assert_eq!(stage.view().await?.auction.status, Status::Bidding);
    drop(state);
    stage.world.stop_server().await;
    ensure!(stage.world.start_server().await.is_err(), "it started");
    Ok(())
}

#[tokio::test]
async fn without_a_witness_a_new_one_is_started_and_a_torn_one_is_read() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let before = row(&stage).await?;
    raise(&stage, &clients).await?;
    stage.world.stop_server().await;
    let folder = stage.world.config.data_dir.join("witness");
    let file = folder.join("0");
    let mut text = std::fs::read(&file)?;
    text.extend_from_slice(b"\n0192 half a li");
    std::fs::write(&file, text)?;
    stage.world.start_server().await?;
    stage.world.stop_server().await;
    // What is lost together with the witness can't be shown.
    std::fs::remove_dir_all(&folder)?;
    cut(&stage, &before).await?;
    stage.world.start_server().await?;
    ensure!(file.exists(), "no new witness");
    Ok(())
}
