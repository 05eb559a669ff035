//! The button, the fold of a log, amounts in words, and the server's clock.

use super::{Chance, agree, answers, asked};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toruk_mobile_core::engine::clock::ServerClock as PhoneClock;
use toruk_server::pdf::{PaperLanguage, in_words};
use toruk_sync::domain::auction::bidding::{Phase, Round};
use toruk_sync::domain::auction::{
    Auction, Event, Failure, Status, Suspension, SuspensionCause, evolve,
};
use toruk_sync::domain::button::{Button, NotEligible, Pending, ServerClock, Situation, button};
use toruk_sync::domain::id::{BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::ServerTime;
use uuid::Uuid;

fn auction() -> anyhow::Result<AuctionView> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sync/tests/golden");
    let file = std::fs::read_to_string(folder.join("auction_view.snap"))?;
    let (_, content) = file.split_once("\n---\n").context("no header")?;
    Ok(serde_json::from_str(content)?)
}

/// A state at random, of those an auction can be in.
fn drawn(chance: &mut Chance, view: &AuctionView, now: Timestamp) -> Auction {
    let mut auction = view.auction.clone();
    let terms = auction.terms.clone().unwrap();
    auction.status = chance.of(&[
        Status::Bidding,
        Status::Bidding,
        Status::Bidding,
        Status::Bidding,
        Status::Tendering,
        Status::Waiting,
        Status::Qualification,
        Status::Unsuccessful,
        Status::Cancelled,
    ]);
    auction.failure = (auction.status == Status::Unsuccessful)
        .then(|| chance.of(&[Failure::NoFirstOffer, Failure::WinnerDefault]));
    auction.suspension = chance.one_in(8).then(|| Suspension {
        since: now - TimeSpan::minutes(1),
        cause: SuspensionCause::Outage,
        resume_at: chance.one_in(2).then(|| now + TimeSpan::minutes(9)),
    });
    let number = chance.below(4);
    let price = terms.value.get() + i64::try_from(number).unwrap() * terms.minimal_step.get();
    auction.round = Some(Round {
        phase: if number == 0 { Phase::FirstOffer } else { Phase::Raising },
        number,
        price: Tyiyn::new(if chance.one_in(12) { 9_000_000_000_000 } else { price }).unwrap(),
        leader: (number > 0).then(|| BidderNo(u16::try_from(1 + chance.below(3)).unwrap())),
        deadline: now + TimeSpan(i64::try_from(chance.below(400_000_000)).unwrap() - 50_000_000),
    });
    auction.hard_stop = chance.one_in(6).then(|| now + TimeSpan::seconds(20));
    auction.best = BTreeMap::new();
    for raise in 0..number {
        let bidder = BidderNo(u16::try_from(1 + (raise % 3)).unwrap());
        let amount =
            terms.value.get() + (i64::try_from(raise).unwrap() + 1) * terms.minimal_step.get();
        auction.best.insert(bidder, Tyiyn::new(amount).unwrap());
    }
    auction
}

/// What a module says of a button.
fn said(shown: Button) -> Value {
    let offer = match shown {
        Button::Outbid(offer) | Button::CanFirstOffer(offer) | Button::CanRaise(offer) => {
            Some(offer)
        }
        _ => None,
    };
    let mut said = json!({ "code": shown.code() });
    if let Some(closed) = shown.closed() {
        said["closed"] = json!(closed);
    }
    if let Some(offer) = offer {
        said["offer"] = json!({
            "amount": offer.amount, "basis": offer.basis, "epoch": offer.epoch, "left": offer.left,
        });
    }
    match shown {
        Button::WaitingStart { left } => said["left"] = json!(left),
        Button::NotEligible(reason) => {
            said["reason"] = json!(match reason {
                NotEligible::Observer => "observer",
                NotEligible::DepositDue => "deposit_due",
                NotEligible::NotAdmitted => "not_admitted",
                NotEligible::NumbersPending => "numbers_pending",
            });
        }
        Button::Suspended { until } => said["until"] = json!(until),
        Button::Rejected(reason) => said["reason"] = json!(reason),
        _ => {}
    }
    said
}

