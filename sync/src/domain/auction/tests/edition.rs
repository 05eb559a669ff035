use super::super::*;
use crate::domain::form::Text;
use crate::domain::lot::{LotDocument, LotKind, LotView, PublishedLot};
use crate::domain::money::BasisPoints;
use crate::domain::rules::RuleProfile;
use crate::domain::test_support::*;
use std::collections::BTreeMap;

fn lot(title: &str, documents: &[(&str, &str)]) -> PublishedLot {
    let document = |(title, sha256): &(&str, &str)| LotDocument {
        title: (*title).to_owned(),
        mime: "application/pdf".to_owned(),
        sha256: (*sha256).to_owned(),
        size_bytes: 1,
    };
    PublishedLot {
        facts: LotView {
            id: draft(RuleProfile::standard()).birth.lot,
            kind: LotKind::Premises,
            title: Text { ru: Some(title.to_owned()), ..Text::default() },
            description: Text::default(),
            area: None,
            address: BTreeMap::from([("street".to_owned(), "Чүй".to_owned())]),
            cadastral_number: None,
            lot_holder: Text::default(),
            synthetic: true,
        },
        documents: documents.iter().map(document).collect(),
    }
}

#[test]
fn what_a_correction_changed_is_named_with_the_old_and_the_new_value() {
    let auction = published(RuleProfile::standard());
    let terms = auction.terms.clone().unwrap();
    let first = Event::Published {
        by: SECOND_PERSON,
        terms: terms.clone(),
        lot: Some(lot("Сарай", &[("план", "aa"), ("акт", "bb")])),
    };
    let cheaper =
        Offer { value: auction.birth.offer.value.share(BasisPoints(9_000)).unwrap(), ..offer() };
    let second = Event::Amended {
        by: AUTHOR,
        approved: Some(SECOND_PERSON),
        terms: Terms { value: cheaper.value, ..terms },
        offer: cheaper.clone(),
        lot: Some(lot("Склад", &[("план", "aa"), ("новый акт", "cc")])),
    };
    let created = Event::Created { birth: auction.birth.clone() };
    let log = [created, Event::Submitted { by: AUTHOR }, first, second];
    let editions = editions(&log);
    assert_eq!(editions.iter().map(|edition| edition.version).collect::<Vec<_>>(), [1, 2]);
    let changes = editions[0].changes(&editions[1]);
    let said: Vec<_> = changes
        .iter()
        .map(|change| {
            let value = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
            format!("{}: {} > {}", change.term, value(&change.before), value(&change.after))
        })
        .collect();
    let (was, now) = (auction.birth.offer.value.get(), cheaper.value.get());
    let expected = [
        format!("start_price: {was} > {now}"),
        "title_ru: Сарай > Склад".to_owned(),
        "document_bb: акт > -".to_owned(),
        "document_cc: - > новый акт".to_owned(),
    ];
    assert_eq!(said, expected);
    assert_eq!(editions[1].changes(&editions[1]), []);
}
