//! The pages of results and of rules, for the gallery.

use super::samples::{desk, log, money, now, page, view};
use crate::application::Contact;
use crate::auction::{ApplicationOutcome, Winner};
use crate::console::contract::CertificateOffer;
use crate::console::language::Language;
use crate::console::{auction, joint_acts, protocol, result, rules};
use crate::identity::Role;
use crate::rulebook::{
    PendingProfile, ProfileProposal, SimulatedAuction, Simulation, StoredProfile,
};
use askama::Template as _;
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use toruk_sync::domain::application::{Application, Status as ApplicationStatus};
use toruk_sync::domain::auction::{
    Failure, KeptProtocol, OfferFault, ProtocolFile, ProtocolSignature, ProtocolSubject, Status,
};
use toruk_sync::domain::deposit;
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, PersonId};
use toruk_sync::domain::instalments::InstalmentPlan;
use toruk_sync::domain::money::BasisPoints;
use toruk_sync::domain::rules::{ConfirmationMethod, RuleProfile, SoleApplicant};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::receipt::{ActDecision, ApplicationAct, ApplicationReceiptBody, Signer};
use toruk_sync::simulation::{Simulated, SimulatedEnd};
use uuid::Uuid;

/// An auction with protocols, its result, and the rules.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    vec![
        ("auction-protocols", with_protocols(language)),
        ("result", result_page(language)),
        ("rules", rules_page(language)),
    ]
}

fn kept(of: ProtocolSubject, signed: bool) -> KeptProtocol {
    let file = |(language, sha256): (&str, &str)| ProtocolFile {
        language: language.to_owned(),
        sha256: sha256.repeat(8),
        size_bytes: 24_310,
    };
    let files = [("ky", "5c1ea90b"), ("ru", "9af2c01b"), ("en", "0012ab7f")].map(file).to_vec();
    let by = PersonId(Uuid::from_u128(7));
    let signed = signed.then(|| ProtocolSignature { by, document: "ab".repeat(32) });
    KeptProtocol { of, files, signed }
}

fn with_protocols(language: Language) -> String {
    let roles = [Role::Organiser, Role::Moderator];
    let desk = desk(language, "/console/auctions/5", &roles);
    let mut view = view(Status::Unsuccessful);
    let since = now();
    let suspension = ProtocolSubject::Suspension { since, resume_at: None };
    let failure = ProtocolSubject::Failure;
    view.auction.protocols = vec![kept(suspension, true), kept(failure, false)];
    let joint = joint_acts::Joint::default();
    let mut protocols = protocol::compose(&desk.page, &view.auction, &log(), true);
    protocols.certificate = Some(CertificateOffer {
        act: "protocol",
        text_sha256: "9af2c01b".repeat(8),
        local_signer: Some("http://127.0.0.1:9999/sign".to_owned()),
    });
    let words = (None, String::new());
    let shown = auction::compose(&desk, view, &log(), now(), joint, words);
    auction::Overview { protocols, ..shown }.render().unwrap()
}

fn result_page(language: Language) -> String {
    let application = ApplicationId(Uuid::from_u128(9));
    let contact = Contact {
        application,
        name: "Аида Токтогулова".to_owned(),
        phone: "+996700000001".to_owned(),
    };
    let winner = Winner { bidder: BidderNo(1), price: money(1_338_750), contact };
    let outcomes = vec![
        outcome(ApplicationStatus::Won, Some(1)),
        outcome(ApplicationStatus::Lost, Some(2)),
        outcome(ApplicationStatus::NotAdmitted, None),
    ];
    let page = page(language, "/console/auctions/5", &[Role::Organiser, Role::Moderator]);
    let mut awarded = view(Status::Awarded);
    awarded.auction.protocols = vec![kept(ProtocolSubject::Award { number: 1 }, true)];
    result::compose(page, awarded, (Some(&winner), &log()), outcomes).render().unwrap()
}

