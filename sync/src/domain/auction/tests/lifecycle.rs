use super::super::award::LapseReason;
use crate::domain::auction::*;
use crate::domain::money::BasisPoints;
use crate::domain::test_support::tick;
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;
use uuid::Uuid;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn publish(by: PersonId, documents: u32) -> Command {
    Command::Publish { by, documents, lot: None }
}

fn cancel(by: DualApproval) -> Command {
    Command::Cancel { by, reason: "court order".to_owned(), document: "ab".repeat(32) }
}

fn amend(change: impl FnOnce(&mut Offer)) -> Command {
    let mut mended = offer();
    change(&mut mended);
    Command::Amend { by: AUTHOR, approved: None, offer: mended, lot: None }
}

#[test]
fn a1_a_second_person_publishes_a_documented_offer() {
    let early = -16 * DAY;
    check(
        draft(standard()),
        &[
            (early, publish(SECOND_PERSON, 1)),
            (early, Command::Submit { by: AUTHOR }),
            (early, publish(AUTHOR, 1)),
            (early, publish(SECOND_PERSON, 0)),
            (-15 * DAY + 1, publish(SECOND_PERSON, 1)),
            (early, Command::Return { by: SECOND_PERSON, reason: "  ".to_owned() }),
            (early, Command::Return { by: SECOND_PERSON, reason: "typo".to_owned() }),
            (early, Command::Edit { by: AUTHOR, offer: offer() }),
            (early, Command::Submit { by: AUTHOR }),
            (-15 * DAY, publish(SECOND_PERSON, 1)),
            (-15 * DAY, publish(SECOND_PERSON, 1)),
        ],
        &[
            "this is not possible in the auction's present state",
            "submitted",
            "a second person has to do this",
            "the proposal breaks a rule: there is no document",
            "the proposal breaks a rule: the start is too soon after publication",
            "a reason of reasonable length is needed",
            "returned",
            "edited",
            "submitted",
            "published",
            "this is not possible in the auction's present state",
        ],
    );
}

#[test]
fn a1_without_a_period_to_mend_applications_open_at_once() {
    let rules = RuleProfile { rectification: TimeSpan::ZERO, ..standard() };
    assert_eq!(published(rules).status, Status::Tendering);
    assert_eq!(published(standard()).status, Status::Rectification);
    assert_eq!(published(standard()).terms.unwrap().minimal_step, tyiyn(STEP));
}

#[test]
fn a2_terms_are_mended_until_the_period_ends_and_the_version_rises() {
    let dearer = || amend(|offer| offer.value = tyiyn(2 * VALUE));
    check(
        published(standard()),
        &[
            (-15 * DAY, dearer()),
            (-15 * DAY, amend(|offer| offer.start = offer.start - TimeSpan::hours(25))),
            (-14 * DAY - 1, dearer()),
            (-14 * DAY, dearer()),
        ],
        &[
            "amended",
            "the proposal breaks a rule: the start is too soon after publication",
            "amended",
            "it is too late for this",
        ],
    );
    let mended = after(published(standard()), -15 * DAY, &dearer());
    assert_eq!((published(standard()).version, mended.version), (1, 2));
    let ends = |auction: &Auction| auction.terms.as_ref().unwrap().rectification_end;
    assert_eq!(ends(&mended), ends(&published(standard())), "an amendment prolongs nothing");
}

#[test]
fn a3_a4_a6_time_alone_leads_to_the_bidding() {
    check(
        published(standard()),
        &[
            (-14 * DAY - 1, tick(3)),
            (-14 * DAY, tick(3)),
            (-14 * DAY, tick(3)),
            (-2 * HOUR + 2 * SECOND - 1, tick(3)),
            (-2 * HOUR + 2 * SECOND, tick(3)),
            (-1, tick(3)),
            (0, tick(3)),
            (0, tick(3)),
        ],
        &["", "tendering", "", "", "3 take part", "", "open until 1800s", ""],
    );
}

#[test]
fn a5_too_few_participants_end_it_at_the_close_of_applications() {
    for (roster, failure) in [(0, "NoApplications"), (1, "InsufficientParticipants")] {
        check(
            tendering(standard()),
            &[(-HOUR, tick(roster)), (0, tick(roster))],
            &[&format!("failed: {failure}"), ""],
        );
    }
    let one_is_enough = RuleProfile { min_participants: 1, ..standard() };
    check(tendering(one_is_enough), &[(-HOUR, tick(1))], &["1 take part"]);
}