#[test]
fn the_button_of_a_browser_is_the_button_of_a_phone() -> anyhow::Result<()> {
    use toruk_sync::domain::auction::bidding::BidRejection::{DeadlinePassed, StaleBasis};
    let view = auction()?;
    let now = view.auction.birth.offer.start + TimeSpan::minutes(3);
    let mut chance = Chance(18);
    let mut cases = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..3_000 {
        let auction = drawn(&mut chance, &view, now);
        let reason = chance.of(&[
            NotEligible::Observer,
            NotEligible::DepositDue,
            NotEligible::NotAdmitted,
            NotEligible::NumbersPending,
        ]);
        let own = if chance.one_in(6) { Err(reason) } else { Ok(BidderNo(1)) };
        let clock = (!chance.one_in(8)).then(|| ServerClock {
            now,
            uncertainty: TimeSpan(if chance.one_in(8) { 1_000_001 } else { 35_000 }),
        });
        let silence =
            (!chance.one_in(8)).then(|| TimeSpan(chance.of(&[0, 900_000, 1_499_999, 1_500_000])));
        let bid = BidId(Uuid::from_u128(60));
        let pending = match chance.below(9) {
            0 => Some(Pending::Sending(bid)),
            1 => Some(Pending::Unknown(bid)),
            _ => None,
        };
        let outbid_seen = chance.below(5);
        let refusal = chance.one_in(4).then(|| {
            let age = chance.of(&[0, 2_999_999, 3_000_000, -1]);
            (chance.of(&[StaleBasis, DeadlinePassed]), now - TimeSpan(age))
        });
        let situation =
            Situation { auction: &auction, own, clock, silence, pending, outbid_seen, refusal };
        let expected = said(button(&situation));
        seen.insert(expected["code"].to_string());
        let reason = own.err().map(|reason| said(Button::NotEligible(reason))["reason"].clone());
        let input = json!({
            "auction": auction, "own": own.ok(), "notEligible": reason,
            "clock": clock.map(|clock| json!({ "time": clock.now, "uncertainty": clock.uncertainty })),
            "silence": silence,
            "pending": pending.map(|pending| match pending {
                Pending::Sending(bid) => json!({ "state": "sending", "bid": bid }),
                Pending::Unknown(bid) => json!({ "state": "unknown", "bid": bid }),
            }),
            "outbidSeen": outbid_seen,
            "refusal": refusal.map(|(reason, at)| json!({ "reason": reason, "at": at })),
        });
        cases.push((asked("button", input), expected));
    }
    ensure!(seen.len() >= 12, "only {seen:?} came up");
    agree(cases)
}

#[test]
fn a_suspended_auction_counts_down_to_its_resumption_alone() -> anyhow::Result<()> {
    let view = auction()?;
    let now = view.auction.birth.offer.start + TimeSpan::minutes(3);
    let mut chance = Chance(6);
    let (mut cases, mut seen) = (Vec::new(), BTreeSet::new());
    for _ in 0..300 {
        let auction = drawn(&mut chance, &view, now);
        let (text, at) = match (&auction.suspension, auction.status) {
            // What wakes a suspended auction is its resumption, and no deadline.
            (Some(_), _) => match auction.wake_at() {
                Some(at) => ("resumes_in", Some(at)),
                None => ("resume_unknown", None),
            },
            (None, Status::Bidding) => ("time_left", auction.closes_at()),
            (None, _) => ("starts_in", Some(auction.birth.offer.start)),
        };
        seen.insert(text);
        cases.push((asked("countdown", json!(auction)), json!({ "text": text, "at": at })));
    }
    ensure!(seen.len() == 4, "only {seen:?} came up");
    agree(cases)
}

