//! Rules about the price: steps of dear lots, a start price that falls by a programme, a price that
//! is paid in parts.

use anyhow::{Context as _, ensure};
use reqwest::StatusCode;
use reqwest::header::{COOKIE, ORIGIN};
use std::collections::BTreeMap;
use toruk_server::auction::{Error, OfficialAction};
use toruk_server::console::form::{percent_field, som_field};
use toruk_sync::domain::auction::{
    Event, Failure, ObjectOfPrice, Offer, OfferFault, Rejection, Status,
};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::instalments::{Instalment, InstalmentPlan};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::step_bands::StepBand;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::verify::verify;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;

fn automatic() -> RuleProfile {
    RuleProfile { admission: Admission::Auto, ..RuleProfile::sandbox(1) }
}

/// A page of the console as the organiser sees it, in English; a form is sent.
async fn console(
    stage: &OpenAuction,
    path: &str,
    form: Option<&BTreeMap<&str, String>>,
) -> anyhow::Result<(StatusCode, String)> {
    let url = format!("{}/console{path}", stage.world.origin);
    let session = format!("toruk_session={}; toruk_lang=en", stage.officials.organiser.token);
    let http = stage.world.http()?;
    let asked = match form {
        Some(form) => http.post(url).form(form),
        None => http.get(url),
    };
    let answer = asked.header(COOKIE, session).header(ORIGIN, &stage.world.origin).send().await?;
    Ok((answer.status(), answer.text().await?))
}

/// The public page of an auction, in English.
async fn page(stage: &OpenAuction) -> anyhow::Result<String> {
    let url = format!("{}/en/auctions/{}", stage.world.origin, stage.auction);
    Ok(stage.world.http()?.get(url).send().await?.error_for_status()?.text().await?)
}

#[tokio::test]
async fn the_step_of_a_dear_lot_is_checked_at_publication_and_its_range_is_in_the_form()
-> anyhow::Result<()> {
    let (step_min, step_max) = (BasisPoints(500), BasisPoints(1_000));
    let from = Tyiyn::new(100)?;
    let step_bands = Some(vec![StepBand { from, step_min, step_max }]);
    let refused = OpenAuction::published_by(RuleProfile { step_bands, ..automatic() }).await;
    let refused = refused.err().context("a step outside its band was published")?;
    let fault = refused.downcast_ref::<Error>();
    let expected = Rejection::Offer(OfferFault::StepOutOfRange);
    ensure!(matches!(fault, Some(Error::Rejected(it)) if *it == expected), "{refused:?}");

    // The same band above every price.
    let step_bands = Some(vec![StepBand { from: Tyiyn::MAX, step_min, step_max }]);
    let stage = OpenAuction::published_by(RuleProfile { step_bands, ..automatic() }).await?;
    verify(&stage.log().await?)?;
    let lot = stage.view().await?.auction.birth.lot;
    let (_, form) = console(&stage, &format!("/auctions/new?lot={lot}"), None).await?;
    let range = format!("{}–{}%", percent_field(step_min), percent_field(step_max));
    ensure!(form.contains(&range) && form.contains("0,5–20%"), "{range} is not in {form}");
    Ok(())
}

#[tokio::test]
async fn what_nobody_came_for_starts_lower_by_the_programme_and_the_organiser_sees_why()
-> anyhow::Result<()> {
    let relaunch_cuts = Some(vec![BasisPoints(1_000)]);
    let stage = OpenAuction::published_by(RuleProfile { relaunch_cuts, ..automatic() }).await?;
    ensure!(page(&stage).await?.contains("the next attempt starts 10% lower"));
    while let Some(wake) = stage.view().await?.auction.wake_at() {
        stage.play_until(wake).await?;
    }
    let failed = stage.view().await?.auction;
    assert_eq!(failed.failure, Some(Failure::NoApplications));
    let offer = &failed.birth.offer;
    let cut = offer.value.share(BasisPoints(1_000)).context("a price")?;
    let value = offer.value.checked_sub(cut).context("a price")?;

    let path = format!("/auctions/{}/relaunch", stage.auction);
    let (_, form) = console(&stage, &path, None).await?;
    for part in ["Set by the rules for attempt 2", &som_field(value), &som_field(offer.value)] {
        ensure!(form.contains(part), "{part} is not in {form}");
    }
    let start = stage.clock.now() + TimeSpan::hours(3);
    let mut typed = BTreeMap::from([
        ("lot", failed.birth.lot.to_string()),
        ("object_of_price", rent_or_sale(offer.object_of_price).to_owned()),
        ("value", som_field(offer.value)),
        ("step", percent_field(offer.step)),
        ("guarantee", percent_field(offer.guarantee)),
        ("start", start.bishkek_field()),
        ("lease_duration", lease(offer.object_of_price).to_owned()),
        ("reason", String::new()),
        ("act", "save".to_owned()),
    ]);
    let (status, refused) = console(&stage, &path, Some(&typed)).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    ensure!(refused.contains("By the rules this attempt has another start price."), "{refused}");
    let auctions = &stage.world.state().auctions;
    let organiser = &stage.officials.organiser.official;
    let unchanged = Offer { start, ..offer.clone() };
    let refused = auctions.relaunch(organiser, stage.auction, unchanged, "a reason").await;
    let expected = Rejection::Offer(OfferFault::PriceNotProgrammed);
    ensure!(matches!(&refused, Err(Error::Rejected(it)) if *it == expected), "{refused:?}");

    typed.insert("value", som_field(value));
    let (status, saved) = console(&stage, &path, Some(&typed)).await?;
    ensure!(status.is_success() || status.is_redirection(), "{status}: {saved}");
    let next = stage.view().await?.auction.successor.context("no successor")?;
    let (_, overview) = console(&stage, &format!("/auctions/{next}"), None).await?;
    ensure!(overview.contains("Set by the rules for attempt 2"), "{overview}");
    stage.officials.publish_again(&stage.world, next).await?;
    let stage = OpenAuction { auction: next, ..stage };
    let second = stage.view().await?.auction;
    assert_eq!(second.terms.as_ref().map(|terms| terms.value), Some(value));
    assert_eq!((second.birth.attempt, second.birth.value_set), (2, Some(value)));
    let guarantee = value.share(second.birth.offer.guarantee);
    assert_eq!(second.terms.map(|terms| terms.guarantee), guarantee);
    ensure!(!page(&stage).await?.contains("the next attempt starts"), "the programme is over");
    let log = stage.log().await?;
    verify(&log)?;
    let mut touched = log;
    for record in &mut touched {
        if let Event::Created { birth } = &mut record.event {
            birth.value_set = Some(offer.value);
        }
    }
    ensure!(verify(&touched).is_err(), "another price than the one that was set");
    Ok(())
}

