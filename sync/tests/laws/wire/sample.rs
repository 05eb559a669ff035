//! One value of each larger type, the same for ever.

use crate::world;
use ed25519_dalek::SigningKey;
use serde_json::json;
use std::collections::BTreeMap;
use toruk_sync::domain::application::{self, Application};
use toruk_sync::domain::auction::bidding::{Basis, Bid};
use toruk_sync::domain::auction::{Auction, Command, Event, apply};
use toruk_sync::domain::form::{Form, Text};
use toruk_sync::domain::id::*;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::{ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::{Draft, DraftState, FileRef};
use toruk_sync::protocol::catalogue::{Area, AuctionView, LotKind, LotView};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody, Signer};
use toruk_sync::signing::{ApplicationPayload, terms_hash};
use uuid::Uuid;

const NOW: Timestamp = world::START;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn tyiyn(amount: i64) -> Tyiyn {
    Tyiyn::new(amount).unwrap()
}

/// Bidding is open; the log so far.
pub fn opened() -> (Auction, Vec<Event>) {
    let (mut auction, mut log) = world::published(RuleProfile::standard());
    for at in [NOW - TimeSpan::hours(1), NOW] {
        let (next, events) = apply(&auction, &world::tick(), at).unwrap();
        auction = next;
        log.extend(events);
    }
    (auction, log)
}

pub fn first_offer() -> Command {
    Command::PlaceBid(Bid {
        id: BidId(id(60)),
        bidder: Some(BidderNo(1)),
        epoch: 0,
        basis: Basis { round: 0, price: tyiyn(100_000) },
        amount: tyiyn(105_000),
        hasty: false,
    })
}

pub fn file() -> FileRef {
    FileRef {
        slot: "identity_document".to_owned(),
        sha256: "ab".repeat(32),
        size_bytes: 48_213,
        mime: "application/pdf".to_owned(),
        name: "паспорт.pdf".to_owned(),
    }
}

pub fn draft() -> DraftState {
    let mut draft = Draft::default();
    draft.set("full_name", Some("Айгүл".to_owned()), 1);
    draft.attach(file(), 1);
    let other = Draft::default().set("full_name", None, 2);
    draft.merge(&other);
    draft.state()
}

pub fn package() -> ApplicationPayload {
    let (auction, _) = opened();
    ApplicationPayload {
        auction: auction.birth.id,
        person: PersonId(id(3)),
        device: DeviceId(id(4)),
        terms_version: 1,
        terms_hash: terms_hash(auction.terms.as_ref().unwrap()),
        form: "application".to_owned(),
        form_version: 1,
        answers: BTreeMap::from([("full_name".to_owned(), "Айгүл".to_owned())]),
        files: vec![file()],
    }
}

pub fn confirmation() -> Confirmation {
    Confirmation::Passkey { credential: json!({"id": "Y3JlZA", "type": "public-key"}) }
}

pub fn application() -> Application {
    Application {
        id: ApplicationId(id(30)),
        auction: AuctionId(id(10)),
        status: application::Status::Eligible,
        terms_version: 1,
        package_hash: "cd".repeat(32),
        received_at: NOW,
        signed_with: ConfirmationMethod::Passkey,
        deposit_paid: true,
        reason: None,
    }
}

/// The operator whose key consists of equal bytes.
pub fn signer(byte: u8) -> Signer {
    Signer::new("toruk.example", SigningKey::from_bytes(&[byte; 32])).unwrap()
}

pub fn receipt(decision: Decision) -> Receipt {
    let body = ReceiptBody {
        auction: AuctionId(id(10)),
        bid: BidId(id(60)),
        bidder: Some(BidderNo(1)),
        amount: tyiyn(105_000),
        decision,
        received_at: NOW,
        decided_at: NOW + TimeSpan(7),
        seq: 8,
        head: "ef".repeat(32),
        round: 1,
        price: tyiyn(105_000),
        deadline: Some(NOW + TimeSpan::minutes(5)),
    };
    signer(7).sign_one(body)
}

pub fn view() -> AuctionView {
    let (auction, _) = opened();
    AuctionView {
        number: "TRK-KG-20261107-00001-4".to_owned(),
        auction,
        seq: 6,
        head: "ef".repeat(32),
        lot: LotView {
            id: LotId(id(11)),
            kind: LotKind::Premises,
            title: Text::all("Дүкөн үчүн жай", "Помещение под магазин", "A shop"),
            description: Text::default(),
            area: Some(Area { value: "56.0".to_owned(), unit: "m2".to_owned() }),
            address: BTreeMap::from([("region".to_owned(), "Бишкек".to_owned())]),
            cadastral_number: Some("TEST-000-0001".to_owned()),
            lot_holder: Text::all("Ээси", "Балансодержатель", "Holder"),
            synthetic: true,
        },
        form: Form { version: 1, fields: Vec::new(), slots: Vec::new(), ..Form::standard() },
        instalments: Vec::new(),
        server_time: NOW,
    }
}
