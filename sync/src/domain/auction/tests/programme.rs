use crate::domain::auction::*;
use crate::domain::money::BasisPoints;
use crate::domain::test_support::*;
use uuid::Uuid;

#[test]
fn a19_a_programme_sets_the_price_of_what_nobody_would_buy() {
    let relaunch_cuts = Some(vec![BasisPoints(1_000), BasisPoints(2_000)]);
    let rules = || RuleProfile { relaunch_cuts: relaunch_cuts.clone(), ..RuleProfile::standard() };
    let id = AuctionId(Uuid::from_u128(20));
    let next = |failed: &Auction, value: i64, reason: &str| {
        let offer = Offer { value: tyiyn(value), ..offer() };
        successor(failed, id, offer, AUTHOR, reason)
    };
    let not_set = Err(Rejection::Offer(OfferFault::PriceNotProgrammed));
    let confirmed = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    let awarded = after(won(rules(), &[1]), HOUR, &confirmed);
    let cancel = Command::Cancel { by: BOTH, reason: "law".into(), document: "ab".repeat(32) };
    let publish = || Command::Publish { by: SECOND_PERSON, documents: 1, lot: None };
    let (by, fault) = (AUTHOR, ContractFault::Bidder);
    for (failed, set) in [
        (after(bidding(rules(), 2), HOUR, &tick(0)), Some(90_000)),
        (after(tendering(rules()), -HOUR, &tick(0)), Some(90_000)),
        (after(tendering(rules()), -HOUR, &tick(1)), Some(90_000)),
        // There was somebody who would pay it.
        (after(won(rules(), &[1]), 30 * DAY, &tick(0)), None),
        (after(awarded, DAY, &Command::FailContract { by, fault }), None),
        (after(bidding(rules(), 2), HOUR, &cancel), None),
        (after(bidding(RuleProfile::standard(), 2), HOUR, &tick(0)), None),
    ] {
        assert_eq!(programmed_value(&failed).map(Tyiyn::get), set, "{:?}", failed.failure);
        let Some(set) = set else {
            assert!(next(&failed, VALUE, "").is_ok(), "the organiser chooses");
            continue;
        };
        for other in [VALUE, set + 100, set - 100, 1] {
            assert_eq!(next(&failed, other, "nobody came"), not_set, "{other}");
        }
        let birth = next(&failed, set, "").unwrap();
        assert_eq!((birth.attempt, birth.value_set), (2, Some(tyiyn(set))));
        assert!(birth.value_min.is_some_and(|least| least <= tyiyn(set)));
    }

    // Nor may the draft be edited to another price; and the attempt after it falls from there.
    let failed = after(bidding(rules(), 2), HOUR, &tick(0));
    let (second, _) = create(next(&failed, 90_000, "").unwrap());
    let edit =
        |value| Command::Edit { by: AUTHOR, offer: Offer { value: tyiyn(value), ..offer() } };
    let fault = OfferFault::PriceNotProgrammed;
    check(
        second.clone(),
        &[
            (-16 * DAY, edit(VALUE)),
            (-16 * DAY, Command::Submit { by: AUTHOR }),
            (-16 * DAY, publish()),
            (-16 * DAY, Command::Return { by: SECOND_PERSON, reason: "price".to_owned() }),
            (-16 * DAY, edit(90_000)),
            (-16 * DAY, Command::Submit { by: AUTHOR }),
            (-16 * DAY, publish()),
        ],
        &[
            "edited",
            "submitted",
            &Rejection::Offer(fault).to_string(),
            "returned",
            "edited",
            "submitted",
            "published",
        ],
    );
    let third =
        Auction { status: Status::Unsuccessful, failure: Some(Failure::NoFirstOffer), ..second };
    assert_eq!(programmed_value(&third), Some(tyiyn(72_000)));
    let last = Auction { birth: next(&third, 72_000, "").unwrap(), ..third };
    assert_eq!(programmed_value(&last), None, "the programme is over");
}
