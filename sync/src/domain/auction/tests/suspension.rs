use super::super::Command;
use super::super::outage::{Outage, after_outages};
use super::super::suspension::*;
use crate::domain::auction::Auction;
use crate::domain::auction::DualApproval;
use crate::domain::auction::Event;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn stop(since: i64) -> Command {
    let (by, cause) = (SuspendedBy::Watchdog, SuspensionCause::Outage);
    Command::Suspend { by, cause, since: at(since) }
}

fn outage(since: i64, until: i64) -> Outage {
    Outage { since: at(since), until: at(until), is_partial: false }
}

fn go_on(moment: i64) -> Command {
    Command::AnnounceResume { by: BOTH, at: at(moment) }
}

#[test]
fn while_the_clock_is_stopped_there_are_no_bids_and_no_deadlines() {
    check(
        raised(standard(), &[1]),
        &[(3 * MINUTE, stop(2 * MINUTE)), (4 * MINUTE, raise(2, 1)), (DAY, tick(0))],
        &["stopped since 120s", "bidding is suspended", ""],
    );
}

#[test]
fn a_resumption_is_announced_a_quarter_of_an_hour_ahead_by_two_people() {
    let alone = DualApproval { proposed: AUTHOR, approved: AUTHOR };
    check(
        raised(standard(), &[1]),
        &[
            (3 * MINUTE, go_on(HOUR)),
            (3 * MINUTE, stop(3 * MINUTE)),
            (3 * MINUTE, stop(3 * MINUTE)),
            (4 * MINUTE, Command::AnnounceResume { by: alone, at: at(HOUR) }),
            (4 * MINUTE, go_on(19 * MINUTE - 1)),
            (4 * MINUTE, go_on(19 * MINUTE)),
            (5 * MINUTE, go_on(20 * MINUTE)),
            (20 * MINUTE, go_on(HOUR)),
        ],
        &[
            "this is not possible in the auction's present state",
            "stopped since 180s",
            "this is not possible in the auction's present state",
            "a second person has to do this",
            "the announced time is too soon",
            "goes on at 1140s",
            "goes on at 1200s",
            "it is too late for this",
        ],
    );
}

#[test]
fn a_first_offer_window_goes_on_with_its_rest_but_not_less_than_five_minutes() {
    for (since, expected) in [
        (10 * MINUTE, "goes on until 4800s"),     // 20 minutes were left
        (28 * MINUTE, "goes on until 3900s"),     // 2 minutes were left
        (30 * MINUTE - 1, "goes on until 3900s"), // a microsecond was left
        (-HOUR, "goes on until 5400s"),           // never more than the whole window
    ] {
        check(
            bidding(standard(), 2),
            &[(30 * MINUTE, stop(since)), (31 * MINUTE, go_on(HOUR)), (HOUR, tick(0))],
            &[&format!("stopped since {}s", since / SECOND), "goes on at 3600s", expected].map(
                |line| if line.contains("1799s") { "stopped since 1799.999999s" } else { line },
            ),
        );
    }
}

#[test]
fn a_raise_window_begins_anew_in_full_in_a_new_epoch() {
    let auction = raised(standard(), &[1]);
    let mut resumed = auction;
    for (moment, command) in
        [(6 * MINUTE - 1, stop(2 * MINUTE)), (6 * MINUTE, go_on(HOUR)), (HOUR, tick(0))]
    {
        resumed = after(resumed, moment, &command);
    }
    assert_eq!(resumed.round.unwrap().deadline, at(65 * MINUTE));
    assert_eq!(resumed.epoch, 1);
    let old = raise(2, 1);
    let Command::PlaceBid(mut bid) = old.clone() else { unreachable!() };
    bid.epoch = 1;
    check(
        resumed,
        &[(HOUR, old), (HOUR, Command::PlaceBid(bid)), (2 * HOUR, tick(0))],
        &["bidding is suspended", "2 leads at 1100 until 3900s", "closed at 3900s, 2 wins at 1100"],
    );
}

#[test]
fn if_nobody_raises_after_it_the_leader_of_before_wins() {
    check(
        raised(standard(), &[1, 2]),
        &[
            (3 * MINUTE, stop(3 * MINUTE)),
            (3 * MINUTE, go_on(HOUR)),
            (HOUR, tick(0)),
            (DAY, tick(0)),
        ],
        &[
            "stopped since 180s",
            "goes on at 3600s",
            "goes on until 3900s",
            "closed at 3900s, 2 wins at 1100",
        ],
    );
}

#[test]
fn a_suspension_takes_no_time_from_a_window_that_is_a_minimum() {
    let rules = RuleProfile { first_window_is_minimum: true, ..standard() };
    check(
        raised(rules, &[1]),
        &[(2 * MINUTE, stop(2 * MINUTE)), (2 * MINUTE, go_on(17 * MINUTE)), (17 * MINUTE, tick(0))],
        &["stopped since 120s", "goes on at 1020s", "goes on until 1800s"],
    );
}

