use super::super::Command;
use crate::domain::auction::ContractFault;
use crate::domain::auction::DualApproval;
use crate::domain::id::BidderNo;
use crate::domain::rules::Fallback;
use crate::domain::rules::{RuleProfile, VerificationEnd};
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn with_runner_up() -> RuleProfile {
    RuleProfile { fallback: Fallback::RunnerUp, ..standard() }
}

fn confirm(bidder: u16) -> Command {
    Command::ConfirmAward { bidder: BidderNo(bidder), protocol: "cd".repeat(32) }
}

fn refuse(bidder: u16) -> Command {
    Command::RefuseAward { bidder: BidderNo(bidder) }
}

fn exclude(by: DualApproval) -> Command {
    let (reason, document) = ("forged papers".to_owned(), "ef".repeat(32));
    Command::DisqualifyWinner { by, reason, document }
}

/// 18:00 of the next working day: 32 hours after the start.
const CONFIRM_BY: i64 = 32 * HOUR;

#[test]
fn a12_the_winner_confirms_before_his_time_ends_manual_step_30() {
    for (moment, expected) in [
        (CONFIRM_BY - 1, "2 confirmed"),
        (CONFIRM_BY, "it is too late for this"),
        (CONFIRM_BY + 1, "it is too late for this"),
    ] {
        check(won(standard(), &[1, 2]), &[(moment, confirm(2))], &[expected]);
    }
    check(
        won(standard(), &[1, 2]),
        &[(HOUR, confirm(1)), (HOUR, confirm(2)), (HOUR, confirm(2))],
        &[
            "only the proposed winner may do this",
            "2 confirmed",
            "this is not possible in the auction's present state",
        ],
    );
}

#[test]
fn a12_the_time_to_confirm_is_the_rules() {
    let verification_end = VerificationEnd::After(TimeSpan::hours(3));
    let auction = won(RuleProfile { verification_end, ..standard() }, &[1]);
    assert_eq!(auction.pending_award().unwrap().confirm_by, at(3 * HOUR + 6 * MINUTE));
}

#[test]
fn a14_without_a_fallback_silence_or_refusal_ends_the_auction() {
    let ended = "2 lapsed: Refused, failed: WinnerDefault";
    check(won(standard(), &[1, 2]), &[(HOUR, refuse(2))], &[ended]);
    check(
        won(standard(), &[1, 2]),
        &[
            (CONFIRM_BY + 2 * SECOND - 1, tick(0)),
            (CONFIRM_BY + 2 * SECOND, tick(0)),
            (30 * DAY, tick(0)),
        ],
        &["", "2 lapsed: Timeout, failed: WinnerDefault", ""],
    );
}

#[test]
fn a13_the_runner_up_is_asked_once_at_his_own_last_price() {
    check(
        won(with_runner_up(), &[1, 3, 1, 2]),
        &[(HOUR, refuse(2)), (HOUR, confirm(2)), (HOUR, confirm(1))],
        &[
            "2 lapsed: Refused, 1 wins at 1150",
            "only the proposed winner may do this",
            "1 confirmed",
        ],
    );
    check(
        won(with_runner_up(), &[1, 3, 1, 2]),
        &[(HOUR, refuse(2)), (2 * HOUR, refuse(1))],
        &["2 lapsed: Refused, 1 wins at 1150", "1 lapsed: Refused, failed: WinnerDefault"],
    );
}

#[test]
fn a13_a_bidder_who_never_raised_is_no_runner_up() {
    let ended = "1 lapsed: Refused, failed: WinnerDefault";
    check(won(with_runner_up(), &[1]), &[(HOUR, refuse(1))], &[ended]);
}

#[test]
fn a13_the_runner_up_has_a_full_time_to_confirm() {
    let auction = won(with_runner_up(), &[1, 2]);
    let silent = after(auction, CONFIRM_BY + 2 * SECOND, &tick(0));
    let heir = silent.pending_award().unwrap();
    assert_eq!((heir.bidder, heir.confirm_by), (BidderNo(1), at(CONFIRM_BY + DAY)));
    // However late the tick is, the runner-up's time counts from the end of the winner's.
    let very_late = after(won(with_runner_up(), &[1, 2]), CONFIRM_BY + HOUR, &tick(0));
    assert_eq!(very_late, silent);
}

