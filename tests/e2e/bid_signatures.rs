//! A bid's signature holds for one bidder and one phone.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use toruk_server::entity::device;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Decision;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::device_key::signature;
use toruk_tests::world::open_auction::OpenAuction;

/// Longer than what must lie between two bids of one bidder, and than a session is believed.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);
/// The answer to a bid that the phone did not sign for this bidder.
const BAD_SIGNATURE: (u16, ProblemCode) = (422, ProblemCode::BadSignature);

/// Changes a bidder's phone as no route can.
async fn change(
    stage: &mut OpenAuction,
    of: &ApiClient,
    row: device::ActiveModel,
) -> anyhow::Result<()> {
    let db = &stage.world.state().context.db;
    let txn = db.begin().await?;
    device::ActiveModel { id: Set(of.session.device.0), ..row }.update(&txn).await?;
    db.commit(txn).await?;
    stage.clock.advance(A_WHILE);
    Ok(())
}

/// A raise as phones of the last version sign it.
fn raise_v1(client: &ApiClient, stage: &OpenAuction, raise: &PlaceBid) -> PlaceBid {
    let signature = signature(&client.key, &raise.package_v1(stage.auction));
    PlaceBid { signature, ..raise.clone() }
}

#[tokio::test]
async fn a_signed_bid_is_spent_by_its_own_bidder_only() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    // Bek's phone has Aida's public key, as it could be registered before.
    let public_key = aida.key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    let row = device::ActiveModel { public_key: Set(public_key), ..Default::default() };
    change(&mut stage, bek, row).await?;
    let view = stage.view().await?;
    let signed = aida.raise(&view)?;
    assert_eq!(bek.send(&view, &signed).await?.problem()?, BAD_SIGNATURE);
    assert_eq!(stage.view().await?.seq, view.seq, "something was decided");
    assert_eq!(aida.bid(&view, &signed).await?.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn the_first_form_of_a_bid_is_taken_only_from_a_phone_that_proved_no_key()
-> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let view = stage.view().await?;
    let bid = raise_v1(aida, &stage, &aida.raise(&view)?);
    assert_eq!(aida.send(&view, &bid).await?.problem()?, BAD_SIGNATURE);

    let row = device::ActiveModel { signs_v1: Set(true), ..Default::default() };
    change(&mut stage, aida, row.clone()).await?;
    assert_eq!(aida.bid(&view, &bid).await?.body.decision, Decision::Accepted);
    // The same request again gets the same receipt, and an updated app signs the second form.
    assert_eq!(aida.send(&view, &bid).await?.status, 201);
    change(&mut stage, bek, row).await?;
    let view = stage.view().await?;
    assert_eq!(bek.bid(&view, &bek.raise(&view)?).await?.body.decision, Decision::Accepted);
    Ok(())
}
