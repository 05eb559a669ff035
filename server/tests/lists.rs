//! The console's lists: what officials type finds what is written.

use crate::ground::TestServices;
use crate::ground::sale::official;
use serde_json::json;
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::identity::Role;

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
