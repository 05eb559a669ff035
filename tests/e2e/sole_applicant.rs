//! A sole applicant where the rules offer them the lot at the start price, without bidding.

use anyhow::{Context as _, ensure};
use toruk_server::auction::OfficialAction;
use toruk_sync::domain::auction::{Event, Failure, Status};
use toruk_sync::domain::deposit;
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::rules::{Admission, RuleProfile, SoleApplicant};
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Record;
use toruk_sync::verify::{Replay, verify};
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;

/// An auction with one eligible applicant, after the close of applications.
async fn offered() -> anyhow::Result<(OpenAuction, ApiClient)> {
    let rules = RuleProfile {
        admission: Admission::Auto,
        sole_applicant: Some(SoleApplicant::StartPrice),
        ..RuleProfile::sandbox(1)
    };
    let stage = OpenAuction::published_by(rules).await?;
    let alone = stage.eligible("alone").await?;
    let close = stage.view().await?.auction.wake_at().context("nothing is due")?;
    stage.play_until(close).await?;
    Ok((stage, alone))
}

/// A page for everyone, in English.
async fn page(stage: &OpenAuction, path: &str) -> anyhow::Result<String> {
    let url = format!("{}/en/auctions/{}{path}", stage.world.origin, stage.auction);
    Ok(stage.world.http()?.get(url).send().await?.error_for_status()?.text().await?)
}

async fn deposit_of(client: &ApiClient) -> anyhow::Result<deposit::Status> {
    let mine = client.applications().await?.pop().context("no application")?;
    Ok(mine.deposit.context("no deposit")?.status)
}

#[tokio::test]
async fn a_sole_applicant_gets_the_lot_at_the_start_price_with_a_protocol_and_a_contract()
-> anyhow::Result<()> {
    let (stage, alone) = offered().await?;
    let auction = stage.view().await?.auction;
    let terms = auction.terms.clone().context("no terms")?;
    assert_eq!(auction.status, Status::Qualification);
    let award = auction.pending_award().context("no award")?;
    assert_eq!((award.bidder, award.price), (BidderNo(1), terms.value));
    assert!(auction.round.is_none() && auction.has_sole_applicant());
    assert_eq!(deposit_of(&alone).await?, deposit::Status::Held);
    let log = stage.log().await?;
    let verdict = verify(&log)?;
    assert_eq!(verdict.winner, Some((BidderNo(1), terms.value)));
    assert_eq!((verdict.participants, verdict.accepted), (1, 0));
    let shown = page(&stage, "").await?;
    for part in ["The only applicant has to confirm", "only one participant is eligible"] {
        ensure!(shown.contains(part), "{part} is not in {shown}");
    }
    ensure!(page(&stage, "/check").await?.contains("participant No.\u{a0}1"));

    let path = format!("/v1/auctions/{}", stage.auction);
    let text: ProtocolView = alone.get(&format!("{path}/protocol")).await?.json()?;
    let protocol = &text.protocol;
    assert_eq!((protocol.winner, protocol.price), (BidderNo(1), terms.value));
    assert_eq!((protocol.participants, protocol.rounds), (1, 0));
    assert_eq!(protocol.files.len(), 3, "a paper in each language");
    let closed = log.iter().find(|it| matches!(it.event, Event::TenderingClosed { .. }));
    let closed = closed.context("applications are open")?.seq;
    let head = Replay::of(&log)?.head(closed).context("no such record")?;
    assert_eq!(protocol.log_head, hex::encode(head));
    // The start that was promised comes, and opens nothing.
    stage.play_until(terms.start).await?;
    let late = alone.post(&format!("{path}/bids"), &serde_json::json!({})).await?;
    ensure!(late.status != 201, "a bid without bidding");
    let answer = AnswerAward::Confirm { confirmation: alone.confirm(protocol)? };
    assert_eq!(alone.post(&format!("{path}/award"), &answer).await?.status, 204);
    assert_eq!(stage.view().await?.auction.status, Status::Awarded);
    let organiser = &stage.officials.organiser.official;
    let winner = stage.world.state().auctions.winner(organiser, stage.auction).await?;
    assert_eq!((winner.bidder, winner.price), (BidderNo(1), terms.value));
    let sign = OfficialAction::SignContract { document: "ab".repeat(32) };
    stage.world.state().auctions.act(organiser, stage.auction, sign).await?;
    assert_eq!(deposit_of(&alone).await?, deposit::Status::Applied);
    assert_eq!(verify(&stage.log().await?)?.status, Status::Complete);
    Ok(())
}

#[tokio::test]
async fn a_sole_applicant_who_refuses_or_is_silent_has_defaulted_and_nobody_is_asked_after_them()
-> anyhow::Result<()> {
    for refuses in [true, false] {
        let (stage, alone) = offered().await?;
        let path = format!("/v1/auctions/{}/award", stage.auction);
        if refuses {
            assert_eq!(alone.post(&path, &AnswerAward::Refuse {}).await?.status, 204);
        } else {
            let end = stage.view().await?.auction.wake_at().context("nothing is due")?;
            stage.play_until(end).await?;
        }
        let auction = stage.view().await?.auction;
        assert_eq!(auction.failure, Some(Failure::WinnerDefault));
        assert_eq!(deposit_of(&alone).await?, deposit::Status::ForfeitProposed);
        assert_eq!(verify(&stage.log().await?)?.winner, None);
        let again = alone.post(&path, &AnswerAward::Refuse {}).await?;
        assert_eq!(again.problem()?.1, ProblemCode::WrongState);
    }
    Ok(())
}

#[tokio::test]
async fn a_log_that_offers_to_a_sole_applicant_what_its_rules_do_not_is_found_out()
-> anyhow::Result<()> {
    let (stage, _) = offered().await?;
    let log = stage.log().await?;
    verify(&log)?;
    let touched = |touch: &dyn Fn(&mut Event)| {
        let mut log: Vec<Record> = log.clone();
        log.iter_mut().for_each(|record| touch(&mut record.event));
        verify(&log)
    };
    let cheaper = touched(&|event| {
        if let Event::AwardProposed { award } = event {
            award.price = award.price.checked_sub(award.price).unwrap_or(award.price);
        }
    });
    ensure!(cheaper.is_err(), "another price");
    let without_the_rule = touched(&|event| {
        if let Event::Created { birth } = event {
            birth.rules.sole_applicant = None;
        }
    });
    ensure!(without_the_rule.is_err(), "the rules offer nothing");
    let denied = touched(&|event| {
        if matches!(event, Event::TenderingClosed { .. }) {
            *event = Event::Failed { reason: Failure::InsufficientParticipants };
        }
    });
    ensure!(denied.is_err(), "one was enough");
    Ok(())
}
