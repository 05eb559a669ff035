//! Wrong, doubled, late and lost bids: each gets a typed answer, none is decided twice.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::Signature;
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::auction::bidding::{Basis, BidRejection};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Decision;
use toruk_sync::verify::verify_receipts;
use toruk_tests::world::api_client::{ApiClient, bid_id};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// Longer than what must lie between two bids of one bidder.
const A_WHILE: TimeSpan = TimeSpan::seconds(2);

/// Says a bid differently and signs it again.
fn said(
    client: &ApiClient,
    view: &AuctionView,
    change: impl FnOnce(&mut PlaceBid),
) -> anyhow::Result<PlaceBid> {
    let mut bid = client.raise(view)?;
    change(&mut bid);
    Ok(client.sign(view, bid))
}

fn more(amount: Tyiyn, by: i64) -> Tyiyn {
    Tyiyn::new(amount.get() + by).unwrap()
}

/// A second valid signature over the same bytes, as a key that signs with random numbers makes it.
fn other_signature(signature: &str) -> anyhow::Result<String> {
    let signature = Signature::from_slice(&STANDARD.decode(signature)?)?;
    let (r, s) = signature.split_scalars();
    Ok(STANDARD.encode(Signature::from_scalars(r, -s)?.to_bytes()))
}

#[tokio::test]
async fn a_wrong_bid_is_refused_for_its_reason_and_stands_in_the_public_log() -> anyhow::Result<()>
{
    let (stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let open = stage.view().await?;
    let first = aida.raise(&open)?;
    let required = first.amount;
    let second = more(required, required.get() - first.basis.price.get());

    let ahead = Basis { round: 7, price: first.basis.price };
    let cheap = Basis { round: 0, price: more(first.basis.price, -1) };
    let wrong_first = [
        (said(aida, &open, |bid| bid.amount = more(required, 1))?, Wrong::amount(required)),
        (said(aida, &open, |bid| bid.amount = first.basis.price)?, Wrong::amount(required)),
        (said(aida, &open, |bid| bid.amount = Tyiyn::ZERO)?, Wrong::amount(required)),
        (said(aida, &open, |bid| bid.basis = ahead)?, BidRejection::StaleBasis),
        (said(aida, &open, |bid| bid.basis = cheap)?, BidRejection::StaleBasis),
        (said(aida, &open, |bid| bid.epoch = 1)?, BidRejection::Suspended),
    ];
    let mut expected = Vec::new();
    for (bid, reason) in wrong_first {
        check(&stage, aida, &open, &bid, Decision::Refused(reason)).await?;
        // Of one bidder's rejections for one reason a window logs the first.
        if expected.iter().all(|(_, known)| *known != reason) {
            expected.push((bid.bid, reason));
        }
    }
    check(&stage, aida, &open, &first, Decision::Accepted).await?;
    let led = stage.view().await?;
    let wrong_second = [
        (aida, aida.raise(&led)?, BidRejection::AlreadyLeading),
        (bek, bek.raise(&open)?, BidRejection::StaleBasis),
        (bek, said(bek, &led, |bid| bid.amount = required)?, Wrong::amount(second)),
    ];
    for (client, bid, reason) in wrong_second {
        check(&stage, client, &led, &bid, Decision::Refused(reason)).await?;
        expected.push((bid.bid, reason));
    }
    // No while between the last refusal and this one.
    let raise = bek.raise(&led)?;
    check(&stage, bek, &led, &raise, Decision::Accepted).await?;
    let view = stage.view().await?;
    let raise = aida.raise(&view)?;
    check(&stage, aida, &view, &raise, Decision::Accepted).await?;

    let log = stage.log().await?;
    let refused = log.iter().filter_map(|record| match record.event {
        Event::BidRefused { bid, reason, .. } => Some((bid, reason)),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), expected);
    let accepted = log.iter().filter(|record| matches!(record.event, Event::BidPlaced { .. }));
    assert_eq!(accepted.count(), 3);
    Ok(())
}

/// Converts refusals into words that a failed assertion shows.
struct Wrong;

impl Wrong {
    fn amount(required: Tyiyn) -> BidRejection {
        BidRejection::WrongAmount { required }
    }
}

/// Sends a bid, checks what became of it, and lets a while pass.
async fn check(
    stage: &OpenAuction,
    client: &ApiClient,
    view: &AuctionView,
    bid: &PlaceBid,
    expected: Decision,
) -> anyhow::Result<()> {
    let receipt = client.bid(view, bid).await?;
    assert_eq!(receipt.body.decision, expected, "{bid:?}");
    stage.clock.advance(A_WHILE);
    Ok(())
}

#[tokio::test]
async fn a_bidder_who_bids_too_fast_is_told_so() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let mut receipts = Vec::new();
    let attempts = (0..5).flat_map(|_| [(0, false), (1, false)]).chain([(0, true), (0, true)]);
    for (client, too_fast) in attempts {
        let view = stage.view().await?;
        let bid = clients[client].raise(&view)?;
        let receipt = clients[client].bid(&view, &bid).await?;
        let expected = match too_fast {
            true => Decision::Refused(BidRejection::RateLimited),
            false => Decision::Accepted,
        };
        assert_eq!(receipt.body.decision, expected);
        receipts.push(receipt);
    }
    // The log has the first such refusal, and the receipts of both can be checked.
    let (log, key) = (stage.log().await?, clients[0].session.receipt_key.parse()?);
    let verdict = verify_receipts(&log, &receipts, &key)?;
    assert_eq!((verdict.accepted, verdict.refused), (10, 1));
    Ok(())
}

