//! What is published of a lot is bound into the terms, and changes only by two people.

use crate::world::{AUTHOR, SECOND_PERSON, START, birth};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::{Auction, Command, Rejection, Terms, apply, create};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::lot::{LotDocument, LotKind, LotView, PublishedLot, SealedLot};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::signing::{is_signed_for, seal_lot, terms_hash};

fn lot(title: &str) -> SealedLot {
    let text = |text: &str| Text { ru: Some(text.to_owned()), ..Text::default() };
    let facts = LotView {
        id: birth(RuleProfile::standard()).lot,
        kind: LotKind::Land,
        title: text(title),
        description: Text::default(),
        area: None,
        address: BTreeMap::new(),
        cadastral_number: None,
        lot_holder: text("Мэрия"),
        synthetic: true,
    };
    let document = LotDocument {
        title: "План".to_owned(),
        mime: "application/pdf".to_owned(),
        sha256: "ab".repeat(32),
        size_bytes: 10,
    };
    seal_lot(PublishedLot { facts, documents: vec![document] })
}

/// Published with its lot, 16 days before the start.
fn published() -> Auction {
    let publish =
        Command::Publish { by: SECOND_PERSON, documents: 1, lot: Some(lot("Участок")) };
    let (mut auction, _) = create(birth(RuleProfile::standard()));
    for command in [Command::Submit { by: AUTHOR }, publish] {
        (auction, _) = apply(&auction, &command, START - TimeSpan::days(16)).unwrap();
    }
    auction
}

#[test]
fn a2_what_was_published_of_the_lot_is_bound_and_corrected_only_by_two() {
    let auction = published();
    let terms = auction.terms.clone().unwrap();
    assert_eq!(terms.lot_hash.as_deref(), Some(lot("Участок").hash()));
    let offer = &auction.birth.offer;
    let correct =
        |approved, lot| Command::Amend { by: AUTHOR, approved, offer: offer.clone(), lot };
    let (in_time, late) = (START - TimeSpan::days(15), START - TimeSpan::days(14));
    let by_two = || correct(Some(SECOND_PERSON), Some(lot("Поле")));
    for (command, now, expected) in [
        (correct(None, Some(lot("Поле"))), in_time, Err(Rejection::SecondPersonNeeded)),
        (correct(Some(AUTHOR), Some(lot("Поле"))), in_time, Err(Rejection::SecondPersonNeeded)),
        (correct(Some(SECOND_PERSON), None), in_time, Err(Rejection::WrongState)),
        (by_two(), late, Err(Rejection::TooLate)),
        (by_two(), in_time, Ok(())),
    ] {
        assert_eq!(apply(&auction, &command, now).map(|_| ()), expected, "{command:?}");
    }
    let (corrected, _) = apply(&auction, &by_two(), in_time).unwrap();
    let now = corrected.terms.unwrap();
    assert_eq!(now.lot_hash.as_deref(), Some(lot("Поле").hash()));
    assert_eq!(corrected.version, auction.version + 1);
    assert_ne!(terms_hash(&terms), terms_hash(&now), "the lot is not in what is signed");
}

#[test]
fn a_phone_that_does_not_know_the_lots_hash_signs_the_rest_of_the_terms() {
    let terms = published().terms.unwrap();
    let without = Terms { lot_hash: None, ..terms.clone() };
    let dearer = Terms { value: terms.guarantee, ..without.clone() };
    assert!(is_signed_for(&terms, &terms_hash(&terms)));
    assert!(is_signed_for(&terms, &terms_hash(&without)));
    assert!(!is_signed_for(&terms, &terms_hash(&dearer)));
}
