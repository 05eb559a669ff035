//! What was published does not change, except by two people, and the trail says what has changed.

use crate::ground::sale::{Sale, official};
use crate::people::member;
use serde_json::Value;
use std::collections::BTreeMap;
use toruk_server::auction::{self, Correction, OfficialAction};
use toruk_server::catalogue;
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::auction::{Event, Rejection};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{LotId, OrganisationId};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::receipt::Record;
use toruk_sync::signing::seal_lot;
use toruk_sync::verify::verify;
use uuid::Uuid;

const PAPER: &[u8] = b"%PDF-1.7 another plan";

async fn lot(sale: &Sale) -> LotId {
    sale.auction().await.birth.lot
}

async fn log(sale: &Sale) -> Vec<Record> {
    sale.state().catalogue.log(sale.auction, 0, 100).await.unwrap()
}

fn text(ru: &str) -> Text {
    Text { ru: Some(ru.to_owned()), ..Text::default() }
}

/// The facts of acts with this key, the newest first.
async fn trail(sale: &Sale, action: &str) -> Vec<Value> {
    let auditor = official(9, Role::Auditor);
    let acts = sale.state().audit.page(&auditor, None).await.unwrap();
    let acts = acts.into_iter().filter(|act| act.action == action);
    acts.map(|act| serde_json::from_str(&act.detail).unwrap()).collect()
}

#[tokio::test]
async fn a_published_lot_is_frozen_and_its_facts_and_papers_are_in_the_notice() {
    let sale = Sale::new().await;
    let (organiser, catalogue, lot) =
        (official(1, Role::Organiser), &sale.state().catalogue, lot(&sale).await);
    let before = log(&sale).await;
    let renamed = catalogue.complete_lot(&organiser, lot, text("Дворец"), text("Другие")).await;
    assert!(matches!(renamed, Err(catalogue::Error::Frozen)), "{renamed:?}");
    let added = catalogue.add_document(&organiser, lot, "plan", PAPER).await;
    assert!(matches!(added, Err(catalogue::Error::Frozen)), "{added:?}");
    let row = catalogue.lot(&organiser, lot).await.unwrap();
    assert!(row.is_frozen && row.documents.len() == 1);
    assert_eq!(log(&sale).await, before);

    let published = before.iter().find_map(|record| match &record.event {
        Event::Published { lot: Some(lot), terms, .. } => Some((lot.clone(), terms.clone())),
        _ => None,
    });
    let (notice, terms) = published.unwrap();
    assert_eq!(notice.facts, row.lot);
    assert_eq!(notice.documents[0].sha256, row.documents[0].sha256);
    assert_eq!(terms.lot_hash.as_deref(), Some(seal_lot(notice).hash()));
    verify(&before).unwrap();
    let mut forged = before;
    for record in &mut forged {
        if let Event::Published { lot: Some(lot), .. } = &mut record.event {
            lot.facts.title = text("Дворец");
        }
    }
    assert!(verify(&forged).is_err(), "another lot in the log is not noticed");
}

#[tokio::test]
async fn a_lot_in_review_is_frozen_and_a_returned_one_is_not() {
    let sale = Sale::new().await;
    let (organiser, moderator) = (official(1, Role::Organiser), official(2, Role::Moderator));
    let (auctions, catalogue) = (&sale.state().auctions, &sale.state().catalogue);
    let lot = second_lot(&sale).await;
    let offer = sale.auction().await.birth.offer;
    let id = auctions.create(&organiser, lot, offer).await.unwrap();
    catalogue.add_document(&organiser, lot, "plan", b"%PDF-1.7 one").await.unwrap();
    auctions.act(&organiser, id, OfficialAction::Submit).await.unwrap();
    let late = catalogue.add_document(&organiser, lot, "plan", PAPER).await;
    assert!(matches!(late, Err(catalogue::Error::Frozen)), "{late:?}");
    let back = OfficialAction::Return { reason: "a plan is missing".to_owned() };
    auctions.act(&moderator, id, back).await.unwrap();
    catalogue.add_document(&organiser, lot, "plan", PAPER).await.unwrap();
    // The draft was made for another holder.
    catalogue.complete_lot(&organiser, lot, text("Сарай"), text("Другие")).await.unwrap();
    auctions.act(&organiser, id, OfficialAction::Submit).await.unwrap();
    let moved = auctions.act(&moderator, id, OfficialAction::Publish).await;
    assert!(matches!(moved, Err(auction::Error::HolderChanged)), "{moved:?}");
}

