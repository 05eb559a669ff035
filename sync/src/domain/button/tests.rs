use super::super::auction::{Command, SuspendedBy, SuspensionCause};
use super::super::rules::RuleProfile;
use super::super::test_support::*;
use super::*;
use uuid::Uuid;

const NOW: i64 = 3 * MINUTE;
const BID: BidId = BidId(Uuid::from_u128(60));

/// Number 1, well connected, three minutes after the start.
fn calm(auction: &Auction) -> Situation<'_> {
    Situation {
        auction,
        own: Ok(BidderNo(1)),
        clock: Some(ServerClock { now: at(NOW), uncertainty: TimeSpan::milliseconds(35) }),
        silence: Some(TimeSpan::milliseconds(900)),
        pending: None,
        outbid_seen: 0,
        refusal: None,
    }
}

#[track_caller]
fn check_button(auction: &Auction, change: impl FnOnce(&mut Situation<'_>), expected: Button) {
    let mut situation = calm(auction);
    change(&mut situation);
    assert_eq!(button(&situation), expected);
}

fn rules() -> RuleProfile {
    RuleProfile::standard()
}

fn next(raises: i64, left: i64) -> NextOffer {
    let basis = Basis { round: raises.unsigned_abs(), price: price(raises) };
    let left = TimeSpan(left - 35_000);
    NextOffer { amount: price(raises + 1), basis, epoch: 0, left }
}

#[test]
fn who_may_bid_sees_the_whole_new_price() {
    let opened = bidding(rules(), 3);
    check_button(&opened, |_| (), Button::CanFirstOffer(next(0, 27 * MINUTE)));
    let raised = raised(rules(), &[2]);
    check_button(&raised, |_| (), Button::CanRaise(next(1, 3 * MINUTE)));
}

#[test]
fn the_leader_waits_unless_the_rules_let_him_raise_himself() {
    check_button(&raised(rules(), &[2, 1]), |_| (), Button::Leading);
    let free = RuleProfile { allow_self_raise: true, ..rules() };
    check_button(&raised(free, &[2, 1]), |_| (), Button::CanRaise(next(2, 4 * MINUTE)));
}

#[test]
fn losing_the_lead_is_said_once_and_until_ok_manual_step_29() {
    let outbid = raised(rules(), &[1, 2]);
    let offer = next(2, 4 * MINUTE);
    check_button(&outbid, |_| (), Button::Outbid(offer));
    check_button(&outbid, |now| now.outbid_seen = 2, Button::CanRaise(offer));
    // A raise among the others does not alert again.
    let further = raised(rules(), &[1, 2, 3]);
    check_button(&further, |now| now.outbid_seen = 2, Button::CanRaise(next(3, 5 * MINUTE)));
    // Losing the lead a second time does.
    let again = raised(rules(), &[1, 2, 1, 2]);
    check_button(&again, |now| now.outbid_seen = 2, Button::Outbid(next(4, 6 * MINUTE)));
}

#[test]
fn a_refusal_is_shown_for_three_seconds() {
    let opened = bidding(rules(), 3);
    let refused = |ago: i64| Some((BidRejection::StaleBasis, at(NOW - ago)));
    let (shown, can) =
        (Button::Rejected(BidRejection::StaleBasis), Button::CanFirstOffer(next(0, 27 * MINUTE)));
    check_button(&opened, |now| now.refusal = refused(0), shown);
    check_button(&opened, |now| now.refusal = refused(3 * SECOND - 1), shown);
    check_button(&opened, |now| now.refusal = refused(3 * SECOND), can);
}

/// Each worse state hides all below it (§5.9): all at once, then the worst removed each time.
#[test]
fn the_worst_state_is_shown() {
    let stop = Command::Suspend {
        by: SuspendedBy::Watchdog,
        cause: SuspensionCause::Outage,
        since: at(NOW),
    };
    let running = raised(rules(), &[2]);
    let stopped = after(running.clone(), NOW, &stop);
    let cancel = Command::Cancel { by: BOTH, reason: "law".into(), document: "ef".into() };
    let cancelled = after(stopped.clone(), NOW, &cancel);
    let ahead = waiting(rules(), 3);
    type Change = fn(&mut Situation<'_>);
    let troubles: [(Change, Button); 5] = [
        (
            |now| now.own = Err(NotEligible::DepositDue),
            Button::NotEligible(NotEligible::DepositDue),
        ),
        (|now| now.silence = Some(SILENCE_MAX), Button::Offline),
        (|now| now.clock = None, Button::ClockUncertain),
        (|now| now.pending = Some(Pending::Sending(BID)), Button::Sending(BID)),
        (
            |now| now.refusal = Some((BidRejection::RateLimited, at(NOW))),
            Button::Rejected(BidRejection::RateLimited),
        ),
    ];
    for (auction, all) in [
        (&cancelled, Some(Button::Closed(Ending::Cancelled))),
        (&stopped, Some(Button::Suspended { until: None })),
        (&running, None),
    ] {
        for worst in 0..troubles.len() {
            let mut situation = calm(auction);
            troubles[worst..].iter().for_each(|(change, _)| change(&mut situation));
            assert_eq!(button(&situation), all.unwrap_or(troubles[worst].1));
        }
    }
    let unknown = |now: &mut Situation<'_>| now.pending = Some(Pending::Unknown(BID));
    check_button(&running, unknown, Button::UnknownOutcome(BID));
    let vague = |now: &mut Situation<'_>| {
        let uncertainty = TimeSpan(CLOCK_UNCERTAINTY_MAX.0 + 1);
        now.clock = Some(ServerClock { now: at(NOW), uncertainty });
    };
    check_button(&running, vague, Button::ClockUncertain);
    let before = |now: &mut Situation<'_>| {
        now.silence = None;
        now.clock = Some(ServerClock { now: at(-MINUTE), uncertainty: TimeSpan::ZERO });
    };
    let left = Some(TimeSpan::minutes(1));
    check_button(&ahead, before, Button::WaitingStart { left });
}

