//! Made-up content for the gallery.

use super::super::language::Language;
use super::super::layout::{Page, StaffPage};
use crate::catalogue::rows::{AuctionName, AuctionRow, DocumentRow, LotRow, OfferHint};
use crate::identity::{Official, Role};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::bidding::{Basis, BidRejection, Phase, Round};
use toruk_sync::domain::auction::{
    Auction, Birth, Commitment, Event, Failure, ObjectOfPrice, Offer, Status, create, freeze,
};
use toruk_sync::domain::form::{Form, Text};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo, LotId, OrganisationId, PersonId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::{Area, AuctionCard, AuctionView, LotKind, LotView};
use toruk_sync::receipt::Record;
use uuid::Uuid;

pub fn official(roles: &[Role]) -> Official {
    Official {
        person: PersonId(Uuid::from_u128(7)),
        name: "Айгүл Токтосунова".to_owned(),
        roles: roles.iter().copied().collect(),
        bound: BTreeMap::new(),
    }
}

pub fn page(language: Language, path: &str, roles: &[Role]) -> Page {
    let official = (!roles.is_empty()).then(|| official(roles));
    Page { language, path: path.to_owned(), official, notice: None, demo: true }
}

pub fn desk(language: Language, path: &str, roles: &[Role]) -> StaffPage {
    StaffPage { official: official(roles), page: page(language, path, roles) }
}

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T10:42:17+06:00").unwrap()
}

pub fn money(som: i64) -> Tyiyn {
    Tyiyn::new(som * 100).unwrap()
}

pub fn auction_name() -> AuctionName {
    AuctionName { number: "TRK-KG-20261115-00042-7".to_owned(), title: title() }
}

pub fn title() -> Text {
    Text::all(
        "«Ак-Кула» ипподромунун жер тилкеси",
        "Земельный участок ипподрома «Ак-Кула»",
        "Land of the Ak-Kula hippodrome",
    )
}

pub fn lot_view() -> LotView {
    LotView {
        id: LotId(Uuid::from_u128(3)),
        kind: LotKind::Land,
        title: title(),
        description: Text::default(),
        area: Some(Area { value: "45.73".to_owned(), unit: "ha".to_owned() }),
        address: BTreeMap::from([
            ("settlement".to_owned(), "Бишкек".to_owned()),
            ("street".to_owned(), "ул. Термечикова".to_owned()),
            ("house".to_owned(), "1".to_owned()),
        ]),
        cadastral_number: None,
        lot_holder: Text::default(),
        synthetic: false,
    }
}

/// The organisations that [`lot_row`] names, and another one.
pub fn sellers() -> Vec<(OrganisationId, Text)> {
    let name = |no: u128| Text::all(&format!("{no}-уюм"), &format!("Орган {no}"), "An office");
    [11, 12, 13].map(|no| (OrganisationId(Uuid::from_u128(no)), name(no))).into()
}

pub fn lot_row(missing: Vec<&'static str>) -> LotRow {
    LotRow {
        lot: lot_view(),
        holder: Some(OrganisationId(Uuid::from_u128(11))),
        organiser: Some(OrganisationId(Uuid::from_u128(12))),
        hint: OfferHint {
            object_of_price: Some(ObjectOfPrice::SalePrice),
            value_tyiyn: Some(money(8_731_917_000)),
            guarantee_bp: Some(1_000),
            step_bp: None,
        },
        source: Some("24.kg/english/290625".to_owned()),
        documents: vec![DocumentRow {
            title: "Кадастрдык паспорт".to_owned(),
            mime: "application/pdf".to_owned(),
            sha256: "9af2c01b".repeat(8),
            size_bytes: 1_480_000,
        }],
        missing,
        auction: None,
        is_frozen: false,
    }
}

pub fn auction(status: Status) -> Auction {
    let rules = RuleProfile::standard();
    let offer = Offer {
        object_of_price: ObjectOfPrice::SalePrice,
        value: money(1_000_000),
        step: rules.step_min,
        guarantee: rules.guarantee_min,
        start: now() + rules.notice_period + TimeSpan::days(30),
        lease_duration: None,
    };
    let id = AuctionId(Uuid::from_u128(5));
    let organisation = OrganisationId(Uuid::from_u128(6));
    let terms = freeze(&offer, &rules, now()).unwrap();
    let (mut auction, _) = create(Birth {
        id,
        lot: LotId(Uuid::from_u128(3)),
        lot_holder: organisation,
        procuring_entity: organisation,
        rules,
        offer,
        author: PersonId(Uuid::from_u128(8)),
        attempt: 1,
        previous: None,
        root: id,
        value_min: None,
        value_set: None,
    });
    auction.status = status;
    if !matches!(status, Status::Draft | Status::Review) {
        auction.terms = Some(terms);
    }
    if matches!(status, Status::Bidding) {
        auction.participants = ["a", "b", "c", "d"].map(|c| Commitment(c.to_owned())).to_vec();
        auction.round = Some(Round {
            phase: Phase::Raising,
            number: 11,
            price: money(1_275_000),
            leader: Some(BidderNo(3)),
            deadline: now() + TimeSpan::seconds(221),
        });
    }
    if status == Status::Unsuccessful {
        auction.failure = Some(Failure::NoFirstOffer);
    }
    auction
}

pub fn view(status: Status) -> AuctionView {
    AuctionView {
        number: "TRK-KG-20261115-00042-7".to_owned(),
        auction: auction(status),
        seq: 41,
        head: "5c1ea90b".repeat(8),
        lot: lot_view(),
        form: Form::standard(),
        instalments: Vec::new(),
        server_time: now(),
    }
}

pub fn log() -> Vec<Record> {
    let bid = BidId(Uuid::nil());
    let at = |seconds| now() - TimeSpan::seconds(seconds);
    let placed = |no, som, seconds| Event::BidPlaced {
        bid,
        bidder: BidderNo(no),
        amount: money(som),
        outbid: None,
        received_at: at(seconds),
        deadline: now(),
    };
    let stale = Event::BidRefused {
        bid,
        bidder: BidderNo(2),
        epoch: 0,
        basis: Basis { round: 0, price: money(1_225_000) },
        amount: money(1_250_000),
        reason: BidRejection::StaleBasis,
        received_at: at(79),
    };
    let opened = Event::BiddingOpened { deadline: now() };
    let events = [opened, placed(1, 1_250_000, 140), placed(3, 1_275_000, 80), stale];
    let record = |(index, event)| Record {
        auction: AuctionId(Uuid::from_u128(5)),
        seq: 38 + index as u64,
        at: at(200),
        event,
    };
    events.into_iter().enumerate().map(record).collect()
}

pub fn auction_row(status: Status) -> AuctionRow {
    let failure = (status == Status::Unsuccessful).then_some(Failure::NoFirstOffer);
    AuctionRow {
        card: AuctionCard {
            id: AuctionId(Uuid::from_u128(5)),
            number: "TRK-KG-20261115-00042-7".to_owned(),
            title: title(),
            kind: LotKind::Land,
            settlement: Some("Бишкек".to_owned()),
            object_of_price: ObjectOfPrice::SalePrice,
            price: money(1_275_000),
            status,
            failure,
            tender_end: now(),
            start: now(),
            seq: 1,
        },
        previous: None,
        successor: None,
        updated_at: now(),
    }
}
