//! A sole applicant, who is offered the lot without bidding.

use crate::auction::{Play, acts};
use proptest::prelude::*;
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::rules::{RuleProfile, SoleApplicant};

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    /// Whatever people and timers do, a sole applicant pays the start price or there is no sale, and
    /// nothing of it depends on a bid.
    #[test]
    fn a_sole_applicant_gets_the_lot_at_the_start_price_or_nobody_does(acts in acts()) {
        let sole_applicant = Some(SoleApplicant::StartPrice);
        let mut play = Play::new(RuleProfile { sole_applicant, ..RuleProfile::standard() });
        for act in &acts {
            play.act(act);
            let auction = &play.auction;
            prop_assert!(auction.round.is_none() && auction.best.is_empty());
            prop_assert!(auction.suspension.is_none() && auction.awards.len() <= 1);
            for award in &auction.awards {
                prop_assert_eq!(award.price, auction.birth.offer.value);
                prop_assert_eq!(award.bidder, BidderNo(1));
                prop_assert!(auction.has_sole_applicant());
            }
        }
    }
}