#[test]
fn a13_two_people_exclude_the_winner_with_reason_and_document() {
    let alone = DualApproval { proposed: AUTHOR, approved: AUTHOR };
    check(
        won(with_runner_up(), &[1, 2]),
        &[(HOUR, exclude(alone)), (CONFIRM_BY, exclude(BOTH)), (HOUR, exclude(BOTH))],
        &[
            "a second person has to do this",
            "it is too late for this",
            "winner excluded, 2 lapsed: Disqualified, 1 wins at 1050",
        ],
    );
    check(
        raised(standard(), &[1]),
        &[(MINUTE, exclude(BOTH))],
        &["this is not possible in the auction's present state"],
    );
}

#[test]
fn a13_nobody_follows_a_winner_who_has_confirmed() {
    let wrong = "this is not possible in the auction's present state";
    let fail = Command::FailContract { by: AUTHOR, fault: ContractFault::Bidder };
    let sign = Command::SignContract { by: AUTHOR, document: "ef".repeat(32) };
    check(
        won(with_runner_up(), &[1, 3, 1, 2]),
        &[
            (HOUR, confirm(2)),
            (2 * HOUR, refuse(2)),
            (2 * HOUR, exclude(BOTH)),
            (CONFIRM_BY + DAY, tick(0)),
            (CONFIRM_BY + DAY, fail),
            (CONFIRM_BY + DAY, confirm(1)),
            (CONFIRM_BY + DAY, sign),
            (30 * DAY, tick(0)),
        ],
        &[
            "2 confirmed",
            wrong,
            wrong,
            "",
            "no contract: Bidder, failed: ContractNotConcluded",
            wrong,
            wrong,
            "",
        ],
    );
}

#[test]
fn a15_the_contract_is_signed_before_its_time_ends() {
    let sign = || Command::SignContract { by: AUTHOR, document: "ef".repeat(32) };
    let end = HOUR + 10 * DAY;
    for (moment, expected) in [
        (end - 1, "contract signed"),
        (end, "it is too late for this"),
        (end + 1, "it is too late for this"),
    ] {
        let awarded = after(won(standard(), &[1]), HOUR, &confirm(1));
        check(awarded, &[(moment, sign())], &[expected]);
    }
    check(
        won(standard(), &[1]),
        &[(HOUR, sign())],
        &["this is not possible in the auction's present state"],
    );
}

#[test]
fn a16_a_missed_contract_waits_for_somebody_to_say_whose_fault_it_was() {
    for (fault, name) in [(ContractFault::Bidder, "Bidder"), (ContractFault::Other, "Other")] {
        let awarded = after(won(standard(), &[1]), HOUR, &confirm(1));
        check(
            awarded,
            &[(30 * DAY, tick(0)), (30 * DAY, Command::FailContract { by: AUTHOR, fault })],
            &["", &format!("no contract: {name}, failed: ContractNotConcluded")],
        );
    }
}

#[test]
fn an_award_stands_until_it_is_lost_or_nothing_is_sold() {
    let document = || "ef".repeat(32);
    let sign = Command::SignContract { by: AUTHOR, document: document() };
    let fail = Command::FailContract { by: AUTHOR, fault: ContractFault::Other };
    let reason = "court order".to_owned();
    let cancel = Command::Cancel { by: BOTH, reason, document: document() };
    let proposed = || won(standard(), &[1]);
    let awarded = || after(proposed(), HOUR, &confirm(1));
    for (auction, stands, waits) in [
        (raised(standard(), &[1]), false, false),
        (proposed(), true, true),
        (awarded(), true, false),
        (after(awarded(), 2 * HOUR, &sign), true, false),
        (after(proposed(), HOUR, &refuse(1)), false, false),
        (after(proposed(), HOUR, &cancel), false, false),
        (after(awarded(), 2 * HOUR, &cancel), false, false),
        (after(awarded(), 2 * HOUR, &fail), false, false),
    ] {
        let found = (auction.standing_award().is_some(), auction.pending_award().is_some());
        assert_eq!(found, (stands, waits), "{:?}", auction.status);
    }
}
