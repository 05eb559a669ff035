//! The console's lists: what officials type finds what is written.

use crate::ground::TestServices;
use crate::ground::sale::{Sale, official};
use crate::money::begin;
use serde_json::json;
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::clock::Clock as _;
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::id::OrganisationId;
use uuid::Uuid;

#[tokio::test]
async fn lots_are_found_without_the_letters_that_keyboards_lack() {
    let ground = TestServices::new().await;
    let (catalogue, organiser) = (&ground.state.catalogue, official(1, Role::Organiser));
    let lot = |ky: &str, ru: &str, street: &str| -> ImportedLot {
        serde_json::from_value(json!({
            "title": { "ky": ky, "ru": ru },
            "kind": "premises",
            "address": { "settlement": "Өзгөн", "street": street },
            "lot_holder": { "ky": "Башкармалык", "ru": "Управление" },
            "synthetic": true,
        }))
        .unwrap()
    };
    let mut lots = vec![lot("Дүкөн үчүн жай", "Помещение под магазин", "Ёлочная")];
    // More than a page of others, newer than the first.
    lots.extend((0..70).map(|no| lot(&format!("Жер {no}"), "Земля", "О’Коннор көчөсү")));
    catalogue.import(&organiser, lots).await.unwrap();
    for (typed, expected) in [
        ("дукон", 1),
        ("ДҮКӨН узгон", 0),
        ("ДҮКӨН озгон", 1),
        ("магазин елочная", 1),
        ("и\u{306}", 1),
        ("жер 69", 1),
        ("о'коннор", 50),
        ("озгон", 50),
        ("нет такого", 0),
        ("%", 0),
    ] {
        let found = catalogue.find_lots(&organiser, typed).await.unwrap();
        assert_eq!(found.len(), expected, "{typed}");
    }
    assert!(catalogue.find_auctions(&organiser, "дукон").await.unwrap().is_empty());
    let stranger = official(2, Role::Finance);
    assert!(catalogue.find_lots(&stranger, "жер").await.is_ok_and(|rows| !rows.is_empty()));
}

#[tokio::test]
async fn an_application_is_found_by_its_auction_decided_or_not_and_never_by_the_applicants_name() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let applications = &sale.state().applications;
    let moderator = official(2, Role::Moderator);
    let id = application.to_string();
    let queue = applications.queue(&moderator, Some(sale.auction)).await.unwrap();
    let number = queue[0].auction.number.clone();
    let typed = [
        ("дукон", 1),
        ("МАГАЗИН", 1),
        (&*number, 1),
        (&id[30..], 1),
        (&*id, 1),
        ("дукон ош", 0),
        // Names and answers open one by one: «Бишкек» is in all of them.
        ("бишкек", 0),
        ("аида", 0),
        ("", 1),
    ];
    for (typed, expected) in typed {
        let found = applications.find_applications(&moderator, typed).await.unwrap();
        assert_eq!(found.len(), expected, "{typed}");
    }
    // Admitted already: it waits for nobody.
    assert!(applications.queue(&moderator, None).await.unwrap().is_empty());
    assert_eq!(applications.find_applications(&moderator, "дукон").await.unwrap().len(), 1);

    let foreign = bound(Role::Moderator, OrganisationId(Uuid::from_u128(404)));
    assert!(applications.find_applications(&foreign, "дукон").await.unwrap().is_empty());
    for role in [Role::Organiser, Role::Finance, Role::Sysadmin] {
        assert!(applications.find_applications(&official(3, role), "дукон").await.is_err());
    }
}

#[tokio::test]
async fn a_payment_is_found_by_its_code_reference_amount_or_auction() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let intent = begin(&sale, application, 0xB).await.unwrap();
    sale.gateway.pay(intent.id, "KICB-2231", intent.amount, sale.clock().now());
    let deposits = &sale.state().deposits;
    deposits.reconcile(intent.id).await.unwrap();
    let finance = official(9, Role::Finance);
    let code = intent.code.clone().unwrap();
    for (typed, expected) in [
        ("дукон", 1),
        ("kicb", 1),
        (&*code, 1),
        ("36000", 1),
        ("36 000", 1),
        ("36001", 0),
        ("kicb ош", 0),
        ("аида", 0),
        ("", 1),
    ] {
        let found = deposits.find_payments(&finance, typed).await.unwrap();
        assert_eq!(found.len(), expected, "{typed}");
    }
    let foreign = bound(Role::Finance, OrganisationId(Uuid::from_u128(404)));
    assert!(deposits.find_payments(&foreign, "дукон").await.unwrap().is_empty());
    for role in [Role::Organiser, Role::Sysadmin] {
        assert!(deposits.find_payments(&official(3, role), "дукон").await.is_err());
    }
}

fn bound(role: Role, organisation: OrganisationId) -> Official {
    Official { bound: [(role, organisation)].into(), ..official(7, role) }
}
