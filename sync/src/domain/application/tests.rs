use super::super::auction::Command as AuctionCommand;
use super::super::id::BidderNo;
use super::super::rules::{Fallback, RuleProfile, SoleApplicant};
use super::super::test_support::{self, *};
use super::*;
use uuid::Uuid;

fn standard() -> RuleProfile {
    RuleProfile::standard()
}

fn submission(package: &str, micros: i64) -> Submission {
    Submission {
        id: ApplicationId(Uuid::from_u128(30)),
        terms_version: 1,
        package_hash: package.to_owned(),
        signed_with: ConfirmationMethod::Passkey,
        received_at: at(micros),
    }
}

fn standing(status: Status) -> Application {
    let application = submit(&tendering(standard()), None, submission("a", -DAY)).unwrap();
    Application { status, ..application }
}

/// The moments before the close of applications, after it, and after the start.
const IN_TIME: i64 = -2 * HOUR - 1;
const TOO_LATE: i64 = -2 * HOUR;

#[test]
fn an_application_is_in_time_by_the_servers_stamp_alone() {
    let tender_end = at(TOO_LATE);
    for (auction, received, expected) in [
        (published(standard()), -15 * DAY, Ok(Status::Admitted)),
        (tendering(standard()), IN_TIME, Ok(Status::Admitted)),
        (tendering(standard()), TOO_LATE, Err(Rejection::DeadlinePassed { tender_end })),
        (tendering(standard()), TOO_LATE + 1, Err(Rejection::DeadlinePassed { tender_end })),
        (waiting(standard(), 2), TOO_LATE, Err(Rejection::DeadlinePassed { tender_end })),
        (draft(standard()), -DAY, Err(Rejection::NotTendering)),
    ] {
        let submitted = submit(&auction, None, submission("a", received));
        assert_eq!(submitted.map(|application| application.status), expected);
    }
}

#[test]
fn an_application_names_the_terms_it_was_signed_for_and_a_method_the_rules_accept() {
    let auction = tendering(standard());
    let old = Submission { terms_version: 0, ..submission("a", -DAY) };
    assert_eq!(submit(&auction, None, old), Err(Rejection::TermsChanged { version: 1 }));
    let eds = Submission { signed_with: ConfirmationMethod::Eds, ..submission("a", -DAY) };
    assert_eq!(submit(&auction, None, eds), Err(Rejection::MethodNotAccepted));
}

#[test]
fn a_person_has_one_live_application_and_the_same_package_again_is_the_same_one() {
    let auction = tendering(standard());
    let id = standing(Status::Admitted).id;
    for status in [Status::Signed, Status::Admitted, Status::Eligible, Status::Disqualified] {
        let before = standing(status);
        let other = submit(&auction, Some(&before), submission("b", -DAY));
        assert_eq!(other, Err(Rejection::Duplicate { application: id }));
        let same = submit(&auction, Some(&before), submission("a", -HOUR));
        assert_eq!(same, Ok(before));
    }
}

#[test]
fn who_withdrew_applies_anew_and_who_signs_again_keeps_his_place_and_deposit() {
    let auction = tendering(standard());
    let fresh = Submission { id: ApplicationId(Uuid::from_u128(31)), ..submission("b", -DAY) };
    let again = submit(&auction, Some(&standing(Status::Withdrawn)), fresh.clone()).unwrap();
    assert_eq!((again.id, again.status), (fresh.id, Status::Admitted));
    let paid = Application { deposit_paid: true, ..standing(Status::NeedsReconfirm) };
    let again = submit(&auction, Some(&paid), fresh).unwrap();
    assert_eq!((again.id, again.status), (paid.id, Status::Eligible));
}

#[test]
fn a_moderator_decides_where_the_rules_say_so() {
    let rules = RuleProfile { admission: Admission::Manual, ..standard() };
    let submitted = submit(&tendering(rules), None, submission("a", -DAY)).unwrap();
    assert_eq!(submitted.status, Status::Signed);
}

