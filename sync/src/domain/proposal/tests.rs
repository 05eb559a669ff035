use super::super::auction::Auction;
use super::super::rules::{Fallback, RuleProfile};
use super::super::test_support::*;
use super::*;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn fault() -> JointAct {
    JointAct::Suspend { reason: "the payment hall has no light".to_owned() }
}

fn cancel() -> JointAct {
    JointAct::Cancel { reason: "court order".to_owned(), document: "ab".repeat(32) }
}

fn exclude() -> JointAct {
    JointAct::DisqualifyWinner { reason: "affiliate".to_owned(), document: "ab".repeat(32) }
}

fn refusal() -> JointAct {
    JointAct::RecordRefusal { reason: "letter no. 7".to_owned(), document: "ab".repeat(32) }
}

/// Proposes `act` at one moment, approves it at another after `between`, and describes the result.
fn said(
    auction: Auction,
    act: JointAct,
    made: i64,
    between: &[(i64, Command)],
    at_: i64,
) -> String {
    let proposal = match Proposal::make(&auction, act, AUTHOR, at(made)) {
        Ok(proposal) => proposal,
        Err(refusal) => return format!("not proposed: {refusal}"),
    };
    let auction =
        between.iter().fold(auction, |auction, (moment, act)| after(auction, *moment, act));
    let alive = proposal.is_alive(&auction, at(at_));
    let decided = proposal
        .approve(&auction, SECOND_PERSON, at(at_))
        .and_then(|command| apply(&auction, &command, at(at_)));
    assert_eq!(alive, decided.is_ok(), "what is shown can be approved");
    match decided {
        Ok((_, events)) => events.iter().map(say).collect::<Vec<_>>().join(", "),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn a_fault_counts_from_when_the_first_person_saw_it_but_not_from_before_the_last_bid() {
    let open = || bidding(standard(), 3);
    assert_eq!(said(open(), fault(), 10 * MINUTE, &[], 12 * MINUTE), "stopped since 600s");
    let bids = [(11 * MINUTE, raise(1, 0))];
    assert_eq!(said(open(), fault(), 10 * MINUTE, &bids, 12 * MINUTE), "stopped since 660s");
}

#[test]
fn a_proposal_lapses_by_its_time_and_when_the_auction_has_moved_on() {
    let late = "it is too late for this";
    let wrong = "this is not possible in the auction's present state";
    let open = || bidding(standard(), 3);
    let stop = Command::Suspend {
        by: SuspendedBy::Watchdog,
        cause: SuspensionCause::Outage,
        since: at(6 * MINUTE),
    };
    let go_on = Command::AnnounceResume { by: BOTH, at: at(22 * MINUTE) };
    let resumed = [(6 * MINUTE, stop.clone()), (6 * MINUTE, go_on), (22 * MINUTE, tick(0))];
    let lasting = URGENT_LIFE.0 + 10 * MINUTE;
    for (act, made, between, approved, expected) in [
        (fault(), 10 * MINUTE, &[][..], lasting - 1, "stopped since 600s"),
        (fault(), 10 * MINUTE, &[], lasting, late),
        (fault(), 5 * MINUTE, &[(6 * MINUTE, stop)], 7 * MINUTE, wrong),
        (fault(), 5 * MINUTE, &resumed, 19 * MINUTE, wrong),
        (cancel(), 5 * MINUTE, &[], HOUR / 4, "cancelled"),
        (cancel(), 5 * MINUTE, &[(HOUR, tick(0))], HOUR, wrong),
    ] {
        assert_eq!(said(open(), act.clone(), made, between, approved), expected, "{act:?}");
    }
    let opened = [(0, tick(0))];
    let waiting = waiting(standard(), 3);
    assert_eq!(said(waiting, fault(), -MINUTE, &opened, MINUTE), "stopped since -60s");
}

#[test]
fn what_is_not_possible_is_not_proposed() {
    let no_reason = JointAct::Suspend { reason: " ".to_owned() };
    let wrong = "not proposed: this is not possible in the auction's present state";
    for (auction, act, expected) in [
        (bidding(standard(), 3), exclude(), wrong),
        (bidding(standard(), 3), JointAct::Resume { at: at(DAY) }, wrong),
        (tendering(standard()), fault(), wrong),
        (
            bidding(standard(), 3),
            no_reason,
            "not proposed: a reason of reasonable length is needed",
        ),
        (tendering(standard()), cancel(), "not proposed: it is too late for this"),
    ] {
        assert_eq!(said(auction, act.clone(), MINUTE, &[], MINUTE), expected, "{act:?}");
    }
}

#[test]
fn a_resumption_is_approved_no_later_than_its_notice_allows() {
    let stop = Command::Suspend {
        by: SuspendedBy::Watchdog,
        cause: SuspensionCause::Outage,
        since: at(MINUTE),
    };
    let stopped = || after(bidding(standard(), 3), MINUTE, &stop);
    let (act, notice) = (JointAct::Resume { at: at(HOUR) }, 15 * MINUTE);
    let late = "it is too late for this";
    assert_eq!(said(stopped(), act.clone(), MINUTE, &[], HOUR - notice), "goes on at 3600s");
    assert_eq!(said(stopped(), act, MINUTE, &[], HOUR - notice + 1), late);
}

#[test]
fn the_winner_is_excluded_while_he_is_to_confirm() {
    let wrong = "this is not possible in the auction's present state";
    let out = "winner excluded, BidderNo(2) lapsed: Disqualified, failed: WinnerDefault";
    let out = out.replace("BidderNo(2)", "2");
    assert_eq!(said(won(standard(), &[1, 2]), exclude(), HOUR, &[], 2 * HOUR), out);
    let refuses = Command::RefuseAward { bidder: super::super::id::BidderNo(2) };
    let refused = [(HOUR, refuses)];
    assert_eq!(said(won(standard(), &[1, 2]), exclude(), HOUR, &refused, 2 * HOUR), wrong);
}

#[test]
fn a_refusal_in_writing_is_recorded_by_two_and_the_runner_up_is_asked_where_the_rules_say_so() {
    let wrong = "this is not possible in the auction's present state";
    let fails = "2 lapsed: Refused, failed: WinnerDefault";
    assert_eq!(said(won(standard(), &[1, 2]), refusal(), HOUR, &[], 2 * HOUR), fails);
    let rules = RuleProfile { fallback: Fallback::RunnerUp, ..standard() };
    let asked = said(won(rules, &[1, 2]), refusal(), HOUR, &[], 2 * HOUR);
    assert!(asked.starts_with("2 lapsed: Refused, 1 wins"), "{asked}");
    let refuses = [(HOUR, Command::RefuseAward { bidder: BidderNo(2) })];
    assert_eq!(said(won(standard(), &[1, 2]), refusal(), HOUR, &refuses, 2 * HOUR), wrong);
    for (act, expected) in [
        (
            JointAct::RecordRefusal { reason: String::new(), document: "ab".to_owned() },
            "a reason of reasonable length is needed",
        ),
        (
            JointAct::RecordRefusal { reason: "letter".to_owned(), document: " ".to_owned() },
            "the proposal breaks a rule: there is no document",
        ),
    ] {
        let expected = format!("not proposed: {expected}");
        assert_eq!(said(won(standard(), &[1, 2]), act, HOUR, &[], 2 * HOUR), expected);
    }
    let open = said(bidding(standard(), 3), refusal(), MINUTE, &[], MINUTE);
    assert_eq!(open, format!("not proposed: {wrong}"));
    // Nobody approves their own, although the command of a refusal names no officials.
    let auction = won(standard(), &[1, 2]);
    let proposal = Proposal::make(&auction, refusal(), AUTHOR, at(HOUR)).unwrap();
    let own = proposal.approve(&auction, AUTHOR, at(2 * HOUR));
    assert_eq!(own, Err(Rejection::SecondPersonNeeded));
}