#[test]
fn a_browser_folds_bids_as_the_log_does() -> anyhow::Result<()> {
    let view = auction()?;
    let mut chance = Chance(7);
    let mut cases = Vec::new();
    for _ in 0..300 {
        let now = view.auction.birth.offer.start + TimeSpan::minutes(3);
        let before = drawn(&mut chance, &view, now);
        let (bidder, bid) = (BidderNo(2), BidId(Uuid::from_u128(u128::from(chance.below(99)))));
        let event = if chance.one_in(3) {
            json!({ "bid_refused": {
                "bid": bid, "bidder": bidder, "epoch": 0, "basis": { "round": 1, "price": 5 },
                "amount": 6, "reason": "stale_basis", "received_at": now,
            } })
        } else {
            json!({ "bid_placed": {
                "bid": bid, "bidder": bidder, "amount": 7_000_000, "outbid": null,
                "received_at": now, "deadline": now + TimeSpan::minutes(5),
            } })
        };
        let Ok(folded) = serde_json::from_value::<Event>(event.clone()) else {
            anyhow::bail!("not an event: {event}");
        };
        let record =
            json!({ "auction": before.birth.id, "seq": view.seq + 1, "at": now, "event": event });
        let after = evolve(before.clone(), &folded);
        let input =
            json!({ "view": AuctionView { auction: before, ..view.clone() }, "record": record });
        cases.push((asked("fold", input), json!(after)));
    }
    let (questions, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    for (answer, expected) in answers(&questions)?.into_iter().zip(expected) {
        let answer: Auction = serde_json::from_value(answer)?;
        let expected: Auction = serde_json::from_value(expected)?;
        ensure!(answer == expected, "{answer:?}\ninstead of {expected:?}");
    }
    Ok(())
}

#[test]
fn an_amount_in_words_is_that_of_the_papers() -> anyhow::Result<()> {
    let mut chance = Chance(1);
    let mut cases = Vec::new();
    let mut amounts = vec![0, 1, 100, 202, 1_111, 99_999, 100_000, 200_100, 9_000_000_000_000];
    for _ in 0..500 {
        let digits = u32::try_from(chance.below(13))?;
        amounts.push(i64::try_from(chance.below(1 << 31))? * 4_000 % 10_i64.pow(digits).max(1));
    }
    for amount in amounts {
        for language in PaperLanguage::ALL {
            let expected = in_words(Tyiyn::new(amount)?, language);
            let input = json!({ "amount": amount, "language": language.tag() });
            cases.push((asked("amount_words", input), json!(expected)));
        }
    }
    agree(cases)
}

#[test]
fn a_browser_estimates_the_servers_clock_as_a_phone_does() -> anyhow::Result<()> {
    let mut cases = Vec::new();
    for seed in 0..400 {
        let mut chance = Chance(seed);
        let speed = u32::try_from(chance.of(&[1, 4, 60]))?;
        let (mut clock, mut steps) = (PhoneClock::default(), Vec::new());
        clock.set_speed(speed);
        let offset = 1_795_406_400_000_000;
        let mut mono = 5_000_000;
        for _ in 0..chance.below(8) {
            mono += i64::try_from(chance.below(40_000_000))?;
            let server = offset + mono * i64::from(speed) + i64::try_from(chance.below(9_000_000))?;
            if chance.one_in(3) {
                clock.received(Timestamp(server), mono);
                steps.push(json!({ "server": server, "received": mono }));
                continue;
            }
            let served = i64::try_from(chance.below(20_000))?;
            let (sent, received) = (mono, mono + i64::try_from(chance.below(900_000))?);
            let stamps =
                ServerTime { received_at: Timestamp(server), sent_at: Timestamp(server + served) };
            clock.exchanged(sent, stamps, received);
            steps.push(json!({ "sent": sent, "server": stamps, "received": received }));
            mono = received;
        }
        let at = mono + 1_000_000;
        let expected = clock
            .now(at)
            .map(|estimate| json!({ "time": estimate.time, "uncertainty": estimate.uncertainty }));
        let input = json!({ "speed": speed, "steps": steps, "at": at });
        cases.push((asked("clock", input), json!(expected)));
    }
    // Halves of a microsecond are lost in different places.
    let near = |one: &Value, other: &Value, name: &str| {
        let (one, other) = (one[name].as_i64(), other[name].as_i64());
        one.zip(other).map_or(one == other, |(one, other)| (one - other).abs() <= 1)
    };
    let (questions, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    for ((answer, expected), question) in answers(&questions)?.iter().zip(&expected).zip(&questions)
    {
        let same = near(answer, expected, "time") && near(answer, expected, "uncertainty");
        ensure!(same, "{question}\nanswers {answer}\ninstead of {expected}");
    }
    Ok(())
}