/// Each row of the application's state machine (§5.5): command, state before, moment, state after.
#[test]
fn the_applications_machine_row_by_row() {
    use Status::*;
    let reason = || "forged papers".to_owned();
    let (refuse, exclude) =
        (Command::Refuse { reason: reason() }, Command::Disqualify { reason: reason() });
    let late = Err(Rejection::DeadlinePassed { tender_end: at(TOO_LATE) });
    let wrong = Err(Rejection::WrongState);
    for (command, before, micros, after) in [
        (Command::Admit, Signed, IN_TIME, Ok(Admitted)),
        (Command::Admit, Signed, TOO_LATE, late),
        (Command::Admit, Withdrawn, IN_TIME, wrong),
        (refuse.clone(), Signed, IN_TIME, Ok(NotAdmitted)),
        (refuse, Admitted, IN_TIME, wrong),
        (Command::DepositPaid, Admitted, IN_TIME, Ok(Eligible)),
        (Command::DepositPaid, Admitted, TOO_LATE, late),
        (Command::DepositPaid, Signed, IN_TIME, Ok(Signed)),
        (Command::DepositPaid, Withdrawn, IN_TIME, wrong),
        (Command::Withdraw, Signed, IN_TIME, Ok(Withdrawn)),
        (Command::Withdraw, NeedsReconfirm, IN_TIME, Ok(Withdrawn)),
        (Command::Withdraw, Admitted, IN_TIME, Ok(Withdrawn)),
        (Command::Withdraw, Eligible, IN_TIME, Ok(Withdrawn)),
        (Command::Withdraw, Eligible, TOO_LATE, late),
        (Command::Withdraw, Withdrawn, IN_TIME, wrong),
        (exclude.clone(), Eligible, IN_TIME, Ok(Disqualified)),
        (exclude.clone(), Eligible, -1, Ok(Disqualified)),
        (exclude, Withdrawn, IN_TIME, wrong),
        (Command::Disqualify { reason: " ".into() }, Eligible, -1, Err(Rejection::ReasonNeeded)),
        (Command::TermsChanged, Signed, IN_TIME, Ok(NeedsReconfirm)),
        (Command::TermsChanged, Eligible, IN_TIME, Ok(NeedsReconfirm)),
        (Command::TermsChanged, Withdrawn, IN_TIME, wrong),
        (Command::Conclude(Conclusion::Won), Eligible, 0, Ok(Won)),
        (Command::Conclude(Conclusion::Reserve), Eligible, 0, Ok(Reserve)),
        (Command::Conclude(Conclusion::Won), Reserve, 0, Ok(Won)),
        (Command::Conclude(Conclusion::Lost), Reserve, 0, Ok(Lost)),
        (Command::Conclude(Conclusion::Lost), Disqualified, 0, wrong),
    ] {
        let next = apply(&tendering(standard()), &standing(before), &command, at(micros));
        let status = next.map(|application| application.status);
        assert_eq!(status, after, "{command:?} on {before:?}");
    }
}

#[test]
fn nobody_is_excluded_after_the_start_nor_made_eligible_after_the_roster_is_frozen() {
    let exclude = Command::Disqualify { reason: "forged papers".to_owned() };
    let eligible = standing(Status::Eligible);
    let started = test_support::bidding(standard(), 2);
    assert_eq!(apply(&started, &eligible, &exclude, at(0)), Err(Rejection::WrongState));
    let sole_applicant = Some(SoleApplicant::StartPrice);
    let offered = waiting(RuleProfile { sole_applicant, ..standard() }, 1);
    assert_eq!(apply(&offered, &eligible, &exclude, at(IN_TIME)), Err(Rejection::WrongState));
    let frozen = waiting(standard(), 2);
    let paid = apply(&frozen, &standing(Status::Admitted), &Command::DepositPaid, at(IN_TIME));
    assert_eq!(paid, Err(Rejection::DeadlinePassed { tender_end: at(TOO_LATE) }));
}

#[test]
fn the_auctions_end_tells_each_participant_his_part() {
    use Conclusion::*;
    let with_reserve = RuleProfile { fallback: Fallback::RunnerUp, ..standard() };
    let parts = |rules: RuleProfile, command: AuctionCommand| -> Vec<Option<Conclusion>> {
        let before = if matches!(command, AuctionCommand::Tick { .. }) {
            raised(rules, &[1, 3, 2])
        } else {
            won(rules, &[1, 3, 2])
        };
        let (auction, events) = super::super::auction::apply(&before, &command, at(HOUR)).unwrap();
        let last = events.last().unwrap();
        (1..=3).map(|no| consequence(&auction, last, BidderNo(no))).collect()
    };
    let confirm = AuctionCommand::ConfirmAward { bidder: BidderNo(2), protocol: "cd".to_owned() };
    for (rules, command, expected) in [
        (standard(), tick(0), [Some(Lost), None, Some(Lost)]),
        (with_reserve.clone(), tick(0), [Some(Lost), None, Some(Reserve)]),
        (with_reserve, confirm, [Some(Lost), Some(Won), Some(Lost)]),
        (
            standard(),
            AuctionCommand::RefuseAward { bidder: BidderNo(2) },
            [Some(Lost), Some(Lost), Some(Lost)],
        ),
    ] {
        assert_eq!(parts(rules, command), expected);
    }
}

#[test]
fn who_is_not_on_the_roster_has_lost_when_applications_close() {
    let closed = AuctionEvent::TenderingClosed { participants: Vec::new() };
    assert_eq!(consequence_unplaced(&closed), Some(Conclusion::Lost));
    assert_eq!(consequence_unplaced(&AuctionEvent::TenderingOpened), None);
}