#[test]
fn after_the_window_the_button_waits_for_the_server() {
    let raised = raised(rules(), &[2]);
    let clock = |now| Some(ServerClock { now, uncertainty: TimeSpan::ZERO });
    check_button(&raised, |now| now.clock = clock(at(6 * MINUTE)), Button::Closing);
    let last = NextOffer { left: TimeSpan(1), ..next(1, 0) };
    check_button(&raised, |now| now.clock = clock(at(6 * MINUTE - 1)), Button::CanRaise(last));
}

#[test]
fn the_end_is_told_from_where_one_stands() {
    let nobody = after(bidding(rules(), 3), HOUR, &tick(0));
    check_button(&nobody, |_| (), Button::Closed(Ending::NoFirstOffer));
    let won = won(rules(), &[2, 1]);
    check_button(&won, |_| (), Button::Closed(Ending::Won));
    check_button(&won, |now| now.own = Ok(BidderNo(2)), Button::Closed(Ending::Lost));
    let observer = |now: &mut Situation<'_>| now.own = Err(NotEligible::Observer);
    check_button(&won, observer, Button::Closed(Ending::Lost));
    let refused = after(won.clone(), HOUR, &Command::RefuseAward { bidder: BidderNo(1) });
    let failed = Ending::Unsuccessful(Failure::WinnerDefault);
    check_button(&refused, |_| (), Button::Closed(failed));
}

#[test]
fn only_an_offer_can_be_pressed() {
    let offer = next(0, MINUTE);
    assert_eq!(Button::CanFirstOffer(offer).offer(), Some(offer));
    assert_eq!(Button::CanRaise(offer).offer(), Some(offer));
    for button in [Button::Outbid(offer), Button::Leading, Button::Offline, Button::Closing] {
        assert_eq!(button.offer(), None);
    }
}