#[test]
fn a6_a7_a_start_later_than_the_rules_allow_stops_the_clock() {
    for (late, expected) in [
        (2 * SECOND, "open until 1800s"),
        (2 * SECOND + 1, "stopped since 0s"),
        (DAY, "stopped since 0s"),
    ] {
        check(waiting(standard(), 2), &[(late, tick(0))], &[expected]);
    }
}

#[test]
fn a9_nobody_raises_by_even_one_step_in_30_minutes_manual_step_24() {
    check(
        bidding(standard(), 2),
        &[
            (30 * MINUTE + 2 * SECOND - 1, tick(0)),
            (30 * MINUTE + 2 * SECOND, tick(0)),
            (DAY, tick(0)),
        ],
        &["", "failed: NoFirstOffer", ""],
    );
}

#[test]
fn a8_a10_a11_five_minutes_after_the_last_raise_its_bidder_wins() {
    check(
        bidding(standard(), 2),
        &[
            (MINUTE, raise(1, 0)),
            (6 * MINUTE - 1, raise(2, 1)),
            (11 * MINUTE - 1 + 2 * SECOND - 1, tick(0)),
            (11 * MINUTE - 1 + 2 * SECOND, tick(0)),
            (11 * MINUTE + 2 * SECOND, tick(0)),
        ],
        &[
            "1 leads at 1050 until 360s",
            "2 leads at 1100 until 659.999999s",
            "",
            "closed at 659.999999s, 2 wins at 1100",
            "",
        ],
    );
}

#[test]
fn a11_one_raise_in_all_wins_at_start_and_one_step() {
    check(raised(standard(), &[1]), &[(HOUR, tick(0))], &["closed at 360s, 1 wins at 1050"]);
}

#[test]
fn a11_a_hard_stop_ends_the_bidding_whatever_was_raised() {
    let rules = RuleProfile { hard_stop: Some(at(3 * MINUTE)), ..standard() };
    check(
        raised(rules, &[1]),
        &[(3 * MINUTE - 1, raise(2, 1)), (3 * MINUTE, raise(1, 2)), (DAY, tick(0))],
        &[
            "2 leads at 1100 until 479.999999s",
            "the bid was received at or after the deadline",
            "closed at 180s, 2 wins at 1100",
        ],
    );
}

#[test]
fn a17_before_the_bidding_two_people_cancel_in_time_with_reason_and_document() {
    let nobody = DualApproval { proposed: AUTHOR, approved: AUTHOR };
    let without = |reason: &str, document: &str| Command::Cancel {
        by: BOTH,
        reason: reason.to_owned(),
        document: document.to_owned(),
    };
    check(
        tendering(standard()),
        &[
            (-4 * DAY, cancel(nobody)),
            (-4 * DAY, without("", "ab")),
            (-4 * DAY, without("flood", "")),
            (-3 * DAY + 1, cancel(BOTH)),
            (-3 * DAY, cancel(BOTH)),
            (-3 * DAY, cancel(BOTH)),
            (DAY, tick(2)),
        ],
        &[
            "a second person has to do this",
            "a reason of reasonable length is needed",
            "the proposal breaks a rule: there is no document",
            "it is too late for this",
            "cancelled",
            "this is not possible in the auction's present state",
            "",
        ],
    );
    check(waiting(standard(), 2), &[(-HOUR, cancel(BOTH))], &["it is too late for this"]);
}

#[test]
fn a18_from_the_opening_on_a_legal_ground_ends_it_at_any_moment() {
    let confirmed = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    let awarded = after(won(standard(), &[1]), HOUR, &confirmed);
    let late = after(waiting(standard(), 2), HOUR, &tick(0));
    assert!(late.suspension.is_some());
    for auction in
        [bidding(standard(), 2), raised(standard(), &[1]), won(standard(), &[1]), awarded, late]
    {
        check(auction, &[(HOUR, cancel(BOTH)), (DAY, tick(0))], &["cancelled", ""]);
    }
    let cancelled = after(raised(standard(), &[1]), HOUR, &cancel(BOTH));
    assert_eq!(cancelled.best.len(), 1, "bids stay");
}

#[test]
fn a19_what_failed_has_one_successor() {
    let relaunch = |no| Command::Relaunch { by: AUTHOR, successor: AuctionId(Uuid::from_u128(no)) };
    let failed = after(bidding(standard(), 2), HOUR, &tick(0));
    check(
        failed,
        &[(DAY, relaunch(20)), (DAY, relaunch(21))],
        &["relaunched", "there is a successor already"],
    );
    check(
        bidding(standard(), 2),
        &[(HOUR, relaunch(20))],
        &["this is not possible in the auction's present state"],
    );
}