#[tokio::test]
async fn a_bid_at_the_deadline_is_late_and_one_a_tick_before_is_not() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let deadline = view.auction.round.context("no round")?.deadline;
    stage.clock.set(deadline - Timestamp::TICK);
    let bid = clients[0].raise(&view)?;
    let receipt = clients[0].bid(&view, &bid).await?;
    assert_eq!(receipt.body.decision, Decision::Accepted);
    assert_eq!(receipt.body.received_at, deadline - Timestamp::TICK);

    let view = stage.view().await?;
    let deadline = receipt.body.deadline.context("no deadline")?;
    let late = Decision::Refused(BidRejection::DeadlinePassed);
    let (at_it, after_it, after_the_close) =
        (clients[1].raise(&view)?, clients[1].raise(&view)?, clients[1].raise(&view)?);
    stage.clock.set(deadline);
    let receipt = clients[1].bid(&view, &at_it).await?;
    assert_eq!((receipt.body.decision, receipt.body.received_at), (late, deadline));
    stage.clock.advance(Timestamp::TICK);
    assert_eq!(clients[1].bid(&view, &after_it).await?.body.decision, late);
    stage.play_until(deadline + TimeSpan::minutes(1)).await?;
    let closed = stage.log().await?;
    let receipt = clients[1].bid(&view, &after_the_close).await?;
    assert_eq!(receipt.body.decision, late, "whether the close is written must not show");
    assert_eq!(stage.log().await?, closed, "something was added after the close");
    let won = stage.view().await?;
    assert_eq!(won.auction.pending_award().map(|award| award.price), Some(bid.amount));
    Ok(())
}