#[tokio::test]
async fn two_officials_correct_what_was_published_and_applicants_confirm_again() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let organiser = member(sale.state(), None, Role::Organiser, "Айгүл").await.official;
    let moderator = member(sale.state(), None, Role::Moderator, "Бакыт").await.official;
    let (auctions, catalogue) = (sale.state().auctions.clone(), sale.state().catalogue.clone());
    let (id, lot) = (sale.auction, lot(&sale).await);
    let known = catalogue.lot(&organiser, lot).await.unwrap();
    let correction = |title: &Text| Correction {
        title: title.clone(),
        added: Some(("plan 2".to_owned(), PAPER.to_vec())),
        dropped: vec![known.documents[0].sha256.clone()],
        ..Correction::default()
    };
    let nothing = Correction { title: known.lot.title.clone(), ..Correction::default() };
    let same = auctions.propose_correction(&organiser, id, nothing).await;
    assert!(matches!(same, Err(auction::Error::NothingToCorrect)), "{same:?}");
    auctions.propose_correction(&organiser, id, correction(&text("Сарай"))).await.unwrap();
    let auction = sale.auction().await;
    assert_eq!(auction.version, 1, "one official alone changed it");
    let waiting = auctions.proposals(&moderator, &auction).await.unwrap();
    assert!(matches!(waiting[0].proposal.act, JointAct::Correct { .. }));
    let both = Official { roles: [Role::Organiser, Role::Moderator].into(), ..organiser.clone() };
    let alone = auctions.approve(&both, id, waiting[0].id).await;
    let expected = Rejection::SecondPersonNeeded;
    assert!(matches!(alone, Err(auction::Error::Rejected(why)) if why == expected), "{alone:?}");
    auctions.approve(&moderator, id, waiting[0].id).await.unwrap();

    let row = catalogue.lot(&organiser, lot).await.unwrap();
    assert_eq!((row.lot.title.clone(), row.documents.len()), (text("Сарай"), 1));
    assert_eq!(row.documents[0].title, "plan 2");
    assert_eq!(sale.auction().await.version, 2);
    let applications = sale.state().applications.of(sale.bidder.person).await.unwrap();
    assert_eq!(applications[0].id, application);
    assert_eq!(applications[0].status, ApplicationStatus::NeedsReconfirm);
    verify(&log(&sale).await).unwrap();
    let approved = trail(&sale, "auction.approve").await;
    assert_eq!(approved[0]["lot"]["facts.title.ru"]["after"], "Сарай");
    assert_eq!(approved[0]["changes"]["version"]["before"], 1);

    sale.clock().pass(TimeSpan::days(3));
    let another = Correction { title: text("Дом"), ..Correction::default() };
    let late = auctions.propose_correction(&organiser, id, another).await;
    assert!(matches!(late, Err(auction::Error::Rejected(_))), "{late:?}");
}

#[tokio::test]
async fn the_trail_holds_what_was_before_and_after() {
    let sale = Sale::new().await;
    let organiser = official(1, Role::Organiser);
    let catalogue = &sale.state().catalogue;
    let lot = second_lot(&sale).await;
    catalogue.complete_lot(&organiser, lot, text("Сарай"), text("Мэрия")).await.unwrap();
    let renamed = &trail(&sale, "lot.complete").await[0]["changes"];
    assert_eq!(renamed["lot.title.ru"]["before"], "Гараж");
    assert_eq!(renamed["lot.title.ru"]["after"], "Сарай");
    assert!(renamed["holder"]["before"] != renamed["holder"]["after"]);
    let published = &trail(&sale, "auction.publish").await[0]["changes"];
    assert_eq!(published["status"]["before"], "review");
    assert_eq!(published["status"]["after"], "rectification");
    let imported = &trail(&sale, "lot.import").await[0]["changes"];
    assert_eq!(imported["lot.title.ru"]["after"], "Гараж");
}

