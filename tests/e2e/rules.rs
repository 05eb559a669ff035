//! Rules as law: versions that two officials make, a copy in each auction, a calendar that follows,
//! and a profile tried on auctions that are over.

use anyhow::{Context as _, ensure};
use reqwest::header::{COOKIE, ORIGIN};
use std::collections::BTreeMap;
use toruk_server::auction::OfficialAction;
use toruk_server::identity::Role;
use toruk_server::rulebook::{Error, ProfileFieldFault};
use toruk_sync::domain::auction::{Event, Failure};
use toruk_sync::domain::id::{BidderNo, LotId};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::verify::verify;
use toruk_tests::world::Staff;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

fn texts(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Two moderators change fields.
async fn changed(stage: &OpenAuction, second: &Staff, of: &[(&str, &str)]) -> anyhow::Result<()> {
    let book = &stage.world.state().rulebook;
    let one = &stage.officials.moderator.official;
    let basis = texts(&[("raise_window", "Положение № 12, п. 4")]);
    book.propose(one, (&texts(of), &basis), "Новый закон").await?;
    let pending = book.pending(&second.official).await?.context("nothing waits")?;
    ensure!(pending.may_decide && !pending.is_own, "{pending:?}");
    Ok(book.approve(&second.official, pending.id).await?)
}

#[tokio::test]
async fn rules_change_by_two_and_an_auction_keeps_those_it_was_published_under()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let book = &stage.world.state().rulebook;
    let one = &stage.officials.moderator.official;
    let second = stage.world.official(Role::Moderator, "Нурлан Базаров").await?;
    let none = BTreeMap::new();
    let window = texts(&[("raise_window", "7m")]);
    for (by, of, reason, expected) in [
        (one, texts(&[("raise_window", "0m")]), "a", "raise_window"),
        (one, texts(&[("step_min", "40")]), "a", "step_min"),
        (one, BTreeMap::new(), "a", "nothing"),
        (one, window.clone(), " \u{200b} ", "reason"),
        (&stage.officials.organiser.official, window.clone(), "a", "forbidden"),
    ] {
        let refused = book.propose(by, (&of, &none), reason).await;
        let is_it = match &refused {
            Err(Error::Field(ProfileFieldFault(name))) => *name == expected,
            Err(Error::NothingChanged) => expected == "nothing",
            Err(Error::ReasonNeeded) => expected == "reason",
            Err(Error::Forbidden) => expected == "forbidden",
            _ => false,
        };
        assert!(is_it, "{expected}: {refused:?}");
    }
    assert!(book.versions(one).await?.is_empty());
    book.propose(one, (&window, &none), "Новый закон").await?;
    let own = book.pending(one).await?.context("nothing waits")?;
    assert!(own.is_own && !own.may_decide);
    let alone = book.approve(one, own.id).await;
    assert!(matches!(alone, Err(Error::SecondPersonNeeded)), "{alone:?}");
    book.decline(&second.official, own.id).await?;
    assert!(book.pending(one).await?.is_none());
    let gone = book.approve(&second.official, own.id).await;
    assert!(gone.is_err(), "declined, and approved");

    changed(&stage, &second, &[("raise_window", "7m")]).await?;
    let versions = book.versions(one).await?;
    assert_eq!((versions.len(), versions[0].rules.version), (1, 2));
    assert_eq!(versions[0].basis["raise_window"], "Положение № 12, п. 4");
    // What runs stays under its rules; what is created next is under the new ones.
    let open = stage.view().await?;
    let old = open.auction.birth.rules.raise_window;
    let raised = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = raised.body.deadline.context("no deadline")?;
    assert_eq!(deadline, raised.body.received_at + old);
    assert_ne!(old, TimeSpan::minutes(7));
    let lots = stage.officials.import_lots(&stage.world, 11).await?;
    let lot: LotId = lots[1];
    let start = stage.clock.now() + TimeSpan::days(1);
    let next = stage.officials.publish(&stage.world, lot, start).await?;
    let next = stage.world.state().catalogue.view(next).await?.auction.birth.rules;
    assert_eq!((next.version, next.raise_window), (2, TimeSpan::minutes(7)));
    verify(&stage.log().await?)?;
    let auditor = stage.world.official(Role::Auditor, "Асель Осмонова").await?.official;
    let trail = stage.world.state().audit.page(&auditor, None).await?;
    let count = |action: &str| trail.iter().filter(|row| row.action == action).count();
    let counts = ["rules.propose", "rules.approve", "rules.decline"].map(count);
    assert_eq!(counts, [2, 1, 1]);
    Ok(())
}