fn outcome(status: ApplicationStatus, bidder: Option<u16>) -> ApplicationOutcome {
    let id = ApplicationId(Uuid::from_u128(9));
    let refused = status == ApplicationStatus::NotAdmitted;
    let signer = Signer::new("toruk.example", SigningKey::from_bytes(&[7; 32])).unwrap();
    let act = |act| {
        let body = ApplicationReceiptBody {
            auction: AuctionId(Uuid::from_u128(5)),
            application: Some(id),
            act,
            decision: ActDecision::Accepted,
            status: Some(status),
            package: Some("ab".repeat(32)),
            terms_version: Some(1),
            reason: None,
            received_at: now(),
            decided_at: now(),
            seq: 3,
            head: "ab".repeat(32),
        };
        (Uuid::from_u128(3), signer.sign_act(body))
    };
    let decided = if refused { ApplicationAct::NotAdmit } else { ApplicationAct::Admit };
    ApplicationOutcome {
        application: Application {
            id,
            auction: AuctionId(Uuid::from_u128(5)),
            status,
            terms_version: 1,
            package_hash: "9af2c01b".repeat(8),
            received_at: now(),
            signed_with: ConfirmationMethod::Passkey,
            deposit_paid: !refused,
            reason: refused.then(|| "Документ окулбайт".to_owned()),
        },
        number: "2214".to_owned(),
        bidder: bidder.map(BidderNo),
        offered: bidder.map(|bidder| money(1_338_750 - i64::from(bidder) * 5_000)),
        deposit: (!refused).then_some(deposit::Status::Held),
        acts: vec![act(ApplicationAct::Submit), act(decided)],
    }
}

fn rules_page(language: Language) -> String {
    let current = RuleProfile { version: 2, ..RuleProfile::standard() };
    let (one, other) = (PersonId(Uuid::from_u128(7)), PersonId(Uuid::from_u128(8)));
    let names = BTreeMap::from([
        (one, "Айгүл Токтосунова".to_owned()),
        (other, "Нурлан Базаров".to_owned()),
    ]);
    let basis = BTreeMap::from([("raise_window".to_owned(), "Положение № 12, п. 4".to_owned())]);
    let version = StoredProfile {
        rules: current.clone(),
        basis: basis.clone(),
        reason: "Жаңы мыйзам".to_owned(),
        proposed_by: one,
        approved_by: other,
        approved_at: now(),
    };
    let first_share = BasisPoints(3_000);
    let rules = RuleProfile {
        version: 3,
        raise_window: TimeSpan::minutes(7),
        contract_days: Some(5),
        sole_applicant: Some(SoleApplicant::StartPrice),
        relaunch_cuts: Some(vec![BasisPoints(1_000), BasisPoints(2_000)]),
        instalments: Some(InstalmentPlan { count: 6, first_share, every_months: 2 }),
        ..current.clone()
    };
    let proposal = ProfileProposal {
        rules,
        basis,
        reason: "Министрдин буйругу".to_owned(),
        by: other,
        at: now(),
        expires_at: now() + TimeSpan::days(3),
        over: 2,
    };
    let pending =
        PendingProfile { id: Uuid::from_u128(4), proposal, may_decide: true, is_own: false };
    let page = page(language, "/console/rules", &[Role::Moderator]);
    let mut shown = rules::compose(page, &current, vec![version], Some(pending), &names);
    shown.simulation = Some(rules::simulated(&shown.page, &simulation()));
    shown.render().unwrap()
}

fn simulation() -> Simulation {
    let end = |winner, failure, not_published| SimulatedEnd {
        not_published,
        status: Status::Qualification,
        failure,
        winner,
        raises: 12,
        raises_refused: 0,
        open_for: None,
    };
    let won = |som| end(Some((BidderNo(2), money(som))), None, None);
    let one = |before, after| SimulatedAuction {
        id: AuctionId(Uuid::from_u128(5)),
        number: "TRK-KG-20261115-00042-7".to_owned(),
        ends: Simulated { before, after },
    };
    let auctions = vec![
        one(won(1_300_000), won(1_250_000)),
        one(end(None, Some(Failure::InsufficientParticipants), None), won(1_000_000)),
        one(won(900_000), end(None, None, Some(OfferFault::StepOutOfRange))),
        one(won(1_000), won(1_000)),
    ];
    Simulation { auctions, left_out: 1 }
}
