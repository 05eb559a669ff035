use super::*;
use crate::domain::auction::DualApproval;
use crate::domain::id::{ApplicationId, DepositId};
use crate::domain::proposal::LIFE;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use uuid::Uuid;

fn with_status(status: Status) -> Deposit {
    Deposit {
        id: DepositId(Uuid::from_u128(40)),
        application: ApplicationId(Uuid::from_u128(30)),
        amount: tyiyn(10_000),
        status,
        forfeit_proposed_by: None,
    }
}

fn proposed(
    status: Status,
    (keep, reason, document): (bool, &str, &str),
) -> Result<ForfeitProposal, Rejection> {
    let what = (keep, reason, document);
    let by = (AUTHOR, Office::Organiser);
    ForfeitProposal::make(&with_status(status), &RuleProfile::standard(), by, what, at(0))
}

#[test]
fn a_decision_is_proposed_with_reason_and_document_once_the_rules_brought_it_up() {
    for (status, what, expected) in [
        (Status::ForfeitProposed, (true, "No contract", "ab"), None),
        (Status::ForfeitProposed, (false, "The fire was not their fault", "ab"), None),
        (Status::ForfeitProposed, (true, "  ", "ab"), Some(Rejection::ReasonNeeded)),
        (Status::ForfeitProposed, (true, "No contract", ""), Some(Rejection::ReasonNeeded)),
        (Status::Held, (true, "No contract", "ab"), Some(Rejection::WrongState)),
        (Status::Forfeited, (false, "Too late", "ab"), Some(Rejection::WrongState)),
    ] {
        assert_eq!(proposed(status, what).err(), expected, "{status:?} {what:?}");
    }
}

#[test]
fn an_official_of_the_other_office_approves_in_time() {
    use Office::{Finance, Organiser};
    let late = LIFE.0;
    let alone = Err(Rejection::SecondPersonNeeded);
    let by = DualApproval { proposed: AUTHOR, approved: SECOND_PERSON };
    for (keep, who, office, micros, expected) in [
        (true, SECOND_PERSON, Finance, 0, Ok(Command::DecideForfeit { keep: true, by })),
        (false, SECOND_PERSON, Finance, late - 1, Ok(Command::DecideForfeit { keep: false, by })),
        (true, SECOND_PERSON, Finance, late, Err(Rejection::Lapsed)),
        // Two people of one office, and one person in two.
        (true, SECOND_PERSON, Organiser, 0, alone),
        (true, AUTHOR, Finance, 0, alone),
    ] {
        let proposal = proposed(Status::ForfeitProposed, (keep, "No contract", "ab")).unwrap();
        assert_eq!(proposal.approve((who, office), at(micros)), expected, "{who:?} {office:?}");
    }
}