#[test]
fn an_outage_can_not_begin_before_the_last_bid_nor_after_the_deadline() {
    check(
        raised(standard(), &[1]),
        &[(HOUR, stop(6 * MINUTE)), (HOUR, stop(30 * SECOND))],
        &["it is too late for this", "stopped since 60s"],
    );
    check(
        won(standard(), &[1]),
        &[(HOUR, stop(MINUTE))],
        &["this is not possible in the auction's present state"],
    );
}

#[test]
fn a_late_start_opens_in_full_at_the_announced_time() {
    check(
        waiting(standard(), 2),
        &[(HOUR, tick(0)), (HOUR, go_on(2 * HOUR)), (2 * HOUR, tick(0)), (2 * HOUR, tick(0))],
        &["stopped since 0s", "goes on at 7200s", "goes on, open until 9000s", ""],
    );
}

#[test]
fn a_suspension_before_the_start_does_not_open_it_early() {
    check(
        waiting(standard(), 2),
        &[
            (-50 * MINUTE, stop(-50 * MINUTE)),
            (-50 * MINUTE, go_on(-30 * MINUTE)),
            (-30 * MINUTE, tick(0)),
            (-1, raise(1, 0)),
            (0, tick(0)),
        ],
        &[
            "stopped since -3000s",
            "goes on at -1800s",
            "goes on",
            "bidding has not started",
            "open until 1800s",
        ],
    );
}

#[test]
fn a_resumption_missed_by_more_than_the_rules_allow_counts_from_when_it_was_made() {
    for (late, deadline) in [(2 * SECOND, 3_900), (2 * SECOND + 1, 3_902)] {
        let mut auction = raised(standard(), &[1]);
        for (moment, command) in
            [(3 * MINUTE, stop(3 * MINUTE)), (3 * MINUTE, go_on(HOUR)), (HOUR + late, tick(0))]
        {
            auction = after(auction, moment, &command);
        }
        let rest = TimeSpan(late % SECOND);
        assert_eq!(auction.round.unwrap().deadline, at(deadline * SECOND) + rest);
    }
}

#[test]
fn a_hard_stop_moves_by_as_long_as_the_clock_took_from_the_bidding() {
    for (stopped, resumed, expected) in [
        // The stop was at minute 20; the suspended time from minute 3 to 60 is added.
        (3 * MINUTE, 60 * MINUTE, 77 * MINUTE),
        // Before the start no bidding time was lost.
        (-50 * MINUTE, -30 * MINUTE, 20 * MINUTE),
        (-50 * MINUTE, 10 * MINUTE, 30 * MINUTE),
    ] {
        let rules = RuleProfile { hard_stop: Some(at(20 * MINUTE)), ..standard() };
        let mut auction = waiting(rules, 3);
        if stopped > 0 {
            auction = after(auction, 0, &tick(0));
        }
        for (moment, command) in
            [(stopped, stop(stopped)), (stopped, go_on(resumed)), (resumed, tick(0))]
        {
            auction = after(auction, moment, &command);
        }
        auction = after(auction, resumed.max(0), &tick(0));
        assert_eq!(auction.closes_at(), Some(at(expected)), "{stopped}");
        assert_eq!(auction.birth.rules.hard_stop, Some(at(20 * MINUTE)), "the rules stand");
        if stopped < 0 {
            continue;
        }
        // A second stop adds to the first.
        for (moment, command) in
            [(61 * MINUTE, stop(61 * MINUTE)), (61 * MINUTE, go_on(81 * MINUTE))]
        {
            auction = after(auction, moment, &command);
        }
        auction = after(auction, 81 * MINUTE, &tick(0));
        assert_eq!(auction.closes_at(), Some(at(97 * MINUTE)));
    }
}

#[test]
fn an_outage_stops_the_clock_only_where_it_took_time_from_the_bidders() {
    let said = |auction: Auction, since: i64, now: i64| {
        let command = after_outages(&auction, &[outage(since, now)], at(now))?;
        let (_, events) = super::super::apply(&auction, &command, at(now)).unwrap();
        Some(events.iter().map(say).collect::<Vec<_>>().join(", "))
    };
    let stopped = |text: &str| Some(text.to_owned());
    let open = || bidding(standard(), 3);
    let (since, short) = (20 * MINUTE, 20 * MINUTE + 10 * SECOND - 1);
    assert_eq!(said(open(), since, short), None);
    assert_eq!(said(open(), since, short + 1), stopped("stopped since 1200s"));
    // The deadline passed meanwhile.
    assert_eq!(said(open(), since, DAY), stopped("stopped since 1200s"));
    // The deadline had passed before.
    assert_eq!(said(open(), 30 * MINUTE, DAY), None);
    // The window had not opened, or only just.
    let wait = || waiting(standard(), 3);
    assert_eq!(said(wait(), -HOUR, -MINUTE), None);
    assert_eq!(said(wait(), -HOUR, 2 * SECOND), None);
    assert_eq!(said(wait(), -HOUR, 3 * SECOND), stopped("stopped since 0s"));
    assert_eq!(said(tendering(standard()), -HOUR, DAY), None);
    assert_eq!(said(won(standard(), &[1]), -HOUR, DAY), None);
}

