//! An auction's rules in plain words, with its own numbers in them.

use crate::console::layout::Page;
use toruk_sync::domain::auction::{Auction, ObjectOfPrice};
use toruk_sync::domain::money::BasisPoints;
use toruk_sync::domain::rules::{Fallback, REFUND_DAYS};

/// The sentences, in the order of a bidder's day. Empty before publication.
pub fn sentences(page: &Page, auction: &Auction) -> Vec<String> {
    let (Some(terms), rules) = (auction.terms.as_ref(), &auction.birth.rules) else {
        return Vec::new();
    };
    let with = |key: &str, value: String| page.text_with(key, value);
    let refund_days = rules.refund_days.unwrap_or(REFUND_DAYS);
    let mut said = vec![
        with("site-rule-apply", page.at(&terms.tender_end)),
        with("site-rule-guarantee", page.som(&terms.guarantee)),
        with("site-rule-refund", refund_days.to_string()),
        with("site-rule-participants", rules.min_participants.to_string()),
    ];
    if rules.offers_to_sole_applicant() {
        said.push(page.text("site-rule-sole"));
    }
    said.extend([
        with("site-rule-start", page.at(&terms.start)),
        with("site-rule-first", page.span(&rules.first_window)),
        with("site-rule-step", page.som(&terms.minimal_step)),
        with("site-rule-window", page.span(&rules.raise_window)),
        page.text("site-rule-binding"),
        page.text("site-rule-winner"),
    ]);
    let is_divided = auction.birth.offer.object_of_price != ObjectOfPrice::AnnualRent;
    if let Some(plan) = rules.instalments.filter(|_| is_divided) {
        let variables = [
            ("parts", plan.count.to_string().into()),
            ("first", page.percent(&plan.first_share).into()),
            ("months", plan.every_months.to_string().into()),
        ];
        said.push(page.language.text_with("site-rule-instalments", &variables));
    }
    if rules.fallback == Fallback::RunnerUp {
        said.push(page.text("site-rule-runner-up"));
    }
    let next = auction.birth.attempt.saturating_add(1);
    if let Some(cut) = rules.relaunch_cut(next).filter(|cut| *cut > BasisPoints(0)) {
        said.push(with("site-rule-relaunch-cut", page.percent(&cut)));
    }
    said.push(page.text("site-rule-numbers"));
    said
}