#[test]
fn a19_a_relaunch_keeps_lot_and_root_and_lowers_the_price_only_so_far() {
    let failed = after(bidding(standard(), 2), HOUR, &tick(0));
    let id = AuctionId(Uuid::from_u128(20));
    let next = |value: i64, reason: &str| {
        let offer = Offer { value: tyiyn(value), ..offer() };
        successor(&failed, id, offer, AUTHOR, reason)
    };
    let birth = next(80_000, "nobody came").unwrap();
    assert_eq!((birth.attempt, birth.previous), (2, Some(failed.birth.id)));
    assert_eq!((birth.root, birth.lot), (failed.birth.root, failed.birth.lot));
    assert_eq!(next(80_000, ""), Err(Rejection::ReasonNeeded));
    assert!(next(VALUE, "").is_ok());
    let deep = Rejection::Offer(OfferFault::PriceCutTooDeep);
    assert_eq!(next(79_999, "nobody came"), Err(deep));

    // Nor may the draft of the successor be edited below it afterwards.
    let (second, _) = create(birth);
    let edit = Command::Edit { by: AUTHOR, offer: Offer { value: tyiyn(79_999), ..offer() } };
    check(
        second,
        &[
            (-16 * DAY, edit),
            (-16 * DAY, Command::Submit { by: AUTHOR }),
            (-16 * DAY, publish(SECOND_PERSON, 1)),
        ],
        &["edited", "submitted", &deep.to_string()],
    );
}

#[test]
fn a_tick_that_was_away_for_long_ends_where_punctual_ones_would() {
    let mut punctual = published(standard());
    for moment in [-14 * DAY, -2 * HOUR + 2 * SECOND] {
        punctual = after(punctual, moment, &tick(3));
    }
    assert_eq!(after(published(standard()), -HOUR, &tick(3)), punctual);

    let lapses = won(standard(), &[1]);
    let confirm_by = lapses.pending_award().unwrap().confirm_by;
    let punctual = after(lapses, (confirm_by - START).0 + 2 * SECOND, &tick(0));
    assert_eq!(after(raised(standard(), &[1]), 30 * DAY, &tick(0)), punctual);
}

#[test]
fn nothing_but_a_relaunch_moves_an_auction_that_is_over() {
    let failed = after(bidding(standard(), 2), HOUR, &tick(0));
    let late = HOUR;
    let wrong = "this is not possible in the auction's present state";
    check(
        failed,
        &[
            (late, publish(SECOND_PERSON, 1)),
            (late, amend(|_| {})),
            (late, cancel(BOTH)),
            (late, Command::RefuseAward { bidder: BidderNo(1) }),
            (late, Command::SignContract { by: AUTHOR, document: String::new() }),
            (late, raise(1, 0)),
            (late, tick(3)),
        ],
        &[wrong, wrong, wrong, wrong, wrong, "the bid was received at or after the deadline", ""],
    );
}

#[test]
fn only_what_was_published_is_public() {
    assert!(!draft(standard()).is_public());
    assert!(!review(standard()).is_public());
    assert!(published(standard()).is_public());
    let withdrawn = after(draft(standard()), 0, &cancel(BOTH));
    assert!(!withdrawn.is_public());
}

#[test]
fn stamps_inside_one_auction_never_repeat_nor_run_back() {
    let auction = raised(standard(), &[1]);
    for (clock, stamp) in [
        (MINUTE - SECOND, MINUTE + 1), // a clock that ran back
        (MINUTE, MINUTE + 1),          // the same microsecond
        (MINUTE + 1, MINUTE + 1),
        (2 * MINUTE, 2 * MINUTE),
    ] {
        assert_eq!(auction.receive(at(clock)), at(stamp));
    }
}

#[test]
fn an_event_reads_the_same_after_a_trip_through_json() {
    let rules = RuleProfile { step_max: BasisPoints(3_000), ..standard() };
    let auction = won(rules, &[1, 2, 1]);
    let (_, events) = apply(&auction, &tick(0), at(30 * DAY)).unwrap();
    assert!(matches!(events[0], Event::AwardLapsed { reason: LapseReason::Timeout, .. }));
    for event in events {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
    let text = serde_json::to_string(&auction).unwrap();
    assert_eq!(serde_json::from_str::<Auction>(&text).unwrap(), auction);
}
