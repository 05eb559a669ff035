use crate::domain::auction::Auction;
use crate::domain::auction::bidding::{self, *};
use crate::domain::auction::{Command, Event, apply};
use crate::domain::id::BidderNo;
use crate::domain::money::Tyiyn;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

/// The result of a bid by number 1 on the round after 1 and 2 raised, two minutes in.
#[track_caller]
fn refused(auction: &Auction, micros: i64, change: impl FnOnce(&mut Bid), expected: BidRejection) {
    let mut bid = proper(1, 2);
    change(&mut bid);
    assert_eq!(place(auction, &bid, at(micros)), Err(expected));
}

#[test]
fn the_first_offer_is_one_step_above_the_start_price_1_4_a2() {
    let opened = bidding(standard(), 2);
    assert_eq!(required(&opened), Some(price(1)));
    check(opened, &[(0, raise(1, 0))], &["1 leads at 1050 until 300s"]);
}

#[test]
fn a_bid_received_before_the_start_is_early_even_if_it_is_decided_after_it() {
    check(
        bidding(standard(), 2),
        &[(-1, raise(1, 0)), (0, raise(1, 0))],
        &["bidding has not started", "1 leads at 1050 until 300s"],
    );
}

#[test]
fn the_first_offer_cuts_the_first_window_unless_it_is_a_minimum_1_4_a3() {
    let minimum = RuleProfile { first_window_is_minimum: true, ..standard() };
    for (rules, received, expected) in [
        (standard(), MINUTE, "1 leads at 1050 until 360s"),
        (minimum.clone(), MINUTE, "1 leads at 1050 until 1800s"),
        (minimum, 30 * MINUTE - 1, "1 leads at 1050 until 2099.999999s"),
    ] {
        check(bidding(rules, 2), &[(received, raise(1, 0))], &[expected]);
    }
}

#[test]
fn a_first_window_that_is_a_minimum_stands_after_the_second_raise_too() {
    let rules = RuleProfile { first_window_is_minimum: true, ..standard() };
    check(raised(rules, &[1]), &[(2 * MINUTE, raise(2, 1))], &["2 leads at 1100 until 1800s"]);
}

#[test]
fn a_bid_at_the_deadline_is_late_even_if_the_timer_is_r5_r8() {
    let late = "the bid was received at or after the deadline";
    for (micros, expected) in [
        (30 * MINUTE - 1, "1 leads at 1050 until 2099.999999s"),
        (30 * MINUTE, late),
        (30 * MINUTE + 1, late),
        (30 * DAY, late),
    ] {
        check(bidding(standard(), 2), &[(micros, raise(1, 0))], &[expected]);
    }
    for (micros, expected) in [
        (6 * MINUTE - 1, "2 leads at 1100 until 659.999999s"),
        (6 * MINUTE, late),
        (6 * MINUTE + 1, late),
    ] {
        check(raised(standard(), &[1]), &[(micros, raise(2, 1))], &[expected]);
    }
}

#[test]
fn a_late_bid_gets_the_same_answer_before_and_after_the_close_is_written() {
    let open = raised(standard(), &[1, 2]);
    let closed = after(open.clone(), HOUR, &tick(0));
    for auction in [open, closed] {
        refused(&auction, HOUR, |_| (), BidRejection::DeadlinePassed);
    }
}

#[test]
fn a_bid_in_time_is_decided_before_the_close_because_the_close_waits() {
    check(
        raised(standard(), &[1]),
        &[(6 * MINUTE + SECOND, tick(0)), (6 * MINUTE - 1, raise(2, 1)), (HOUR, tick(0))],
        &["", "2 leads at 1100 until 659.999999s", "closed at 659.999999s, 2 wins at 1100"],
    );
}

#[test]
fn of_two_bids_in_one_microsecond_the_second_has_lost_nothing() {
    let auction = bidding(standard(), 3);
    let first = auction.receive(at(MINUTE));
    let auction = after(auction, (first - START).0, &raise(1, 0));
    let second = auction.receive(at(MINUTE));
    assert_eq!(second, at(MINUTE + 1));
    assert_eq!(place(&auction, &proper(2, 0), second), Err(BidRejection::StaleBasis));
    assert_eq!(auction.best.len(), 1);
}