#[tokio::test]
async fn days_off_that_are_moved_reach_auctions_that_run_and_move_a_contracts_deadline()
-> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let second = stage.world.official(Role::Moderator, "Нурлан Базаров").await?;
    changed(&stage, &second, &[("contract_days", "5")]).await?;
    let lots = stage.officials.import_lots(&stage.world, 11).await?;
    let start = stage.clock.now() + TimeSpan::hours(3);
    let auction = stage.officials.publish(&stage.world, lots[1], start).await?;
    let stage = OpenAuction { auction, ..stage };
    let clients = [stage.eligible("one").await?, stage.eligible("two").await?];
    stage.play_until(start).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    let path = format!("/v1/auctions/{}", stage.auction);
    let text: ProtocolView = clients[0].get(&format!("{path}/protocol")).await?.json()?;
    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&text.protocol)? };
    assert_eq!(clients[0].post(&format!("{path}/award"), &answer).await?.status, 204);
    let before = stage.view().await?.auction.contract_by.context("no deadline")?;

    // The morning is a Tuesday; Thursday becomes a day off.
    changed(&stage, &second, &[("holidays", "2026-11-26")]).await?;
    until("the calendar", || async {
        Ok(stage.view().await?.auction.calendar.is_some().then_some(()))
    })
    .await?;
    let after = stage.view().await?.auction.contract_by.context("no deadline")?;
    assert_eq!(after, before + TimeSpan::days(1));
    // What was prepared before the change is published under the calendar in force.
    let organiser = &stage.officials.organiser.official;
    let auctions = &stage.world.state().auctions;
    let offer = stage.officials.offer(&stage.world, lots[0], start + TimeSpan::days(2)).await?;
    let late = auctions.create(organiser, lots[0], offer).await?;
    auctions.act(organiser, late, OfficialAction::Submit).await?;
    changed(&stage, &second, &[("holidays", "2026-11-26, 2026-12-07")]).await?;
    let moderator = &stage.officials.moderator.official;
    auctions.act(moderator, late, OfficialAction::Publish).await?;
    let published = OpenAuction { auction: late, ..stage };
    let view = published.view().await?;
    assert!(view.auction.holidays().contains("2026-12-07"), "{:?}", view.auction.holidays());
    verify(&published.log().await?)?;
    let stage = OpenAuction { auction, ..published };

    let log = stage.log().await?;
    verify(&log)?;
    // A deadline that the calendar does not give is seen.
    let mut touched = log.clone();
    for record in &mut touched {
        if let Event::CalendarChanged { contract_by, .. } = &mut record.event {
            *contract_by = Some(after + TimeSpan::days(30));
        }
    }
    ensure!(verify(&touched).is_err(), "a later deadline than the rules give");
    Ok(())
}

#[tokio::test]
async fn a_profile_is_tried_on_auctions_that_are_over() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    stage.eligible("alone").await?;
    while let Some(wake) = stage.view().await?.auction.wake_at() {
        stage.play_until(wake).await?;
    }
    let book = &stage.world.state().rulebook;
    let moderator = &stage.officials.moderator.official;
    for (of, expected) in [
        (vec![], Some(Failure::InsufficientParticipants)),
        (vec![("raise_window", "9m")], Some(Failure::InsufficientParticipants)),
        // One would have been enough, and would have had to bid.
        (vec![("min_participants", "1")], Some(Failure::NoFirstOffer)),
    ] {
        let found = book.simulate(moderator, &texts(&of)).await?;
        let [one] = &found.auctions[..] else { panic!("{found:?}") };
        assert_eq!(one.ends.before.failure, Some(Failure::InsufficientParticipants));
        assert_eq!(one.ends.after.failure, expected, "{of:?}");
        assert_eq!(one.ends.is_other(), one.ends.before.failure != expected);
    }
    // Alone, they would have been offered the lot at the start price.
    let offered = book.simulate(moderator, &texts(&[("sole_applicant", "start_price")])).await?;
    let value = stage.terms().await?.value;
    assert_eq!(offered.auctions[0].ends.after.winner, Some((BidderNo(1), value)));
    ensure!(offered.auctions[0].ends.is_other(), "{offered:?}");
    let strict = book.simulate(moderator, &texts(&[("notice_period", "15d")])).await?;
    ensure!(strict.auctions[0].ends.after.not_published.is_some(), "{strict:?}");
    let refused = book.simulate(&stage.officials.organiser.official, &texts(&[])).await;
    assert!(matches!(refused, Err(Error::Forbidden)));

    // The same on the page.
    let url = format!("{}/console/rules", stage.world.origin);
    let session = format!("toruk_session={}; toruk_lang=en", stage.officials.moderator.token);
    let form = [("field-min_participants", "1"), ("act", "simulate")];
    let asked = stage.world.http()?.post(&url).form(&form);
    let answer = asked.header(COOKIE, session).header(ORIGIN, &stage.world.origin).send().await?;
    let (status, page) = (answer.status(), answer.text().await?);
    ensure!(status == 200 && page.contains("Nobody raised the price."), "{status}: {page}");
    Ok(())
}
