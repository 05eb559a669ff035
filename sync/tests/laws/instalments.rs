//! A price in parts.

use proptest::prelude::*;
use toruk_sync::domain::instalments::{INSTALMENT_MONTHS_MAX, INSTALMENTS_MAX, InstalmentPlan};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};

proptest! {
    #[test]
    fn parts_and_deposit_are_the_price_whatever_the_plan(
        count in 2..=INSTALMENTS_MAX,
        first in 1..10_000u16,
        every_months in 1..=INSTALMENT_MONTHS_MAX,
        price in prop_oneof![0..=Tyiyn::MAX.get(), 0..=10_000i64],
        deposit in prop_oneof![0..=Tyiyn::MAX.get(), 0..=10_000i64],
    ) {
        let plan = InstalmentPlan { count, first_share: BasisPoints(first), every_months };
        let (price, deposit) = (Tyiyn::new(price).unwrap(), Tyiyn::new(deposit).unwrap());
        let parts = plan.divide(price, deposit);
        let sum: i64 = parts.iter().map(|part| part.amount.get()).sum();
        prop_assert_eq!(sum, price.get());
        let counted: i64 = parts.iter().map(|part| part.counted.get()).sum();
        prop_assert_eq!(counted, deposit.min(price).get());
        prop_assert!(!parts.is_empty() && parts.len() <= usize::from(count));
        for (place, part) in parts.iter().enumerate() {
            prop_assert_eq!(usize::from(part.number), place + 1);
            prop_assert_eq!(usize::from(part.months), place * usize::from(every_months));
            prop_assert!(part.amount > Tyiyn::ZERO || price == Tyiyn::ZERO);
            prop_assert_eq!(part.left().get(), part.amount.get() - part.counted.get());
            let is_last = place + 1 == parts.len();
            prop_assert!(is_last || part.amount.get() % 100 == 0, "{:?}", part);
        }
        // A part is touched by the deposit only when those before it are paid.
        let open = parts.iter().position(|part| part.left() > Tyiyn::ZERO);
        let after = open.map_or(&[][..], |open| &parts[open + 1..]);
        prop_assert!(after.iter().all(|part| part.counted == Tyiyn::ZERO));
    }
}
