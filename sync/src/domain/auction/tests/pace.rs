use crate::domain::auction::pace::Pace;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use crate::domain::time::TimeSpan;

/// Attempts at these tenths of a second, and which of them are hasty.
#[track_caller]
fn check(rules: &RuleProfile, attempts: &[(i64, bool)]) {
    let mut pace = Pace::default();
    for (tenth, hasty) in attempts {
        let granted = pace.take(rules, at(tenth * SECOND / 10));
        assert_eq!(!granted, *hasty, "at {tenth} tenths");
    }
}

#[test]
fn five_attempts_are_free_and_then_one_a_second() {
    let rules = RuleProfile::standard();
    assert_eq!(rules.bid_burst(), 5);
    let (free, hasty) = (false, true);
    check(
        &rules,
        &[
            (0, free),
            (0, free),
            (0, free),
            (1, free),
            (2, free),
            (3, hasty),
            (9, hasty),
            // A token came back a second after the first was taken.
            (10, free),
            (10, hasty),
            (19, hasty),
            (20, free),
            // Six seconds later all of them did, and no more than that.
            (80, free),
            (80, free),
            (80, free),
            (80, free),
            (80, free),
            (80, hasty),
        ],
    );
}

#[test]
fn rules_without_an_interval_know_no_haste() {
    let rules = RuleProfile { bid_interval_min: TimeSpan::ZERO, ..RuleProfile::standard() };
    check(&rules, &[(0, false); 50]);
}

#[test]
fn rules_may_set_the_burst() {
    let rules = RuleProfile { bid_burst: Some(1), ..RuleProfile::standard() };
    check(&rules, &[(0, false), (9, true), (10, false), (11, true), (20, false)]);
}
