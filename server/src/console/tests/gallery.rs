//! A gallery of all pages: with `TORUK_GALLERY=<folder>` each is written there in three languages,
//! to be viewed in a browser. Without it they are rendered and checked.

use super::super::access::{Enrol, SignInPage, enrolment_fields};
use super::super::home::{Home, LiveRow, Step, Task};
use super::super::language::Language;
use super::super::layout::Page;
use super::super::offer::{Faults, Typed};
use super::hygiene::texts;
use super::samples::{
    auction as sample, auction_name, auction_row, desk, log, lot_row, money, now, official, page,
    sellers, title, view,
};
use super::{forfeits, organisations, own_access, payments, price_rules, results};
use crate::auction::proposals::{MayPropose, Pending};
use crate::catalogue::rows::LotRow;
use crate::console::{
    applications, assets, auction, auction_editor, auctions, audit, joint_acts, live, lots, staff,
};
use crate::identity::service::Invitation;
use crate::identity::{
    InvitationRow, LinkedEid, PasskeyOwner, PasskeyReview, PasskeyRow, Role, SessionRow,
    StaffAccess, StaffRow,
};
use askama::DynTemplate;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::application::{Application, Status as ApplicationStatus};
use toruk_sync::domain::auction::{Auction, Status, Suspension, SuspensionCause};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{ApplicationId, AuctionId, DeviceId, PersonId};
use toruk_sync::domain::proposal::{JointAct, Proposal, Stand};
use toruk_sync::domain::rules::{ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::FileRef;
use toruk_sync::signing::ApplicationPayload;
use uuid::Uuid;

/// Pages with their names.
type Shown = Vec<(&'static str, String)>;

const ALL: [Role; 2] = [Role::Organiser, Role::Moderator];

fn shown(template: &dyn DynTemplate) -> String {
    template.dyn_render().unwrap()
}

fn entrance(l: Language) -> Shown {
    let steps = |p: &Page| {
        ["staff", "lots", "auction", "publish"].map(|kind| Step {
            title: p.text_for("step", kind),
            text: p.text_for("step-text", kind),
            href: matches!(kind, "lots" | "auction").then_some("/console/lots/import"),
            done: kind == "staff",
        })
    };
    let task = |p: &Page, kind: &str, count| Task {
        href: "/console/auctions",
        count,
        title: p.text_for("task", kind),
        text: p.text_for("task-text", kind),
    };
    let (visitor, first) =
        (page(l, "/console/sign-in", &[]), page(l, "/console", &[Role::Sysadmin]));
    let home = page(l, "/console", &ALL);
    let running = LiveRow {
        id: "5".to_owned(),
        title: title().get(l.tag()).to_owned(),
        number: "TRK-KG-20261115-00042-7".to_owned(),
        price: home.som(&money(1_275_000)),
    };
    vec![
        (
            "home-first",
            shown(&Home {
                name: official(&ALL).name,
                tasks: vec![],
                steps: steps(&first).into(),
                live: vec![],
                page: first,
            }),
        ),
        (
            "home",
            shown(&Home {
                name: official(&ALL).name,
                tasks: vec![task(&home, "review", 2), task(&home, "applications", 14)],
                steps: vec![],
                live: vec![running],
                page: home,
            }),
        ),
        ("enrol", shown(&Enrol { fields: enrolment_fields(&visitor), page: visitor.clone() })),
        ("sign-in", shown(&SignInPage { page: visitor, has_eid: true })),
    ]
}

fn lists(l: Language) -> Shown {
    let mut out = Vec::new();
    let p = page(l, "/console/lots", &ALL);
    let rows = vec![lot_row(vec!["step", "lot_holder"]), lot_row(vec![])];
    let none = lots::Lots {
        page: p.clone(),
        rows: vec![],
        next: None,
        later: false,
        imports: true,
        query: String::new(),
    };
    out.push(("lots-none", shown(&none)));
    let next = Some("a".to_owned());
    out.push(("lots", shown(&lots::Lots { rows, next, ..none })));
    let one = desk(l, "/console/lots/3", &ALL);
    let row = lot_row(vec!["step", "lot_holder", "document"]);
    let typed = lots::Completion::of(&row);
    out.push(("lot", shown(&lots::lot_page(&one, row, (&typed, sellers()), None))));
    let published = LotRow { is_frozen: true, ..lot_row(vec![]) };
    let typed = lots::Completion::of(&published);
    out.push(("lot-frozen", shown(&lots::lot_page(&one, published, (&typed, sellers()), None))));
    let p = page(l, "/console/auctions", &ALL);
    let listed = [Status::Review, Status::Bidding, Status::Unsuccessful]
        .map(|status| auctions::row(&p, auction_row(status)));
    let (rows, later) = (Vec::from(listed), false);
    out.push((
        "auctions",
        shown(&auctions::Auctions {
            page: p,
            rows,
            next: None,
            later,
            creates: true,
            query: "дукон".to_owned(),
        }),
    ));
    out
}

fn auction_pages(l: Language) -> Shown {
    let mut out = Vec::new();
    let rules = RuleProfile::standard();
    let desk5 = desk(l, "/console/auctions/5", &ALL);
    for (name, status) in [
        ("auction-draft", Status::Draft),
        ("auction-review", Status::Review),
        ("auction-bidding", Status::Bidding),
        ("auction-failed", Status::Unsuccessful),
        ("auction-awarded", Status::Awarded),
    ] {
        let joint = joint_acts::Joint::default();
        let words = (None, String::new());
        let overview = auction::compose(&desk5, view(status), &log(), now(), joint, words);
        out.push((name, shown(&overview)));
    }
    let p = page(l, "/console/auctions/new", &ALL);
    let typed = Typed::from_hint("3".to_owned(), &lot_row(vec![]).hint);
    let faults = Faults::from([("step", "fault-percent"), ("start", "fault-moment")]);
    let whole = Typed::from_offer(&sample(Status::Draft).birth.offer);
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
            refusal: (!faults.is_empty()).then(|| p.text("form-faulty")),
            page: p.clone(),
        };
        out.push((name, shown(&editor)));
    }
    let p = page(l, "/console/auctions/5/live", &ALL);
    let board = live::compose(&p, &view(Status::Bidding), &log(), now());
    let (refusals, joint) = (live::refusals(&p), joint_of(&p, &view(Status::Bidding).auction));
    out.push(("live", shown(&live::Live { refusals, board, joint, page: p.clone() })));
    let mut stopped = view(Status::Bidding);
    stopped.auction.epoch = 1;
    stopped.auction.suspension = Some(Suspension {
        since: now(),
        cause: SuspensionCause::TechnicalFault,
        resume_at: Some(now() + TimeSpan::minutes(18)),
    });
    let board = live::compose(&p, &stopped, &log(), now());
    let (refusals, joint) = (live::refusals(&p), joint_of(&p, &stopped.auction));
    out.push(("live-stopped", shown(&live::Live { refusals, board, joint, page: p })));
    out
}