#[test]
fn refusals_come_in_the_order_of_paragraph_5_6() {
    let stranger = |bid: &mut Bid| bid.bidder = None;
    let all_wrong = |bid: &mut Bid| {
        bid.epoch = 7;
        bid.basis.round = 9;
        bid.amount = tyiyn(1);
    };
    let early = waiting(standard(), 3);
    refused(&early, 0, stranger, BidRejection::NotEligible);
    refused(&early, 0, |bid| bid.bidder = Some(BidderNo(0)), BidRejection::NotEligible);
    refused(&early, 0, |bid| bid.bidder = Some(BidderNo(4)), BidRejection::NotEligible);
    refused(&early, 0, all_wrong, BidRejection::NotStarted);

    let open = raised(standard(), &[1, 2]);
    refused(&open, HOUR, stranger, BidRejection::NotEligible);
    refused(&open, HOUR, all_wrong, BidRejection::Suspended); // of another epoch
    refused(
        &open,
        HOUR,
        |bid| (bid.basis.round, bid.amount) = (9, tyiyn(1)),
        BidRejection::DeadlinePassed,
    );
    let now = 3 * MINUTE;
    refused(
        &open,
        now,
        |bid| (bid.basis.round, bid.amount) = (1, tyiyn(1)),
        BidRejection::StaleBasis,
    );
    refused(&open, now, |bid| bid.basis.price = price(1), BidRejection::StaleBasis);
    let by_the_leader = |bid: &mut Bid| (bid.bidder, bid.amount) = (Some(BidderNo(2)), tyiyn(1));
    refused(&open, now, by_the_leader, BidRejection::AlreadyLeading);
    let required = price(3);
    for wrong in [price(2), tyiyn(price(3).get() - 1), tyiyn(price(3).get() + 1), price(4)] {
        refused(&open, now, |bid| bid.amount = wrong, BidRejection::WrongAmount { required });
    }
    assert!(place(&open, &proper(1, 2), at(now)).is_ok());
}

#[test]
fn what_was_cancelled_in_its_window_is_closed() {
    let cancel =
        Command::Cancel { by: BOTH, reason: "court order".to_owned(), document: "ab".to_owned() };
    let cancelled = after(raised(standard(), &[1, 2]), 3 * MINUTE, &cancel);
    refused(&cancelled, 3 * MINUTE, |_| (), BidRejection::Closed);
    let late = after(waiting(standard(), 2), HOUR, &tick(0));
    let never_opened = after(late, HOUR, &cancel);
    refused(&never_opened, MINUTE, |_| (), BidRejection::Closed);
}

#[test]
fn the_leader_raises_himself_only_where_the_rules_let_him_1_4_a5() {
    let free = RuleProfile { allow_self_raise: true, ..standard() };
    for (rules, expected) in
        [(standard(), "you already lead this auction"), (free, "1 leads at 1100 until 420s")]
    {
        check(raised(rules, &[1]), &[(2 * MINUTE, raise(1, 1))], &[expected]);
    }
}

#[test]
fn haste_counts_before_everything_else_about_a_bid() {
    let hasty = |bid: &mut Bid| bid.hasty = true;
    let hasty_and_wrong = |bid: &mut Bid| {
        (bid.hasty, bid.epoch, bid.basis.round, bid.amount) = (true, 7, 9, tyiyn(1));
    };
    let open = raised(standard(), &[1, 2]);
    refused(&open, 3 * MINUTE, hasty, BidRejection::RateLimited);
    refused(&open, 3 * MINUTE, hasty_and_wrong, BidRejection::RateLimited);
    refused(&open, HOUR, hasty_and_wrong, BidRejection::RateLimited);
    refused(&waiting(standard(), 3), 0, hasty_and_wrong, BidRejection::RateLimited);
    let strange_and_hasty = |bid: &mut Bid| (bid.hasty, bid.bidder) = (true, None);
    refused(&open, 3 * MINUTE, strange_and_hasty, BidRejection::NotEligible);
    // How long ago the last attempt was is not in the state.
    refused(&open, 2 * MINUTE + 1, |bid| bid.basis.round = 1, BidRejection::StaleBasis);
    assert!(place(&open, &proper(1, 2), at(2 * MINUTE + 1)).is_ok());
}

