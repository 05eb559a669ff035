//! Many bids at once: one order, nothing lost, nothing twice.

use anyhow::Context as _;
use futures_util::future::try_join_all;
use reqwest::Method;
use std::collections::BTreeMap;
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::id::BidId;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::identity::Devices;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Decision;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::random_uuid;
use toruk_tests::world::open_auction::OpenAuction;

/// Copies of one bid that arrive together.
const COPIES: usize = 20;

#[tokio::test]
async fn a_crowd_is_decided_in_one_order_and_every_receipt_says_where() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(12).await?;
    let view = stage.view().await?;
    let bids: Vec<PlaceBid> =
        clients.iter().map(|one| one.raise(&view)).collect::<Result<_, _>>()?;
    let sent = clients.iter().zip(&bids).map(|(client, bid)| client.bid(&view, bid));
    let receipts = try_join_all(sent).await?;

    let log = stage.log().await?;
    assert!(log.iter().zip(1..).all(|(record, seq)| record.seq == seq), "a gap");
    let mut by_seq = BTreeMap::new();
    for receipt in &receipts {
        let body = &receipt.body;
        assert!(by_seq.insert(body.seq, body.clone()).is_none(), "two receipts of one place");
        let record = log.get(usize::try_from(body.seq)? - 1).context("beyond the log")?;
        let (bid, received_at, accepted) = match &record.event {
            Event::BidPlaced { bid, received_at, .. } => (*bid, *received_at, true),
            Event::BidRefused { bid, received_at, .. } => (*bid, *received_at, false),
            other => panic!("{other:?} instead of a bid"),
        };
        assert_eq!((bid, received_at), (body.bid, body.received_at));
        assert_eq!(accepted, body.decision == Decision::Accepted);
    }
    let decisions: Vec<_> = by_seq.values().map(|body| body.decision).collect();
    let stale = Decision::Refused(BidRejection::StaleBasis);
    assert_eq!(decisions[0], Decision::Accepted);
    assert!(decisions[1..].iter().all(|decision| *decision == stale), "{decisions:?}");
    let stamps: Vec<_> = by_seq.values().map(|body| body.received_at).collect();
    assert!(stamps.is_sorted_by(|one, next| one < next), "stamps do not follow the log");
    Ok(())
}

#[tokio::test]
async fn copies_of_one_bid_that_arrive_together_have_one_effect_and_one_receipt()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let bid = clients[0].raise(&view)?;
    let copies = (0..COPIES).map(|_| clients[0].send(&view, &bid));
    let answers = try_join_all(copies).await?;
    // A participant has two places at a time; a copy that finds none gets "busy".
    let (decided, busy): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.receipt_bytes().is_some());
    assert!(busy.iter().all(|it| it.problem().unwrap() == (503, ProblemCode::Busy)));
    let receipts: Vec<_> = decided.iter().map(|answer| answer.receipt_bytes()).collect();
    assert!(!receipts.is_empty() && receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(stage.view().await?.seq, view.seq + 1);
    // The same name for something else is nobody's bid.
    let other = clients[1].sign(&view, PlaceBid { bid: bid.bid, ..clients[1].raise(&view)? });
    let answer = clients[1].send(&view, &other).await?;
    assert_eq!(answer.problem()?, (409, ProblemCode::IdReused));
    Ok(())
}

#[tokio::test]
async fn a_bid_whose_name_is_not_time_ordered_is_malformed() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let odd = PlaceBid { bid: BidId(random_uuid()?), ..clients[0].raise(&view)? };
    let odd = clients[0].sign(&view, odd);
    let answer = clients[0].send(&view, &odd).await?;
    assert_eq!(answer.problem()?.1, ProblemCode::Malformed);
    assert_eq!(stage.view().await?.seq, view.seq, "something was decided");
    Ok(())
}

#[tokio::test]
async fn a_phone_that_was_shut_out_bids_no_more() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let view = stage.view().await?;
    let bid = aida.raise(&view)?;
    assert_eq!(aida.bid(&view, &bid).await?.body.decision, Decision::Accepted);
    let devices: Devices = aida.get("/v1/devices").await?.json()?;
    let own = devices.items.iter().find(|device| device.is_this).context("no phone")?;
    // Only the phone itself ends like this.
    let path = format!("/v1/devices/{}", own.id);
    let foreign = bek.request(Method::DELETE, &path).send().await?;
    assert_eq!(Answer::read(foreign).await?.status, 403);
    let gone = aida.request(Method::DELETE, &path).send().await?;
    assert_eq!(Answer::read(gone).await?.status, 200);

    let view = stage.view().await?;
    let late = aida.raise(&view)?;
    assert_eq!(aida.send(&view, &late).await?.problem()?, (401, ProblemCode::DeviceRevoked));
    assert_eq!(stage.view().await?.seq, view.seq, "something was decided");
    let raise = bek.raise(&view)?;
    assert_eq!(bek.bid(&view, &raise).await?.body.decision, Decision::Accepted);
    Ok(())
}
