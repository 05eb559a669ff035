use super::super::offer::*;
use crate::domain::money::BasisPoints;
use crate::domain::money::Tyiyn;
use crate::domain::rules::RuleProfile;
use crate::domain::step_bands::StepBand;
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;

#[test]
fn an_offer_is_frozen_in_whole_som_or_its_fault_is_named() {
    let rules = RuleProfile::standard();
    let early = -16 * DAY;
    type Case = (fn(&mut Offer), Result<(i64, i64), OfferFault>);
    let cases: [Case; 11] = [
        (|_| (), Ok((5_000, 10_000))),
        (|o| o.value = tyiyn(26_300), Ok((1_400, 2_700))),
        (|o| o.value = tyiyn(873_191_700_000), Ok((43_659_585_000, 87_319_170_000))),
        (|o| o.value = Tyiyn::ZERO, Err(OfferFault::ValueZero)),
        (|o| o.value = tyiyn(100), Err(OfferFault::StepOutOfRange)), // a step as large as the price
        (|o| o.step = BasisPoints(49), Err(OfferFault::StepOutOfRange)),
        (|o| o.step = BasisPoints(2_001), Err(OfferFault::StepOutOfRange)),
        (|o| o.guarantee = BasisPoints(499), Err(OfferFault::GuaranteeOutOfRange)),
        (|o| o.guarantee = BasisPoints(3_001), Err(OfferFault::GuaranteeOutOfRange)),
        (|o| o.start = at(-DAY - 1), Err(OfferFault::StartTooSoon)),
        (|o| o.start = at(-DAY), Ok((5_000, 10_000))),
    ];
    for (change, expected) in cases {
        let mut proposed = offer();
        change(&mut proposed);
        let frozen = freeze(&proposed, &rules, at(early));
        let amounts = frozen.map(|terms| (terms.minimal_step.get(), terms.guarantee.get()));
        assert_eq!(amounts, expected, "{proposed:?}");
    }
}

#[test]
fn a_dear_lots_step_is_in_the_range_of_its_band() {
    let band = |from, step_min, step_max| StepBand {
        from: tyiyn(from),
        step_min: BasisPoints(step_min),
        step_max: BasisPoints(step_max),
    };
    let step_bands = Some(vec![band(10_000_000, 500, 1_000), band(500_000_000, 500, 500)]);
    let rules = RuleProfile { step_bands, ..RuleProfile::standard() };
    for (value, step, expected) in [
        (9_999_900, 50, Some(50_000)),
        (9_999_900, 2_000, Some(2_000_000)),
        (10_000_000, 499, None),
        (10_000_000, 500, Some(500_000)),
        (10_000_000, 1_001, None),
        (499_999_900, 1_000, Some(50_000_000)),
        (500_000_000, 1_000, None),
        (500_000_000, 499, None),
        (500_000_000, 500, Some(25_000_000)),
    ] {
        let proposed = Offer { value: tyiyn(value), step: BasisPoints(step), ..offer() };
        let frozen = freeze(&proposed, &rules, at(-16 * DAY));
        let expected = expected.ok_or(OfferFault::StepOutOfRange);
        assert_eq!(frozen.map(|terms| terms.minimal_step.get()), expected, "{proposed:?}");
    }
}

#[test]
fn applications_need_time_between_mending_and_their_close() {
    let rules = RuleProfile {
        notice_period: TimeSpan::ZERO,
        rectification: TimeSpan::hours(10),
        ..RuleProfile::standard()
    };
    assert!(freeze(&offer(), &rules, at(-12 * HOUR - 1)).is_ok());
    let late = freeze(&offer(), &rules, at(-12 * HOUR));
    assert_eq!(late, Err(OfferFault::NoTimeForApplications));
}
