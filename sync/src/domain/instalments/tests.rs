use super::*;
use crate::domain::auction::{Auction, Command, ObjectOfPrice, Offer, create};
use crate::domain::id::BidderNo;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;

fn plan(count: u16, first_share: u16, every_months: u16) -> InstalmentPlan {
    InstalmentPlan { count, first_share: BasisPoints(first_share), every_months }
}

fn with(plan: InstalmentPlan) -> RuleProfile {
    RuleProfile { instalments: Some(plan), ..RuleProfile::standard() }
}

#[test]
fn the_parts_are_the_price_to_the_tyiyn() {
    for (plan, price, deposit, expected) in [
        // 1 000 som: 30 %, then two halves of the rest.
        (
            plan(3, 3_000, 3),
            100_000,
            10_000,
            vec![(30_000, 10_000, 0), (35_000, 0, 3), (35_000, 0, 6)],
        ),
        // What does not divide is in the last part.
        (
            plan(4, 3_000, 1),
            100_000,
            0,
            vec![(30_000, 0, 0), (23_300, 0, 1), (23_300, 0, 2), (23_400, 0, 3)],
        ),
        (plan(3, 3_000, 1), 100_050, 0, vec![(30_100, 0, 0), (34_900, 0, 1), (35_050, 0, 2)]),
        // A deposit larger than the first part counts towards the next ones.
        (
            plan(3, 1_000, 1),
            100_000,
            60_000,
            vec![(10_000, 10_000, 0), (45_000, 45_000, 1), (45_000, 5_000, 2)],
        ),
        (plan(2, 5_000, 1), 100_000, 100_000, vec![(50_000, 50_000, 0), (50_000, 50_000, 1)]),
        // Too little for so many parts.
        (plan(60, 100, 1), 150, 0, vec![(100, 0, 0), (50, 0, 1)]),
        (plan(60, 9_999, 1), 100, 0, vec![(100, 0, 0)]),
        (plan(2, 1, 12), 0, 0, vec![(0, 0, 0)]),
    ] {
        let parts = plan.divide(tyiyn(price), tyiyn(deposit));
        let shown: Vec<_> =
            parts.iter().map(|part| (part.amount.get(), part.counted.get(), part.months)).collect();
        assert_eq!(shown, expected, "{price} by {plan:?}");
    }
}

#[test]
fn a_plan_that_divides_nothing_is_refused() {
    for (plan, expected) in [
        (plan(2, 1, 1), Ok(())),
        (plan(60, 9_999, 12), Ok(())),
        (plan(1, 5_000, 1), Err("instalments")),
        (plan(61, 5_000, 1), Err("instalments")),
        (plan(2, 0, 1), Err("instalments")),
        (plan(2, 10_000, 1), Err("instalments")),
        (plan(2, 5_000, 0), Err("instalments")),
        (plan(2, 5_000, 13), Err("instalments")),
    ] {
        assert_eq!(with(plan).check(), expected, "{plan:?}");
    }
    let text = serde_json::to_string(&RuleProfile::standard()).unwrap();
    assert!(!text.contains("instalments"), "{text}");
}

/// An auction by this plan up to the contract, which is signed a day after the start.
fn sold(plan: InstalmentPlan, object_of_price: ObjectOfPrice) -> Auction {
    let mut birth = draft(with(plan)).birth;
    birth.offer = Offer { object_of_price, lease_duration: None, ..offer() };
    let (auction, _) = create(birth);
    let publish = Command::Publish { by: SECOND_PERSON, documents: 1, lot: None };
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    [
        (-16 * DAY, Command::Submit { by: AUTHOR }),
        (-16 * DAY, publish),
        (-HOUR, tick(2)),
        (0, tick(0)),
        (MINUTE, raise(1, 0)),
        (HOUR, tick(0)),
        (2 * HOUR, confirm),
    ]
    .iter()
    .fold(auction, |auction, (micros, command)| after(auction, *micros, command))
}

#[test]
fn parts_have_days_once_the_contract_is_signed_and_each_is_a_working_day() {
    let awarded = sold(plan(4, 3_000, 2), ObjectOfPrice::SalePrice);
    let parts = awarded.instalments();
    assert_eq!(parts.len(), 4);
    assert!(parts.iter().all(|part| part.due.is_none()), "{parts:?}");
    assert_eq!((parts[0].amount, parts[0].counted), (tyiyn(31_500), tyiyn(10_000)));
    assert_eq!(parts[0].left(), tyiyn(21_500));
    let sign = Command::SignContract { by: AUTHOR, document: "ef".to_owned() };
    // Tuesday, 24 November 2026.
    let complete = after(awarded, DAY, &sign);
    let days: Vec<_> = complete
        .instalments()
        .iter()
        .map(|part| (part.due.unwrap().bishkek(), part.day().unwrap().plain()))
        .collect();
    // 24 January is a Sunday; 24 March and 24 May (a Monday) are worked.
    assert_eq!(
        days,
        [
            ("26.11.2026 00:00:00", "25.11.2026"),
            ("26.01.2027 00:00:00", "25.01.2027"),
            ("25.03.2027 00:00:00", "24.03.2027"),
            ("25.05.2027 00:00:00", "24.05.2027"),
        ]
        .map(|(due, day)| (due.to_owned(), day.to_owned()))
    );
    let rent = sold(plan(4, 3_000, 2), ObjectOfPrice::AnnualRent);
    assert!(rent.instalments().is_empty(), "a rent is paid by the lease");
}

#[test]
fn nothing_is_divided_before_an_award_or_without_a_plan() {
    assert!(bidding(with(plan(3, 3_000, 3)), 2).instalments().is_empty());
    assert!(won(RuleProfile::standard(), &[1]).instalments().is_empty());
}