/// The log's entries for rejections of these bidders, one after the other.
fn logged(mut open: Auction, rejections: &[(u16, BidRejection)]) -> (Auction, Vec<bool>) {
    let mut entries = Vec::new();
    for (second, (bidder, reason)) in (0..).zip(rejections) {
        let now = at(3 * MINUTE + second * SECOND);
        let entry = bidding::refused(&open, &proper(*bidder, 1), *reason, now);
        entries.push(entry.is_some());
        open = entry.iter().fold(open, super::super::evolve);
    }
    (open, entries)
}

#[test]
fn a_window_logs_the_first_of_a_bidders_rejections_for_each_reason() {
    use BidRejection::{AlreadyLeading, RateLimited, StaleBasis};
    let wrong = BidRejection::WrongAmount { required: price(3) };
    let (open, entries) = logged(
        raised(standard(), &[1, 2]),
        &[
            (1, StaleBasis),
            (1, StaleBasis),
            (1, wrong),
            (1, StaleBasis),
            (1, wrong),
            (2, AlreadyLeading),
            (2, AlreadyLeading),
            (3, StaleBasis),
            (1, RateLimited),
            (1, RateLimited),
        ],
    );
    let expected = [true, false, true, false, false, true, false, true, true, false];
    assert_eq!(entries, expected);
    // The next raise begins another window, and so does a resumption.
    let next = after(open.clone(), 5 * MINUTE, &raise(3, 2));
    assert_eq!(logged(next, &[(1, StaleBasis), (1, StaleBasis)]).1, [true, false]);
    let resumed = super::super::evolve(open, &Event::Resumed { deadline: None, hard_stop: None });
    assert_eq!(logged(resumed, &[(1, StaleBasis), (1, StaleBasis)]).1, [true, false]);
}

#[test]
fn the_price_stops_below_the_greatest_amount() {
    let mut open = bidding(standard(), 2);
    open.round = open.round.map(|round| Round { price: Tyiyn::MAX, ..round });
    let mut bid = proper(1, 0);
    bid.basis.price = Tyiyn::MAX;
    assert_eq!(place(&open, &bid, at(1)), Err(BidRejection::PriceLimit));
}

#[test]
fn a_refused_bid_enters_the_log_only_while_bidding_runs_and_never_a_strangers() {
    let logged = |auction: &Auction, bid: &Bid, reason| {
        bidding::refused(auction, bid, reason, at(HOUR)).is_some()
    };
    let (open, bid) = (raised(standard(), &[1, 2]), proper(1, 1));
    assert!(logged(&open, &bid, BidRejection::StaleBasis));
    assert!(!logged(&open, &bid, BidRejection::NotEligible));
    assert!(!logged(&open, &Bid { bidder: None, ..bid }, BidRejection::NotEligible));
    let closed = after(open, HOUR, &tick(0));
    assert!(!logged(&closed, &bid, BidRejection::DeadlinePassed));
    assert!(!logged(&waiting(standard(), 2), &bid, BidRejection::NotStarted));
}

#[test]
fn two_hundred_raises_between_two_take_as_long_as_they_take() {
    let mut auction = bidding(standard(), 2);
    for round in 0..200 {
        let bidder = u16::try_from(round % 2 + 1).unwrap();
        let command = raise(bidder, round);
        auction = apply(&auction, &command, at((round + 1) * 4 * MINUTE)).unwrap().0;
    }
    let round = auction.round.unwrap();
    assert_eq!((round.number, round.price), (200, price(200)));
    assert_eq!(round.deadline, at(805 * MINUTE));
    assert_eq!(auction.closes_at(), Some(at(800 * MINUTE) + TimeSpan::minutes(5)));
}
