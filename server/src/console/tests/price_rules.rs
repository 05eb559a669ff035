//! Pages of the rules about the price: parts, a sole applicant, steps of dear lots, a price that the
//! rules set.

use super::samples::{auction as sample, desk, log, money, now, page, title, view};
use crate::console::language::Language;
use crate::console::offer::{Faults, Typed};
use crate::console::{auction, auction_editor, joint_acts};
use crate::identity::Role;
use askama::Template as _;
use toruk_sync::domain::auction::award::{Award, AwardStatus};
use toruk_sync::domain::auction::{Auction, Commitment, Failure, Status, programmed_value};
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::instalments::InstalmentPlan;
use toruk_sync::domain::money::BasisPoints;
use toruk_sync::domain::rules::{RuleProfile, SoleApplicant};
use toruk_sync::domain::step_bands::StepBand;

/// An auction in each of them.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    vec![
        ("auction-instalments", overview(language, Status::Complete)),
        ("auction-sole-applicant", overview(language, Status::Qualification)),
        ("auction-programmed", overview(language, Status::Draft)),
        ("editor-bands", editor(language)),
    ]
}

fn rules() -> RuleProfile {
    let band = |som, step_min, step_max| StepBand {
        from: money(som),
        step_min: BasisPoints(step_min),
        step_max: BasisPoints(step_max),
    };
    let first_share = BasisPoints(3_000);
    RuleProfile {
        sole_applicant: Some(SoleApplicant::StartPrice),
        step_bands: Some(vec![band(10_000_000, 500, 1_000), band(100_000_000, 500, 500)]),
        relaunch_cuts: Some(vec![BasisPoints(1_000), BasisPoints(2_000)]),
        instalments: Some(InstalmentPlan { count: 4, first_share, every_months: 3 }),
        ..RuleProfile::standard()
    }
}

fn with_rules(mut auction: Auction) -> Auction {
    auction.birth.rules = rules();
    auction
}

fn overview(language: Language, status: Status) -> String {
    let desk = desk(language, "/console/auctions/5", &[Role::Organiser, Role::Moderator]);
    let mut view = view(status);
    view.auction = with_rules(view.auction);
    let price = view.auction.birth.offer.value;
    if status == Status::Draft {
        (view.auction.birth.attempt, view.auction.birth.value_set) = (2, Some(price));
    } else {
        let award_status = AwardStatus::Pending;
        let (bidder, confirm_by) = (BidderNo(1), now());
        view.auction.participants = vec![Commitment("a".to_owned())];
        view.auction.awards = vec![Award { bidder, price, confirm_by, status: award_status }];
        view.auction.contract_at = (status == Status::Complete).then(now);
    }
    let joint = joint_acts::Joint::default();
    let words = (None, String::new());
    auction::compose(&desk, view, &log(), now(), joint, words).render().unwrap()
}

/// The form of a relaunch whose price the rules set.
fn editor(language: Language) -> String {
    let page = page(language, "/console/auctions/5/relaunch", &[Role::Organiser]);
    let mut failed = with_rules(sample(Status::Unsuccessful));
    failed.failure = Some(Failure::NoApplications);
    let typed = Typed::from_failed(&failed);
    assert_eq!(typed.start, "", "its start has passed");
    let set = programmed_value(&failed).unwrap();
    assert_eq!(set, money(900_000));
    let html = auction_editor::Editor {
        purpose: "relaunch",
        action: "/console/auctions/5/relaunch".to_owned(),
        back: "/console/auctions/5".to_owned(),
        title: title().get(language.tag()).to_owned(),
        lot: "3".to_owned(),
        failure: Some(page.text_for("failure", "no_applications")),
        fields: typed.fields(&page, &Faults::new(), &failed.birth.rules),
        frozen: None,
        refusal: None,
        page: page.clone(),
    };
    let html = html.render().unwrap();
    for part in
        [page.som(&money(10_000_000)), page.percents(&BasisPoints(500), &BasisPoints(1_000))]
    {
        assert!(html.contains(&part), "{part} is not in {html}");
    }
    html
}