#[tokio::test]
async fn a_role_that_is_bound_to_an_organisation_touches_nothing_of_another() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let other = OrganisationId(Uuid::from_u128(77));
    let roles = [Role::Organiser, Role::Moderator, Role::Finance, Role::Auditor];
    let stranger = Official {
        roles: roles.into(),
        bound: BTreeMap::from(roles.map(|role| (role, other))),
        ..official(5, Role::Organiser)
    };
    let own_holder = sale.auction().await.birth.procuring_entity;
    let own = Official {
        bound: BTreeMap::from(roles.map(|role| (role, own_holder))),
        ..stranger.clone()
    };
    let (state, id, lot) = (sale.state(), sale.auction, lot(&sale).await);
    let offer = sale.auction().await.birth.offer;
    let (catalogue, auctions, applications) =
        (&state.catalogue, &state.auctions, &state.applications);
    let mut passed = Vec::new();
    let mut refuse = |what: &'static str, outcome: Result<(), String>| match outcome {
        Err(error) if error.contains("Forbidden") => {}
        other => passed.push((what, other)),
    };
    macro_rules! refused {
        ($($call:expr),* $(,)?) => {
            $(refuse(stringify!($call), $call.await.map(|_| ()).map_err(|e| format!("{e:?}")));)*
        };
    }
    let stop = || JointAct::Suspend { reason: "dark".to_owned() };
    refused!(
        catalogue.view_for(&stranger, id),
        catalogue.lot(&stranger, lot),
        catalogue.complete_lot(&stranger, lot, text("Дом"), text("Мэрия")),
        catalogue.add_document(&stranger, lot, "plan", PAPER),
        auctions.create(&stranger, lot, offer.clone()),
        auctions.act(&stranger, id, OfficialAction::Submit),
        auctions.act(&stranger, id, OfficialAction::Publish),
        auctions.relaunch(&stranger, id, offer.clone(), ""),
        auctions.propose(&stranger, id, stop()),
        auctions.propose_correction(&stranger, id, Correction::default()),
        auctions.approve(&stranger, id, Uuid::nil()),
        auctions.decline(&stranger, id, Uuid::nil()),
        applications.detail(&stranger, application),
        applications.file(&stranger, application, ""),
        applications.admit(&stranger, application),
        applications.refuse(&stranger, application, "blurred"),
    );
    assert!(passed.is_empty(), "{passed:?}");
    assert!(catalogue.lots(&stranger, None).await.unwrap().0.is_empty());
    assert!(catalogue.auctions(&stranger, None).await.unwrap().0.is_empty());
    assert!(applications.queue(&stranger, Some(id)).await.unwrap().is_empty());
    assert!(state.deposits.payments(&stranger).await.unwrap().is_empty());
    assert!(state.audit.page(&stranger, None).await.unwrap().is_empty());

    catalogue.view_for(&own, id).await.unwrap();
    assert_eq!(catalogue.lots(&own, None).await.unwrap().0.len(), 1);
    assert_eq!(catalogue.auctions(&own, None).await.unwrap().0.len(), 1);
    assert_eq!(applications.queue(&own, Some(id)).await.unwrap().len(), 1);
    assert!(!state.audit.page(&own, None).await.unwrap().is_empty());
    applications.detail(&own, application).await.unwrap();
}

#[tokio::test]
async fn the_trail_names_no_applicant_until_a_name_is_opened_and_that_is_on_record() {
    let mut sale = Sale::new().await;
    sale.apply().await;
    let audit = &sale.state().audit;
    for role in Role::ALL {
        let acts = audit.page(&official(9, role), None).await.unwrap();
        let named = acts.iter().any(|act| act.role == "bidder" && act.actor.is_some());
        assert!(!named, "{role} reads who applied");
    }
    let auditor = official(9, Role::Auditor);
    let acts = audit.page(&auditor, None).await.unwrap();
    let submitted = acts.iter().find(|act| act.action == "application.submit").unwrap().seq;
    for role in [Role::Organiser, Role::Finance, Role::Sysadmin] {
        assert!(audit.open(&official(9, role), submitted).await.unwrap().is_err(), "{role}");
    }
    assert!(trail(&sale, "audit.open").await.is_empty());
    let person = audit.open(&auditor, submitted).await.unwrap().unwrap();
    assert_eq!(person, sale.bidder.person);
    assert_eq!(trail(&sale, "audit.open").await.len(), 1);
}

async fn second_lot(sale: &Sale) -> LotId {
    let organiser = official(1, Role::Organiser);
    let lot = serde_json::json!({
        "title": { "ru": "Гараж" },
        "kind": "premises",
        "lot_holder": { "ky": "Башкармалык", "ru": "Управление" },
        "synthetic": true,
    });
    let lot = serde_json::from_value(lot).unwrap();
    sale.state().catalogue.import(&organiser, vec![lot]).await.unwrap()[0]
}
