//! What holds for all pages, and a gallery of them: `TORUK_GALLERY=<folder>` has each page written
//! there in three languages, to be looked at in a browser.

use super::access::{Enrol, SignIn, enrolment_fields};
use super::home::{Home, LiveRow, Step, Task};
use super::language::Language;
use super::layout::{Desk, Page};
use super::offer::{Faults, Typed};
use super::hygiene::texts;
use super::{applications, assets, auction, auction_editor, auctions, audit, live, lots, staff};
use crate::catalogue::service::{AuctionRow, DocumentRow, LotRow, OfferHint};
use crate::identity::service::{Invitation, StaffRow};
use crate::identity::{Official, Role};
use askama::DynTemplate;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use toruk_sync::domain::application::{Application, Status as ApplicationStatus};
use toruk_sync::domain::auction::{
    Auction, Birth, Commitment, Event, Failure, ObjectOfPrice, Offer, Status, create, freeze,
};
use toruk_sync::domain::bidding::{BidRefusal, Phase, Round};
use toruk_sync::domain::form::{Form, Text};
use toruk_sync::domain::id::{
    ApplicationId, AuctionId, BidId, BidderNo, DeviceId, LotId, OrganisationId, PersonId,
};
use toruk_sync::domain::money::{Tyiyn};
use toruk_sync::domain::rules::{ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::catalogue::{Area, AuctionCard, AuctionView, LotKind, LotView};
use toruk_sync::receipt::Record;
use toruk_sync::snapshot::ApplicationPackage;
use uuid::Uuid;

fn official(roles: &[Role]) -> Official {
    Official {
        person: PersonId(Uuid::from_u128(7)),
        name: "Айгүл Токтосунова".to_owned(),
        roles: roles.iter().copied().collect(),
    }
}

fn page(language: Language, path: &str, roles: &[Role]) -> Page {
    let official = (!roles.is_empty()).then(|| official(roles));
    Page { language, path: path.to_owned(), official, notice: None, demo: true }
}

fn desk(language: Language, path: &str, roles: &[Role]) -> Desk {
    Desk { official: official(roles), page: page(language, path, roles) }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T10:42:17+06:00").unwrap()
}

fn money(som: i64) -> Tyiyn {
    Tyiyn::new(som * 100).unwrap()
}

fn title() -> Text {
    Text::all(
        "«Ак-Кула» ипподромунун жер тилкеси",
        "Земельный участок ипподрома «Ак-Кула»",
        "Land of the Ak-Kula hippodrome",
    )
}

fn lot_view() -> LotView {
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

fn lot_row(missing: Vec<&'static str>) -> LotRow {
    LotRow {
        lot: lot_view(),
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
    }
}

fn auction(status: Status) -> Auction {
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

fn view(status: Status) -> AuctionView {
    AuctionView {
        number: "TRK-KG-20261115-00042-7".to_owned(),
        auction: auction(status),
        seq: 41,
        head: "5c1ea90b".repeat(8),
        lot: lot_view(),
        form: Form::standard(),
        server_time: now(),
    }
}

fn log() -> Vec<Record> {
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
        reason: BidRefusal::StaleBasis,
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

/// Every page in one language, with its name.
fn pages(l: Language) -> Vec<(&'static str, String)> {
    let all = [Role::Organiser, Role::Moderator];
    let steps = |p: &Page| {
        ["staff", "lots", "auction", "publish"].map(|kind| Step {
            title: p.k("step", kind),
            text: p.k("step-text", kind),
            href: matches!(kind, "lots" | "auction").then_some("/console/lots/import"),
            done: kind == "staff",
        })
    };
    let task = |p: &Page, kind: &str, count| Task {
        href: "/console/auctions",
        count,
        title: p.k("task", kind),
        text: p.k("task-text", kind),
    };
    let visitor = page(l, "/console/sign-in", &[]);
    let first = page(l, "/console", &[Role::Sysadmin]);
    let home = page(l, "/console", &all);
    let running = LiveRow {
        id: "5".to_owned(),
        title: title().get(l.tag()).to_owned(),
        number: "TRK-KG-20261115-00042-7".to_owned(),
        price: home.som(&money(1_275_000)),
    };
    let name = || "Айгүл Токтосунова".to_owned();
    let tasks = vec![task(&home, "review", 2), task(&home, "applications", 14)];
    let shown = |template: &dyn DynTemplate| template.dyn_render().unwrap();
    let rules = RuleProfile::standard();
    let mut out = vec![
        (
            "home-first",
            shown(&Home {
                name: name(),
                tasks: vec![],
                steps: steps(&first).into(),
                live: vec![],
                page: first,
            }),
        ),
        (
            "home",
            shown(&Home { name: name(), tasks, steps: vec![], live: vec![running], page: home }),
        ),
        (
            "enrol",
            shown(&Enrol {
                fields: enrolment_fields(&visitor),
                token: "x".to_owned(),
                role: visitor.t("role-organiser"),
                page: visitor.clone(),
            }),
        ),
        ("sign-in", shown(&SignIn { page: visitor })),
    ];
    let p = page(l, "/console/lots", &all);
    let rows = vec![lot_row(vec!["step", "lot_holder"]), lot_row(vec![])];
    let none = lots::Lots { page: p.clone(), rows: vec![], next: None, later: false, imports: true };
    out.push(("lots-none", shown(&none)));
    let next = Some("a".to_owned());
    out.push(("lots", shown(&lots::Lots { rows, next, ..none })));
    let one = desk(l, "/console/lots/3", &all);
    let row = lot_row(vec!["step", "lot_holder", "document"]);
    let typed = lots::Completion::of(&row);
    out.push(("lot", shown(&lots::lot_page(&one, row, &typed, None))));
    let p = page(l, "/console/auctions", &all);
    let listed = [Status::Review, Status::Bidding, Status::Unsuccessful].map(|status| {
        let failure = (status == Status::Unsuccessful).then_some(Failure::NoFirstOffer);
        auctions::row(
            &p,
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
            },
        )
    });
    let (rows, later) = (Vec::from(listed), false);
    out.push(("auctions", shown(&auctions::Auctions { page: p, rows, next: None, later, creates: true })));
    let desk5 = desk(l, "/console/auctions/5", &all);
    for (name, status) in [
        ("auction-draft", Status::Draft),
        ("auction-review", Status::Review),
        ("auction-bidding", Status::Bidding),
        ("auction-failed", Status::Unsuccessful),
        ("auction-awarded", Status::Awarded),
    ] {
        let overview = auction::compose(&desk5, view(status), &log(), now(), (None, String::new()));
        out.push((name, shown(&overview)));
    }
    let p = page(l, "/console/auctions/new", &all);
    let typed = Typed::from_hint("3".to_owned(), &lot_row(vec![]).hint);
    let faults = Faults::from([("step", "fault-percent"), ("start", "fault-moment")]);
    let whole = Typed::from_offer(&auction(Status::Draft).birth.offer);
    for (name, typed, faults) in
        [("editor-faulty", &typed, faults), ("editor", &whole, Faults::new())]
    {
        let editor = auction_editor::Editor {
            purpose: "create",
            action: "/console/auctions/new".to_owned(),
            back: "/console/lots/3".to_owned(),
            title: title().get(l.tag()).to_owned(),
            lot: "3".to_owned(),
            failure: None,
            fields: typed.fields(&p, &faults, &rules),
            frozen: typed.freeze(&rules, now()).ok(),
            refusal: (!faults.is_empty()).then(|| p.t("form-faulty")),
            page: p.clone(),
        };
        out.push((name, shown(&editor)));
    }
    let p = page(l, "/console/auctions/5/live", &all);
    let board = live::compose(&p, &view(Status::Bidding), &log(), now());
    out.push(("live", shown(&live::Live { refusals: live::refusals(&p), board, page: p })));
    let application = Application {
        id: ApplicationId(Uuid::from_u128(9)),
        auction: AuctionId(Uuid::from_u128(5)),
        status: ApplicationStatus::Signed,
        terms_version: 1,
        package_hash: "9af2c01b".repeat(8),
        received_at: now(),
        signed_with: ConfirmationMethod::Passkey,
        deposit_paid: true,
        reason: None,
    };
    let p = page(l, "/console/applications", &all);
    let row = crate::application::QueueRow {
        application: application.clone(),
        number: "2214".to_owned(),
        auction_number: "TRK-KG-20261115-00042-7".to_owned(),
        deposit_paid: true,
        files: 2,
    };
    out.push(("applications", shown(&applications::queue_page(p.clone(), vec![row]))));
    let answers = [("applicant_kind", "person"), ("full_name", "Асанов Бакыт"), ("consent", "yes")];
    let package = ApplicationPackage {
        auction: application.auction,
        person: PersonId(Uuid::nil()),
        device: DeviceId(Uuid::nil()),
        terms_version: 1,
        terms_hash: String::new(),
        form: "application".to_owned(),
        form_version: 1,
        answers: answers.map(|(id, answer)| (id.to_owned(), answer.to_owned())).into(),
        files: vec![FileRef {
            slot: "identity_document".to_owned(),
            sha256: "ab".repeat(32),
            size_bytes: 340_000,
            mime: "image/jpeg".to_owned(),
            name: "паспорт.jpg".to_owned(),
        }],
    };
    let person_name = "Асанов Бакыт".to_owned();
    let detail = crate::application::Detail { application, package, person_name };
    out.push(("application", shown(&applications::compose(&p, detail, (None, String::new())))));
    let act = |seq, actor, role: &str, action: &str| crate::audit::service::Row {
        seq,
        at: now(),
        actor,
        role: role.to_owned(),
        action: action.to_owned(),
        object: format!("auction:{}", Uuid::from_u128(5)),
        detail: "{}".to_owned(),
        hash: "5c1ea90b".repeat(8),
    };
    let someone = PersonId(Uuid::from_u128(7));
    let acts = vec![
        act(3, Some(someone), "moderator", "auction.publish"),
        act(2, None, "system", "payment.credit"),
        act(1, Some(someone), "organiser", "auction.create"),
    ];
    let names = BTreeMap::from([(someone, name())]);
    let p = page(l, "/console/audit", &[Role::Auditor]);
    out.push(("audit", shown(&audit::compose(p, acts, &names, false))));
    let member = |name: &str, roles| StaffRow {
        person: someone,
        name: name.to_owned(),
        roles,
        since: now(),
    };
    let link = "http://localhost:8080/console/enrol/dGhpcyBpcyBhIG9uZS10aW1lIGxpbms".to_owned();
    let made = Some((Role::Moderator, Invitation { link, expires_at: now() }));
    let staff = vec![member("Айгүл Токтосунова", vec![Role::Sysadmin])];
    let p = page(l, "/console/staff", &[Role::Sysadmin]);
    out.push(("staff", shown(&staff::compose(p, staff, made))));
    out
}

#[test]
fn every_page_renders_in_three_languages_with_no_text_missing() {
    let keys: BTreeSet<String> = texts(Language::Ky).into_keys().collect();
    for language in Language::ALL {
        for (name, html) in pages(language) {
            if let Ok(folder) = std::env::var("TORUK_GALLERY") {
                let html = html.replace(&assets::url(""), "/assets/");
                fs::write(format!("{folder}/{name}.{}.html", language.tag()), html).unwrap();
            }
            let words = html.split(['<', '>', '"']).map(str::trim);
            let bare = words.filter(|word| word.contains('-') && keys.contains(*word));
            // Ids of sections are named as keys are; a key as a text has no id beside it.
            let bare = bare.filter(|word| !html.contains(&format!("=\"{word}\"")));
            assert_eq!(bare.collect::<Vec<_>>(), Vec::<&str>::new(), "{name} {language:?}");
        }
    }
}
