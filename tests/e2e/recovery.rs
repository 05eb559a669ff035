//! Bids after a recovery of the account: the new key waits, the old ones do not.

use anyhow::Context as _;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::Decision;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;

/// What the sandbox's rules say.
const COOLDOWN: TimeSpan = TimeSpan::hours(1);

#[tokio::test]
async fn a_recovered_key_and_what_it_adds_wait_before_their_first_bid() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let aida = stage.eligible("Аида").await?;
    let bek = stage.eligible("Бек").await?;
    let start = stage.terms().await?.start;
    stage.play_until(start - TimeSpan::minutes(50)).await?;
    let recovered = aida.recovered(&stage.world).await?;
    // Added by an old key it bids at once; added by a recovered one it waits with it.
    let tablet = aida.next(&aida.next_device_code().await?).await?;
    let added = recovered.next(&recovered.next_device_code().await?).await?;
    stage.play_until(start).await?;
    let until = start - TimeSpan::minutes(50) + COOLDOWN;
    for client in [&recovered, &added] {
        refused(&stage, client, until).await?;
    }
    accepted(&stage, &tablet).await?;
    accepted(&stage, &bek).await?;
    accepted(&stage, &aida).await?;

    // A tick before its time, and at it; also with another session of the same key.
    accepted(&stage, &bek).await?;
    stage.clock.set(start + TimeSpan::minutes(4));
    accepted(&stage, &aida).await?;
    stage.clock.set(start + TimeSpan::minutes(8));
    accepted(&stage, &bek).await?;
    stage.clock.set(until - Timestamp::TICK);
    refused(&stage, &recovered, until).await?;
    stage.clock.set(until);
    accepted(&stage, &recovered).await?;
    stage.clock.advance(TimeSpan::seconds(2));
    accepted(&stage, &bek).await?;
    stage.clock.advance(TimeSpan::seconds(2));
    accepted(&stage, &added).await
}

async fn refused(stage: &OpenAuction, client: &ApiClient, until: Timestamp) -> anyhow::Result<()> {
    let view = stage.view().await?;
    let sent = client.send(&view, &client.raise(&view)?).await?;
    let problem: ProblemBody = serde_json::from_str(&sent.body)?;
    assert_eq!((sent.status, problem.code), (403, ProblemCode::KeyCooldown));
    assert_eq!(problem.params.get("until").context("no moment")?, &until.0.to_string());
    Ok(())
}

async fn accepted(stage: &OpenAuction, client: &ApiClient) -> anyhow::Result<()> {
    let view = stage.view().await?;
    let receipt = client.bid(&view, &client.raise(&view)?).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);
    stage.clock.advance(TimeSpan::seconds(1));
    Ok(())
}