#[test]
fn a_resumption_that_an_outage_swallowed_is_announced_anew() {
    let mut stopped = raised(standard(), &[1]);
    for (moment, command) in [(3 * MINUTE, stop(3 * MINUTE)), (3 * MINUTE, go_on(HOUR))] {
        stopped = after(stopped, moment, &command);
    }
    let again = |until| after_outages(&stopped, &[outage(20 * MINUTE, until)], at(until));
    assert_eq!(again(50 * MINUTE), None, "not yet due");
    let again = again(2 * HOUR).unwrap();
    check(
        stopped,
        &[(2 * HOUR, again), (2 * HOUR, tick(0)), (2 * HOUR, go_on(3 * HOUR)), (DAY / 8, tick(0))],
        &["stopped since 180s", "", "goes on at 10800s", "goes on until 11100s"],
    );
}

#[test]
fn a_bid_refused_as_late_does_not_hide_an_outage() {
    let refused = Event::BidRefused {
        bid: crate::domain::id::BidId(uuid::Uuid::nil()),
        bidder: crate::domain::id::BidderNo(2),
        reason: super::super::bidding::BidRejection::DeadlinePassed,
        amount: crate::domain::money::Tyiyn::ZERO,
        basis: super::super::bidding::Basis { round: 1, price: crate::domain::money::Tyiyn::ZERO },
        epoch: 0,
        received_at: at(7 * MINUTE),
    };
    let auction = super::super::evolve(raised(standard(), &[1]), &refused);
    check(auction, &[(8 * MINUTE, stop(2 * MINUTE))], &["stopped since 120s"]);
}

#[test]
fn time_lost_in_one_window_adds_up_and_the_last_seconds_count() {
    let partial = |since, until| Outage { is_partial: true, ..outage(since, until) };
    // The first window is 30 minutes, and 10 seconds of it are too much.
    for (case, outages, since) in [
        ("nothing lost", vec![], None),
        ("little lost", vec![outage(MINUTE, MINUTE + 9 * SECOND)], None),
        (
            "twice too little is enough",
            vec![outage(MINUTE, MINUTE + 5 * SECOND), outage(HOUR / 4, HOUR / 4 + 5 * SECOND)],
            Some(HOUR / 4),
        ),
        (
            "time is lost once",
            vec![outage(MINUTE, MINUTE + 8 * SECOND), outage(MINUTE, MINUTE + 9 * SECOND)],
            None,
        ),
        ("before the window", vec![outage(-HOUR, 9 * SECOND)], None),
        ("after it", vec![outage(30 * MINUTE, HOUR)], None),
        (
            "across the deadline",
            vec![outage(30 * MINUTE - 1, 30 * MINUTE + SECOND)],
            Some(30 * MINUTE - 1),
        ),
        (
            "just before it, with as much left",
            vec![outage(30 * MINUTE - 4 * SECOND, 30 * MINUTE - 2 * SECOND)],
            None,
        ),
        (
            "just before it, with less left",
            vec![outage(30 * MINUTE - 4 * SECOND, 30 * MINUTE - 2 * SECOND + 1)],
            Some(30 * MINUTE - 4 * SECOND),
        ),
        ("one node, in the middle", vec![partial(MINUTE, 29 * MINUTE)], None),
        (
            "one node, across the deadline",
            vec![partial(29 * MINUTE, 30 * MINUTE)],
            Some(29 * MINUTE),
        ),
    ] {
        let auction = bidding(standard(), 3);
        let expected = since.map(stop);
        assert_eq!(after_outages(&auction, &outages, at(HOUR)), expected, "{case}");
    }
}

#[test]
fn a_short_window_bears_less_and_what_was_lost_before_it_does_not_count() {
    let rules = RuleProfile { raise_window: TimeSpan::seconds(50), ..standard() };
    let auction = raised(rules, &[1]); // At 60 s: until 110 s.
    let lost = |since: i64, until: i64| {
        after_outages(&auction, &[outage(since * SECOND, until * SECOND)], at(HOUR)).is_some()
    };
    assert!(!lost(70, 71) && lost(70, 72), "4 % of 50 s");
    assert!(!lost(0, 61), "it belonged to the window before");
    let mut resumed = raised(standard(), &[1]);
    for (moment, command) in
        [(3 * MINUTE, stop(2 * MINUTE)), (4 * MINUTE, go_on(HOUR)), (HOUR, tick(0))]
    {
        resumed = after(resumed, moment, &command);
    }
    let before = [outage(2 * MINUTE, 3 * MINUTE), outage(HOUR - 9 * SECOND, HOUR)];
    assert_eq!(after_outages(&resumed, &before, at(DAY)), None, "the suspension answered it");
}