fn rent_or_sale(object: ObjectOfPrice) -> &'static str {
    match object {
        ObjectOfPrice::SalePrice => "sale_price",
        ObjectOfPrice::AnnualRent => "annual_rent",
        ObjectOfPrice::LeaseRight => "lease_right",
    }
}

/// A length of a lease that the form offers; a sale has none.
fn lease(object: ObjectOfPrice) -> &'static str {
    if object == ObjectOfPrice::SalePrice { "" } else { "P3Y" }
}

/// The sum of parts, tyiyn.
fn sum(parts: &[Instalment]) -> i64 {
    parts.iter().map(|part| part.amount.get()).sum()
}

#[tokio::test]
async fn a_price_in_parts_is_shown_to_the_winner_before_they_sign_and_has_days_after_the_contract()
-> anyhow::Result<()> {
    let first_share = BasisPoints(3_000);
    let instalments = Some(InstalmentPlan { count: 4, first_share, every_months: 2 });
    let stage = OpenAuction::published_by(RuleProfile { instalments, ..automatic() }).await?;
    // A yearly rent is not divided, so another lot is sold.
    let auctions = &stage.world.state().auctions;
    let (organiser, moderator) =
        (&stage.officials.organiser.official, &stage.officials.moderator.official);
    let rent = stage.view().await?.auction;
    let lots = stage.officials.import_lots(&stage.world, 11).await?;
    let start = stage.clock.now() + TimeSpan::hours(3);
    let object_of_price = ObjectOfPrice::SalePrice;
    let offer = Offer { object_of_price, lease_duration: None, start, ..rent.birth.offer.clone() };
    let auction = auctions.create(organiser, lots[1], offer).await?;
    auctions.act(organiser, auction, OfficialAction::Submit).await?;
    auctions.act(moderator, auction, OfficialAction::Publish).await?;
    let stage = OpenAuction { auction, ..stage };
    ensure!(page(&stage).await?.contains("Their number: 4."));
    let clients = [stage.eligible("one").await?, stage.eligible("two").await?];
    stage.play_until(start).await?;
    let open = stage.view().await?;
    assert!(open.instalments.is_empty(), "nobody has won");
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;

    let path = format!("/v1/auctions/{auction}");
    let asked: ProtocolView = clients[0].get(&format!("{path}/protocol")).await?.json()?;
    let proposed = stage.view().await?;
    assert_eq!(asked.instalments, proposed.instalments);
    assert_eq!((asked.instalments.len(), sum(&asked.instalments)), (4, asked.protocol.price.get()));
    let guarantee = proposed.auction.terms.context("no terms")?.guarantee;
    assert_eq!(asked.instalments[0].counted, guarantee);
    assert!(asked.instalments.iter().all(|part| part.due.is_none()), "no contract yet");
    let paper = stage.world.state().auctions.result_protocol(auction).await?;
    assert_eq!(paper.instalments, asked.instalments);
    let (_, shown) = console(&stage, &format!("/auctions/{auction}"), None).await?;
    ensure!(shown.contains("The working day after the contract"), "{shown}");

    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&asked.protocol)? };
    assert_eq!(clients[0].post(&format!("{path}/award"), &answer).await?.status, 204);
    let sign = OfficialAction::SignContract { document: "ab".repeat(32) };
    let auctions = &stage.world.state().auctions;
    auctions.act(&stage.officials.organiser.official, auction, sign).await?;
    let complete = stage.view().await?;
    assert_eq!(complete.auction.status, Status::Complete);
    let tomorrow = BusinessDay::of(stage.clock.now()).next();
    assert_eq!(complete.instalments[0].day(), Some(tomorrow), "the morning is a Tuesday");
    let days: Vec<_> = complete.instalments.iter().filter_map(Instalment::day).collect();
    assert!(days.len() == 4 && days.is_sorted(), "{days:?}");
    let (_, shown) = console(&stage, &format!("/auctions/{auction}"), None).await?;
    ensure!(shown.contains(&days[3].plain()), "{shown}");
    let log = stage.log().await?;
    verify(&log)?;
    let mut touched = log;
    for record in &mut touched {
        if let Event::ContractSigned { at, .. } = &mut record.event {
            *at = at.map(|at| at + TimeSpan::days(30));
        }
    }
    ensure!(verify(&touched).is_err(), "months that count from another day");
    Ok(())
}
