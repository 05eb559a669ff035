//! What people type and name: nothing that cannot be seen passes, by any way in.

use crate::ground::TestServices;
use crate::ground::phone::Phone;
use crate::ground::sale::{DOCUMENT, Sale, hash, official};
use serde_json::json;
use std::collections::BTreeMap;
use toruk_server::auction::{self, Correction, OfficialAction};
use toruk_server::catalogue;
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::identity::{Error, Role};
use toruk_sync::domain::auction::Rejection;
use toruk_sync::domain::form::{FieldFault, Text};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::text::TextFault;
use toruk_sync::draft::{DeltaFault, Draft, FileRef, draft_id};
use toruk_sync::protocol::identity::StartRegistration;
use toruk_sync::protocol::operations::{Operation, OperationRejection, Verdict};

/// Each hides something: a turn of direction, a space without width, a byte order mark, a soft
/// hyphen, an end of a line, a filler, a tag, and marks on top of each other.
const HIDING: [&str; 8] = [
    "Ай\u{202e}бек",
    "Ай\u{200b}бек",
    "\u{feff}Айбек",
    "Ай\u{ad}бек",
    "Ай\u{2028}бек",
    "Айбек\u{3164}",
    "Айбек\u{e0041}",
    "А\u{301}\u{302}\u{303}йбек",
];

#[tokio::test]
async fn nobody_has_a_name_that_hides_something() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let invitation = identity.invite(None, Role::Moderator, None).await.unwrap();
    let token = invitation.link.rsplit('#').next().unwrap();
    for name in HIDING {
        let start = StartRegistration { name: name.to_owned(), language: "ky".to_owned() };
        let refused = identity.start_registration(start).await;
        assert!(matches!(refused, Err(Error::Malformed("name"))), "{name:?}");
        let refused = identity.start_enrolment(token, name, "ky").await;
        assert!(matches!(refused, Err(Error::Malformed("name"))), "{name:?}");
    }
    let decomposed =
        StartRegistration { name: "И\u{306}гилик".into(), language: "ky".into() };
    let mut phone = Phone::new(0xB);
    let challenge = identity.start_registration(decomposed).await.unwrap();
    let session = identity.finish_registration(phone.create(&challenge)).await.unwrap();
    assert_eq!(session.name, "Йгилик");
}

#[tokio::test]
async fn no_lot_reason_or_title_hides_something() {
    let sale = Sale::new().await;
    let (organiser, moderator) = (official(1, Role::Organiser), official(2, Role::Moderator));
    let catalogue = &sale.state().catalogue;
    let lot = sale.auction().await.birth.lot;
    let lot_of = |title: &str| -> ImportedLot {
        serde_json::from_value(json!({ "title": { "ru": title }, "kind": "land" })).unwrap()
    };
    let text = |text: &str| Text { ru: Some(text.to_owned()), ..Text::default() };
    for hiding in HIDING {
        let refused = catalogue.import(&organiser, vec![lot_of(hiding)]).await;
        assert!(matches!(refused, Err(catalogue::Error::Import(_))), "{hiding:?}");
        for (title, holder) in [(hiding, "Айбек"), ("Айбек", hiding)] {
            let refused = catalogue.complete_lot(&organiser, lot, text(title), text(holder)).await;
            assert!(matches!(refused, Err(catalogue::Error::Text(_))), "{hiding:?}");
        }
        let refused = catalogue.add_document(&organiser, lot, hiding, DOCUMENT).await;
        let fault = matches!(
            refused,
            Err(catalogue::Error::Text(TextFault::Hidden | TextFault::StackedMarks))
        );
        assert!(fault, "{hiding:?}");
        for correction in [
            Correction { title: text(hiding), ..Correction::default() },
            Correction {
                title: text("Айбек"), description: text(hiding), ..Correction::default()
            },
            Correction {
                title: text("Айбек"),
                added: Some((hiding.to_owned(), DOCUMENT.to_vec())),
                ..Correction::default()
            },
        ] {
            let auctions = &sale.state().auctions;
            let refused = auctions.propose_correction(&organiser, sale.auction, correction).await;
            let is_of_the_text =
                matches!(refused, Err(auction::Error::Catalogue(catalogue::Error::Text(_))));
            assert!(is_of_the_text, "{hiding:?}");
        }
        let reason = hiding.to_owned();
        let act = OfficialAction::Return { reason: reason.clone() };
        let auctions = &sale.state().auctions;
        for refused in [
            auctions.act(&moderator, sale.auction, act).await,
            auctions
                .propose(&moderator, sale.auction, JointAct::Suspend { reason })
                .await
                .map(drop),
        ] {
            let needed = auction::Error::Rejected(Rejection::ReasonNeeded);
            assert_eq!(refused.unwrap_err().to_string(), needed.to_string(), "{hiding:?}");
        }
    }
}

#[tokio::test]
async fn an_application_whose_answers_or_files_hide_something_is_not_taken() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let mut op_no = 0;
    for hiding in HIDING {
        let mut package = sale.package().await;
        package.answers.insert("full_name".to_owned(), hiding.to_owned());
        let operation = sale.sign(package);
        op_no += 1;
        let faults = BTreeMap::from([("full_name".to_owned(), FieldFault::Malformed)]);
        let refused = Verdict::Refused(OperationRejection::Incomplete { faults });
        assert_eq!(sale.push_one(op_no, operation).await, refused, "{hiding:?}");
    }
    let long = format!("{}.pdf", "a".repeat(300));
    for name in ["passport.html", "safe\u{202e}fdp.pdf", "И\u{306}.pdf", "a/b.pdf", "pdf", &long] {
        let mut package = sale.package().await;
        package.files[0].name = name.to_owned();
        let operation = sale.sign(package);
        op_no += 1;
        let faults = BTreeMap::from([("identity_document".to_owned(), FieldFault::Malformed)]);
        let refused = Verdict::Refused(OperationRejection::Incomplete { faults });
        assert_eq!(sale.push_one(op_no, operation).await, refused, "{name:?}");

        let file = FileRef {
            slot: "identity_document".to_owned(),
            sha256: hash(DOCUMENT),
            size_bytes: DOCUMENT.len() as u64,
            mime: "application/pdf".to_owned(),
            name: name.to_owned(),
        };
        op_no += 1;
        let (auction, draft) = (sale.auction, draft_id(sale.bidder.person, sale.auction));
        let part = Draft::default().attach(file, sale.bidder.actor);
        let operation = Operation::EditDraft { draft, auction, part };
        let refused = Verdict::Refused(OperationRejection::Draft(DeltaFault::MalformedFile));
        assert_eq!(sale.push_one(op_no, operation).await, refused, "{name:?}");
    }
}