/// Two proposals (one to decide and one's own) and every form.
fn joint_of(p: &Page, auction: &Auction) -> joint_acts::Joint {
    let reason = "Туташуу жок: сунуштар келбей жатат".to_owned();
    let other = PersonId(Uuid::from_u128(8));
    let pending = |act, own: bool| Pending {
        id: Uuid::from_u128(9),
        proposal: Proposal {
            act,
            by: other,
            at: now(),
            expires_at: now() + TimeSpan::minutes(15),
            stand: Stand::of(auction),
        },
        may_decide: !own,
        is_own: own,
    };
    let stopped = auction.suspension.is_some();
    let first = match stopped {
        true => JointAct::Resume { at: now() + TimeSpan::minutes(18) },
        false => JointAct::Suspend { reason: reason.clone() },
    };
    let cancel = JointAct::Cancel { reason, document: "9af2c01b".repeat(8) };
    let names = BTreeMap::from([(other, "Эркин Байматов".to_owned())]);
    let may = MayPropose {
        suspend: !stopped,
        resume: stopped,
        cancel: true,
        disqualify: !stopped,
        refusal: !stopped,
        correct: !stopped,
    };
    let waiting = vec![pending(first, false), pending(cancel, true)];
    joint_acts::compose(p, (auction, Some(lot_row(Vec::new()))), waiting, &names, may, now())
}

fn application_pages(l: Language) -> Shown {
    let mut out = Vec::new();
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
    let p = page(l, "/console/applications", &ALL);
    let row = crate::application::QueueRow {
        application: application.clone(),
        number: "2214".to_owned(),
        auction: auction_name(),
        deposit_paid: true,
        files: 2,
    };
    let queue = applications::queue_page(p.clone(), vec![row], String::new(), None);
    out.push(("applications", shown(&queue)));
    let answers = [("applicant_kind", "person"), ("full_name", "Асанов Бакыт"), ("consent", "yes")];
    let package = ApplicationPayload {
        auction: application.auction,
        person: PersonId(Uuid::nil()),
        device: DeviceId(Uuid::nil()),
        terms_version: 1,
        terms_hash: String::new(),
        form: "application".to_owned(),
        form_version: 2,
        answers: answers.map(|(id, answer)| (id.to_owned(), answer.to_owned())).into(),
        files: vec![FileRef {
            slot: "identity_document".to_owned(),
            sha256: "ab".repeat(32),
            size_bytes: 340_000,
            mime: "image/jpeg".to_owned(),
            name: "паспорт.jpg".to_owned(),
        }],
    };
    let risk = |kind, other| crate::application::Risk { kind, other };
    let risks = crate::application::RiskKind::ALL.map(|kind| risk(kind, Some(application.id)));
    let detail = crate::application::Detail {
        application,
        package,
        person_name: "Асанов Бакыт".to_owned(),
        is_proven: true,
        firm: Some(Text::all("«Ак-Суу» ЖЧК", "ОсОО «Ак-Суу»", "Ak-Suu LLC")),
        has_open_numbers: false,
        risks: risks.into(),
        is_excludable: true,
        has_evidence: true,
    };
    out.push(("application", shown(&applications::compose(&p, detail, (None, String::new())))));
    out
}