#[tokio::test]
async fn a_bid_before_the_start_is_early() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let aida = stage.eligible("Aida").await?;
    let _bek = stage.eligible("Bek").await?;
    let terms = stage.terms().await?;
    stage.play_until(terms.start - Timestamp::TICK).await?;
    let view = stage.view().await?;
    let early = aida.sign(
        &view,
        PlaceBid {
            bid: bid_id(terms.start)?,
            epoch: 0,
            basis: Basis { round: 0, price: terms.value },
            amount: more(terms.value, terms.minimal_step.get()),
            client_sent_at: terms.start,
            signature: String::new(),
        },
    );
    let receipt = aida.bid(&view, &early).await?;
    assert_eq!(receipt.body.decision, Decision::Refused(BidRejection::NotStarted));
    stage.play_until(terms.start).await?;
    let view = stage.view().await?;
    let bid = aida.raise(&view)?;
    assert_eq!(aida.bid(&view, &bid).await?.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn one_id_stands_for_one_bid_and_has_one_receipt() -> anyhow::Result<()> {
    let (mut stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let view = stage.view().await?;
    let bid = aida.raise(&view)?;
    let first = aida.send(&view, &bid).await?;
    assert_eq!(first.status, 201);
    aida.receipt(&bid, &first)?;
    stage.clock.advance(A_WHILE);
    let again = aida.send(&view, &bid).await?;
    assert_eq!(again.receipt_bytes().context("no receipt")?, first.receipt_bytes().unwrap());

    // What was signed is the same: another signature over it, and another time of sending.
    let twin = PlaceBid { signature: other_signature(&bid.signature)?, ..bid.clone() };
    let later = PlaceBid { client_sent_at: bid.client_sent_at + A_WHILE, ..bid.clone() };
    for repeated in [twin, later] {
        let again = aida.send(&view, &repeated).await?;
        assert_eq!(again.receipt_bytes().context("no receipt")?, first.receipt_bytes().unwrap());
    }

    let other = aida.sign(&view, PlaceBid { amount: more(bid.amount, 1), ..bid.clone() });
    let reused = (409, ProblemCode::IdReused);
    assert_eq!(aida.send(&view, &other).await?.problem()?, reused);
    let taken = bek.sign(&view, bid.clone());
    assert_eq!(bek.send(&view, &taken).await?.problem()?, reused);
    let asked = format!("/v1/bids/{}", bid.bid);
    assert_eq!(bek.get(&asked).await?.problem()?, (404, ProblemCode::NotFound));

    // A refusal, too, is decided once: it does not turn into a raise when the price is right.
    let refused = said(bek, &view, |bid| bid.basis.round = 1)?;
    let before = bek.send(&view, &refused).await?;
    // The server stops and starts on what it had committed.
    stage.world.stop_server().await;
    stage.world.start_server().await?;
    for (client, bid, known) in [(aida, &bid, &first), (bek, &refused, &before)] {
        let after = client.send(&view, bid).await?;
        assert_eq!(after.receipt_bytes().context("no receipt")?, known.receipt_bytes().unwrap());
        let asked = client.get(&format!("/v1/bids/{}", bid.bid)).await?;
        assert_eq!(asked.receipt_bytes(), known.receipt_bytes());
    }
    let placed = stage.log().await?.into_iter();
    let placed = placed.filter(|record| matches!(record.event, Event::BidPlaced { .. }));
    assert_eq!(placed.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_stranger_and_a_forger_are_turned_away_and_nothing_is_decided() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let stranger = ApiClient::register(&stage.world, "Stranger").await?;
    let bid = stranger.raise(&view)?;
    assert_eq!(stranger.send(&view, &bid).await?.problem()?, (403, ProblemCode::Forbidden));

    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let bad_signature = (422, ProblemCode::BadSignature);
    let by_bek = bek.raise(&view)?;
    assert_eq!(aida.send(&view, &by_bek).await?.problem()?, bad_signature);
    let honest = aida.raise(&view)?;
    for signature in ["", "AAAA", "not base64", &by_bek.signature] {
        let forged = PlaceBid { signature: signature.to_owned(), ..honest.clone() };
        assert_eq!(aida.send(&view, &forged).await?.problem()?, bad_signature, "{signature}");
    }
    let tampered = PlaceBid { amount: more(honest.amount, 1), ..honest.clone() };
    assert_eq!(aida.send(&view, &tampered).await?.problem()?, bad_signature);
    let nobody = stage
        .world
        .http()?
        .post(format!("{}/v1/auctions/{}/bids", stage.world.origin, stage.auction));
    assert_eq!(nobody.json(&honest).send().await?.status(), 401);
    assert_eq!(stage.view().await?.seq, view.seq, "something was decided");
    // Each of these was an attempt.
    stage.clock.advance(A_WHILE);
    assert_eq!(aida.bid(&view, &honest).await?.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn of_two_bids_at_the_same_moment_exactly_one_leads() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(4).await?;
    for round in 0..6_usize {
        let view = stage.view().await?;
        // Nobody who leads takes part in the race.
        let rivals: Vec<_> = match round % 2 {
            0 => clients[..2].iter().collect(),
            _ => clients[2..].iter().collect(),
        };
        let (one, other) = (rivals[0].raise(&view)?, rivals[1].raise(&view)?);
        let (one, other) = tokio::join!(rivals[0].bid(&view, &one), rivals[1].bid(&view, &other));
        let mut decisions = [one?.body.decision, other?.body.decision];
        decisions.sort_by_key(|decision| *decision != Decision::Accepted);
        let stale = Decision::Refused(BidRejection::StaleBasis);
        assert_eq!(decisions, [Decision::Accepted, stale], "round {round}");
        stage.clock.advance(A_WHILE);
    }
    assert_eq!(stage.view().await?.auction.round.context("no round")?.number, 6);
    Ok(())
}

#[tokio::test]
async fn what_is_no_bid_is_malformed_and_nothing_is_decided() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let bid = clients[0].raise(&view)?;
    let good = serde_json::to_value(&bid)?;
    let with = |field: &str, raw: &str| {
        let mut bid = good.clone();
        bid[field] = serde_json::json!("HERE");
        bid.to_string().replace("\"HERE\"", raw)
    };
    let digits = |count: usize| "9".repeat(count);
    let large = BODY_BYTES_MAX - good.to_string().len() - 10;
    let malformed = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        good.to_string().replace('}', ""),
        with("amount", "-1"),
        with("amount", "1.5"),
        with("amount", "1e3"),
        with("amount", "NaN"),
        with("amount", "\"100\""),
        with("amount", "null"),
        with("amount", &digits(20)),
        with("amount", &digits(large)),
        with("basis", "{\"round\":0,\"price\":1,\"leader\":2}"),
        with("basis", "{\"round\":-1,\"price\":1}"),
        with("bid", "\"not an id\""),
        with("epoch", "4294967296"),
        with("leader", "1"),
        with("received_at", "0"),
        "[".repeat(10_000),
        format!("{{\"bid\":{}", "{\"bid\":".repeat(5_000)),
    ];
    let path = format!("/v1/auctions/{}/bids", stage.auction);
    for body in malformed {
        let shown: String = body.chars().take(80).collect();
        let problem = clients[0].post_raw(&path, body).await?.problem();
        assert_eq!(problem?, (400, ProblemCode::Malformed), "{shown}");
        stage.clock.advance(A_WHILE);
    }
    let too_large = (413, ProblemCode::TooLarge);
    let million = clients[0].post_raw(&path, with("amount", &digits(1_000_000))).await?;
    assert_eq!(million.problem()?, too_large);
    let padded = format!("{good}{}", " ".repeat(BODY_BYTES_MAX));
    assert_eq!(clients[0].post_raw(&path, padded).await?.problem()?, too_large);
    assert_eq!(stage.view().await?.seq, view.seq, "something was decided");
    let asked = clients[0].get(&format!("/v1/bids/{}", bid.bid)).await?;
    assert_eq!(asked.problem()?, (404, ProblemCode::NotFound));
    assert_eq!(clients[0].bid(&view, &bid).await?.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn a_bid_is_decided_even_if_its_bidder_hangs_up() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    for round in 0..6 {
        let (client, view) = (&clients[round % 2], stage.view().await?);
        let bid = client.raise(&view)?;
        drop(client.send_unread(&view, &bid).await?);
        let answer = until("the fate of a bid", || async {
            let answer = client.get(&format!("/v1/bids/{}", bid.bid)).await?;
            Ok((answer.status == 200).then_some(answer))
        });
        let answer = answer.await?;
        assert_eq!(client.receipt(&bid, &answer)?.body.decision, Decision::Accepted);
        let sent_again = client.send(&view, &bid).await?;
        assert_eq!(sent_again.receipt_bytes(), answer.receipt_bytes());
        stage.clock.advance(A_WHILE);
    }
    Ok(())
}
