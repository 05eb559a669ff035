//! The bucket of a participant's attempts, under any sequence of them.

use crate::world::START;
use proptest::prelude::*;
use toruk_sync::domain::auction::pace::Pace;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

const SECOND: i64 = 1_000_000;

fn at(micros: i64) -> Timestamp {
    START + TimeSpan(micros)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    /// However fast the attempts follow each other: in no span of time are more granted than the
    /// burst and one for each interval, and at the refill's rate none is refused for good.
    #[test]
    fn who_never_rests_is_slowed_and_never_shut_out(
        gaps in proptest::collection::vec(0..SECOND / 4, 1..200),
        burst in 1..8u16,
    ) {
        let rules = RuleProfile { bid_burst: Some(burst), ..RuleProfile::standard() };
        let (mut pace, mut now, mut granted) = (Pace::default(), 0, Vec::new());
        for gap in gaps {
            now += gap;
            let before = pace;
            if pace.take(&rules, at(now)) {
                granted.push(now);
            } else {
                prop_assert_eq!(pace, before, "a hasty attempt costs nothing");
                let mut later = pace;
                prop_assert!(later.take(&rules, at(now + SECOND)));
            }
        }
        for (place, first) in granted.iter().enumerate() {
            for (count, last) in (1..).zip(&granted[place..]) {
                prop_assert!(count <= i64::from(burst) + (last - first) / SECOND + 1);
            }
        }
        // At least one a second.
        prop_assert!(i64::try_from(granted.len()).unwrap() > now / SECOND / 2);
    }
}