fn trail_and_staff(l: Language) -> Shown {
    let mut out = Vec::new();
    let act = |seq, actor, role: &str, action: &str| crate::audit::Row {
        seq,
        at: now(),
        actor,
        role: role.to_owned(),
        action: action.to_owned(),
        object: format!("auction:{}", Uuid::from_u128(5)),
        detail: r#"{"amount_tyiyn":50000,"expires_at":1795510800000000,"new":[1]}"#.to_owned(),
        hash: "5c1ea90b".repeat(8),
    };
    let someone = PersonId(Uuid::from_u128(7));
    let corrected = r#"{"lot":{"facts.title.ru":{"before":"Гараж","after":"Сарай"}},
        "changes":{"version":{"before":1,"after":2}}}"#;
    let corrected = crate::audit::Row {
        detail: corrected.to_owned(),
        ..act(5, Some(someone), "moderator", "auction.approve")
    };
    let acts = vec![
        corrected,
        act(4, None, "bidder", "application.submit"),
        act(3, Some(someone), "moderator", "auction.publish"),
        act(2, None, "system", "payment.credit"),
        act(1, Some(someone), "organiser", "auction.create"),
    ];
    let names = BTreeMap::from([(someone, "Айгүл Токтосунова".to_owned())]);
    let p = page(l, "/console/audit", &[Role::Auditor]);
    out.push(("audit", shown(&audit::compose(p, acts, &names, false))));
    let member = |name: &str, roles| StaffRow {
        person: someone,
        name: name.to_owned(),
        roles,
        organisations: vec![Text::all("ӨКМ", "МЧС", "Ministry of Emergencies")],
        since: now(),
        invited_by: None,
        sessions: vec![SessionRow { id: "ab".repeat(32), since: now(), expires_at: now() }],
        passkeys: vec![PasskeyRow {
            id: "cGFzcw".to_owned(),
            name: None,
            since: now(),
            used_at: Some(now()),
        }],
        eid: Some(LinkedEid { since: now(), used_at: now() }),
    };
    let link = "http://localhost:8080/console/enrol#dGhpcyBpcyBhIG9uZS10aW1lIGxpbms".to_owned();
    let made = Some((Role::Moderator, Invitation { link, expires_at: now() }));
    let invited = InvitationRow {
        id: "cd".repeat(32),
        role: Role::Moderator,
        invited_by: Some((someone, "Айгүл Токтосунова".to_owned())),
        expires_at: now(),
    };
    let staff = vec![
        member("Айгүл Токтосунова", vec![Role::Sysadmin]),
        StaffRow { organisations: vec![], ..member("Айгүл Токтосунова", vec![]) },
    ];
    let staff = StaffAccess { staff, invitations: vec![invited] };
    let p = page(l, "/console/staff", &[Role::Sysadmin]);
    let since = now();
    let reviews = [
        PasskeyOwner::Official(someone, "Айгүл Токтосунова".to_owned()),
        PasskeyOwner::Bidder(PersonId(Uuid::from_u128(77))),
    ];
    let review = |owner| PasskeyReview { id: "cGFzcw".to_owned(), owner, since };
    let reviews = reviews.map(review).to_vec();
    let access = (staff, vec![organisations::firm()]);
    out.push(("staff", shown(&staff::compose(p, access, reviews, "айгул".to_owned(), made))));
    out
}

#[test]
fn every_page_renders_in_three_languages_with_no_text_missing() {
    let keys: BTreeSet<String> = texts(Language::Ky).into_keys().collect();
    for language in Language::ALL {
        let all = [
            entrance,
            lists,
            auction_pages,
            application_pages,
            trail_and_staff,
            organisations::pages,
            own_access::pages,
            payments::pages,
            price_rules::pages,
            forfeits::pages,
            results::pages,
        ];
        let pages = all.into_iter().flat_map(|part| part(language));
        for (name, html) in pages {
            if let Ok(folder) = std::env::var("TORUK_GALLERY") {
                let html = html.replace(&assets::url(""), "/assets/");
                std::fs::write(format!("{folder}/{name}.{}.html", language.tag()), html).unwrap();
            }
            let words = html.split(['<', '>', '"']).map(str::trim);
            let bare = words.filter(|word| word.contains('-') && keys.contains(*word));
            // Ids of sections look like keys; a key as a text has no id beside it.
            let bare = bare.filter(|word| !html.contains(&format!("=\"{word}\"")));
            assert_eq!(bare.collect::<Vec<_>>(), Vec::<&str>::new(), "{name} {language:?}");
        }
    }
}
