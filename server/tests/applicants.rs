//! One human, or one firm, applies once; what a moderator sees of who is behind an application.

use crate::ground::sale::{Sale, Visitor, official};
use crate::people::{member, recorded};
use crate::persons::{link, proven};
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use std::collections::BTreeMap;
use toruk_server::application::{self, RiskKind};
use toruk_server::auction::{self, OfficialAction};
use toruk_server::clock::Clock as _;
use toruk_server::entity::application as rows;
use toruk_server::identity::firm::TAX_REGISTER;
use toruk_server::identity::{
    Conflict, Error, FirmName, IdentityFault, NewMembership, Official, Power, Provider, Role,
};
use toruk_sync::domain::form::{DECLARATION, Text};
use toruk_sync::domain::id::{ApplicationId, OrganisationId};
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::operations::{Operation, OperationRejection, Verdict};

const AIDA: &str = "21503199077777";
const BEK: &str = "11503199012345";
const FIRM: &str = "01234567890123";

pub async fn with_a_door() -> Sale {
    Sale::with_config(|config| config.proves_identity = true).await
}

/// Applies with these answers instead of the usual ones.
pub async fn submit(sale: &mut Sale, op_no: u64, answers: &[(&str, &str)]) -> Verdict {
    if op_no == 1 {
        sale.upload().await;
    }
    let mut package = sale.package().await;
    for (field, answer) in answers {
        package.answers.insert((*field).to_owned(), (*answer).to_owned());
    }
    let operation = sale.sign(package);
    sale.push_one(op_no, operation).await
}

pub async fn prove(sale: &Sale, pin: &str) -> Result<(), Error> {
    let who = sale.bidder.person;
    link(sale.state(), who, &proven(Provider::Eid, &format!("sub {pin}"), Some(pin))).await
}

pub fn submitted(verdict: Verdict) -> ApplicationId {
    match verdict {
        Verdict::Submitted { application, .. } => application,
        other => panic!("not submitted: {other:?}"),
    }
}

fn reason(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refused(OperationRejection::ConflictOfInterest { conflict }) => conflict,
        other => panic!("not refused: {other:?}"),
    }
}

async fn administrator(sale: &Sale) -> Official {
    member(sale.state(), None, Role::Sysadmin, "Башкаруучу").await.official
}

/// A firm, and who may act for it from now on for a day.
async fn firm(sale: &Sale, by: &Official, pins: &[&str]) -> OrganisationId {
    let identity = &sale.state().identity;
    let name = Text { ru: Some("ОсОО «Ак-Суу»".to_owned()), ..Text::default() };
    let register = FirmName { scheme: TAX_REGISTER.to_owned(), identifier: FIRM.to_owned() };
    let id = identity.create_organisation(by, name, Some(register)).await.unwrap();
    let now = sale.clock().now();
    for pin in pins {
        let powers = NewMembership {
            pin: Pin::parse(pin).unwrap(),
            power: Power::Representative,
            document: "Доверенность № 7".to_owned(),
            valid_from: now,
            valid_until: Some(now + TimeSpan::days(1)),
        };
        identity.give_powers(by, id, powers).await.unwrap();
    }
    id
}

#[tokio::test]
async fn nobody_applies_unproven_where_a_door_proves_people() {
    let mut sale = with_a_door().await;
    let refused = submit(&mut sale, 1, &[("pin", AIDA)]).await;
    assert_eq!(reason(refused), "identity_needed");
    prove(&sale, AIDA).await.unwrap();
    let other = submit(&mut sale, 2, &[("pin", BEK)]).await;
    assert_eq!(reason(other), "pin_differs");
    let letters = submit(&mut sale, 3, &[("pin", "2150319907777O")]).await;
    assert!(matches!(letters, Verdict::Refused(OperationRejection::Incomplete { .. })));
    submitted(submit(&mut sale, 4, &[("pin", AIDA)]).await);
    let found = recorded(sale.state(), "conflict.found").await;
    let object = format!("auction:{}", sale.auction);
    let reasons = [r#"{"conflict":"identity_needed"}"#, r#"{"conflict":"pin_differs"}"#];
    let expected: Vec<_> = reasons.map(|it| (object.clone(), it.to_owned())).into();
    assert_eq!(found.into_iter().rev().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn one_human_with_two_accounts_applies_once() {
    let mut sale = with_a_door().await;
    prove(&sale, AIDA).await.unwrap();
    submitted(submit(&mut sale, 1, &[("pin", AIDA)]).await);
    let first = sale.bidder.person;
    let mut other = sale.visitor(0xB).await;
    sale.change(&mut other);
    let taken = prove(&sale, AIDA).await;
    assert!(matches!(taken, Err(Error::Identity(IdentityFault::Taken | IdentityFault::PinTaken))));
    assert_eq!(reason(submit(&mut sale, 1, &[("pin", AIDA)]).await), "identity_needed");

    // The first account knows the number no more: the application still does.
    let db = &sale.state().context.db;
    let forget =
        format!("UPDATE person SET pin_hash = NULL WHERE id = {}", literal(&sale, first.0));
    db.read().execute_unprepared(&forget).await.unwrap();
    db.read().execute_unprepared("DELETE FROM identity").await.unwrap();
    prove(&sale, AIDA).await.unwrap();
    assert_eq!(reason(submit(&mut sale, 2, &[("pin", AIDA)]).await), "already_applied");

    // What was withdrawn leaves its place.
    sale.change(&mut other);
    let application = sale.state().applications.of(first).await.unwrap().remove(0).id;
    let withdrawn = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(withdrawn, Verdict::Withdrawn);
    sale.change(&mut other);
    submitted(submit(&mut sale, 3, &[("pin", AIDA)]).await);
}

#[tokio::test]
async fn a_firm_applies_once_and_only_through_somebody_with_powers_at_that_moment() {
    let mut sale = with_a_door().await;
    let by = administrator(&sale).await;
    let for_firm = [("applicant_kind", "organisation"), ("pin", FIRM)];
    prove(&sale, AIDA).await.unwrap();
    assert_eq!(reason(submit(&mut sale, 1, &for_firm).await), "powers_missing");
    let mut bek = sale.visitor(0xB).await;
    sale.change(&mut bek);
    prove(&sale, BEK).await.unwrap();
    let id = firm(&sale, &by, &[AIDA, BEK]).await;
    let application = submitted(submit(&mut sale, 1, &for_firm).await);

    sale.change(&mut bek);
    assert_eq!(reason(submit(&mut sale, 2, &for_firm).await), "firm_applied");
    let detail = sale.state().applications.detail(&official(2, Role::Moderator), application).await;
    assert_eq!(detail.unwrap().firm.unwrap().get("ru"), "ОсОО «Ак-Суу»");

    sale.change(&mut bek);
    let withdrawn = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(withdrawn, Verdict::Withdrawn);
    sale.change(&mut bek);
    // The last moment of the powers is the first without them.
    sale.clock().pass(TimeSpan::days(1));
    assert_eq!(reason(submit(&mut sale, 3, &for_firm).await), "powers_missing");
    let powers = sale.state().identity.organisation(&by, id).await.unwrap();
    assert!(powers.memberships.iter().all(|one| !one.is_valid_at(powers.now)));
    let again = NewMembership {
        pin: Pin::parse(AIDA).unwrap(),
        power: Power::Head,
        document: "Устав".to_owned(),
        valid_from: sale.clock().now(),
        valid_until: None,
    };
    let given = sale.state().identity.give_powers(&by, id, again).await.unwrap();
    let taken = submitted(submit(&mut sale, 4, &for_firm).await);
    let row = rows::Entity::find_by_id(taken.0).one(sale.state().context.db.read()).await;
    assert_eq!(row.unwrap().unwrap().organisation, Some(id.0));
    let withdrawn = sale.push_one(5, Operation::WithdrawApplication { application: taken }).await;
    assert_eq!(withdrawn, Verdict::Withdrawn);
    sale.state().identity.end_powers(&by, id, given).await.unwrap();
    assert_eq!(reason(submit(&mut sale, 6, &for_firm).await), "powers_missing");
}

#[tokio::test]
async fn the_database_itself_takes_one_live_application_of_a_human_and_of_a_firm() {
    let mut sale = Sale::new().await;
    sale.apply().await;
    let mut other = sale.visitor(0xB).await;
    sale.change(&mut other);
    let second = sale.apply().await;
    let db = sale.state().context.db.read();
    let nobody = literal(&sale, uuid::Uuid::nil());
    for both in ["pin_hash = 'one'".to_owned(), format!("organisation = {nobody}")] {
        let refused = db.execute_unprepared(&format!("UPDATE application SET {both}")).await;
        assert!(refused.is_err(), "{both}");
        let withdrawn = literal(&sale, second.0);
        let status =
            |status| format!("UPDATE application SET status = '{status}' WHERE id = {withdrawn}");
        db.execute_unprepared(&status("withdrawn")).await.unwrap();
        db.execute_unprepared(&format!("UPDATE application SET {both}")).await.unwrap();
        assert!(db.execute_unprepared(&status("signed")).await.is_err(), "{both}");
        db.execute_unprepared("UPDATE application SET pin_hash = NULL, organisation = NULL")
            .await
            .unwrap();
        db.execute_unprepared(&status("signed")).await.unwrap();
    }
}

#[tokio::test]
async fn participants_are_humans_and_not_accounts() {
    let mut sale = Sale::new().await;
    let first = sale.apply().await;
    let aida = sale.bidder.person;
    sale.clock().pass(TimeSpan::minutes(1));
    let mut other = sale.visitor(0xB).await;
    sale.change(&mut other);
    let second = sale.apply().await;
    let state = sale.state();
    let db = state.context.db.read();
    let all = "UPDATE application SET status = 'eligible', \
        state = replace(state, '\"signed\"', '\"eligible\"')";
    db.execute_unprepared(all).await.unwrap();
    let eligible = || async {
        let txn = state.context.db.begin().await.unwrap();
        let found = state.applications.eligible(&txn, sale.auction).await.unwrap();
        found.into_iter().map(|(application, _)| application).collect::<Vec<_>>()
    };
    assert_eq!(eligible().await, [first, second]);
    // One account proved the number after it had applied, the other one before.
    let proven =
        format!("UPDATE person SET pin_hash = 'one' WHERE id = {}", literal(&sale, aida.0));
    db.execute_unprepared(&proven).await.unwrap();
    let applied =
        format!("UPDATE application SET pin_hash = 'one' WHERE id = {}", literal(&sale, second.0));
    db.execute_unprepared(&applied).await.unwrap();
    assert_eq!(eligible().await, [first]);
}

#[tokio::test]
async fn who_sells_by_another_account_does_not_apply_and_does_not_admit() {
    let mut sale = Sale::new().await;
    let state = sale.state().clone();
    // Somebody else's auction: its author's official account has the applicant's number.
    let author = member(&state, None, Role::Organiser, "Нургүл").await.official;
    let moderator = member(&state, None, Role::Moderator, "Эркин").await.official;
    let id = crate::ground::sale::drafted(&state, sale.clock().now(), &author).await;
    state.auctions.act(&author, id, OfficialAction::Submit).await.unwrap();
    state.auctions.act(&moderator, id, OfficialAction::Publish).await.unwrap();
    let with_pin = proven(Provider::Eid, "sub 1", Some(AIDA));
    link(&state, author.person, &with_pin).await.unwrap();
    prove_as(&sale, &with_pin).await;
    let former = std::mem::replace(&mut sale.auction, id);
    assert_eq!(reason(submit(&mut sale, 1, &[("pin", AIDA)]).await), "same_pin");

    // The first auction is nobody's they know; there they only may not decide about themselves.
    sale.auction = former;
    let application = submitted(submit(&mut sale, 2, &[("pin", AIDA)]).await);
    let judge = member(&state, None, Role::Moderator, "Башка ат").await.official;
    let second = proven(Provider::Eid, "sub 1", Some(AIDA));
    let taken = link(&state, judge.person, &second).await;
    assert!(matches!(taken, Err(Error::Identity(IdentityFault::Taken))), "one human, one account");
    let grant =
        format!("UPDATE person SET pin_hash = NULL WHERE id = {}", literal(&sale, author.person.0));
    state.context.db.read().execute_unprepared(&grant).await.unwrap();
    state.context.db.read().execute_unprepared("DELETE FROM identity").await.unwrap();
    link(&state, judge.person, &second).await.unwrap();
    let refused = state.applications.admit(&judge, application).await;
    assert!(matches!(refused, Err(application::Error::Conflict(Conflict::SamePin))), "{refused:?}");
}

#[tokio::test]
async fn who_has_powers_in_an_organisation_that_sells_does_not_apply_to_it() {
    let mut sale = with_a_door().await;
    let by = administrator(&sale).await;
    prove(&sale, AIDA).await.unwrap();
    let seller = sale.auction().await.birth.lot_holder;
    let powers = NewMembership {
        pin: Pin::parse(AIDA).unwrap(),
        power: Power::Head,
        document: "Устав".to_owned(),
        valid_from: sale.clock().now(),
        valid_until: None,
    };
    sale.state().identity.give_powers(&by, seller, powers).await.unwrap();
    assert_eq!(reason(submit(&mut sale, 1, &[("pin", AIDA)]).await), "same_organisation");
}

#[tokio::test]
async fn two_accounts_of_one_number_are_not_the_two_people_of_an_act() {
    let sale = Sale::new().await;
    let state = sale.state();
    let organiser = member(state, None, Role::Organiser, "Нургүл Асанова").await.official;
    let same = member(state, None, Role::Moderator, "Башка ат").await.official;
    let id = crate::ground::sale::drafted(state, sale.clock().now(), &organiser).await;
    state.auctions.act(&organiser, id, OfficialAction::Submit).await.unwrap();
    let with_pin = proven(Provider::Eid, "sub 1", Some(AIDA));
    link(state, organiser.person, &with_pin).await.unwrap();
    // The same human can't even prove the second account.
    let certificate = proven(Provider::Certificate, "CN=1", Some(AIDA));
    let taken = link(state, same.person, &certificate).await;
    assert!(matches!(taken, Err(Error::Identity(IdentityFault::PinTaken))));
    // Where the database knows it all the same, they are one human; only its owner can do that.
    let db = state.context.db.read();
    if state.context.db.backend() != sea_orm::DbBackend::Sqlite {
        return;
    }
    db.execute_unprepared("DROP INDEX person_pin").await.unwrap();
    db.execute_unprepared("UPDATE person SET pin_hash = 'one'").await.unwrap();
    let refused = state.auctions.act(&same, id, OfficialAction::Publish).await;
    assert!(matches!(refused, Err(auction::Error::Conflict(Conflict::OneHuman))), "{refused:?}");
}

#[tokio::test]
async fn a_moderator_sees_the_signs_with_their_reasons_and_opens_numbers_on_record() {
    let mut sale = Sale::new().await;
    let answers =
        [("pin", AIDA), ("phone", "+996700000001"), ("refund_account", "1234567890123456")];
    let first = submitted(submit(&mut sale, 1, &answers).await);
    let token = Some("token-of-the-installation".to_owned());
    sale.state().identity.set_push_token(&sale.bidder, token.clone()).await.unwrap();
    let mut other: Visitor = sale.visitor(0xB).await;
    sale.change(&mut other);
    sale.state().identity.set_push_token(&sale.bidder, token).await.unwrap();
    let second = submitted(submit(&mut sale, 1, &answers).await);
    let mut third = sale.visitor(0xC).await;
    sale.change(&mut third);
    let answers = [
        ("pin", "21503199012345"),
        ("phone", "+996700000002"),
        ("refund_account", "0000000000000002"),
    ];
    let third = submitted(submit(&mut sale, 1, &answers).await);

    let moderator = official(2, Role::Moderator);
    let applications = &sale.state().applications;
    let detail = applications.detail(&moderator, second).await.unwrap();
    let signs: Vec<_> = detail.risks.iter().map(|risk| (risk.kind, risk.other)).collect();
    let like_first = [
        RiskKind::SameNumber,
        RiskKind::SamePhone,
        RiskKind::SameDevice,
        RiskKind::SameRefundAccount,
    ];
    assert_eq!(signs, like_first.map(|kind| (kind, Some(first))));
    assert!(applications.detail(&moderator, third).await.unwrap().risks.is_empty());

    assert_eq!(detail.package.answers["pin"], "••••••••••7777");
    assert!(!detail.has_open_numbers && !detail.is_proven);
    assert!(recorded(sale.state(), "application.pin").await.is_empty());
    let open = applications.with_numbers(&moderator, second).await.unwrap();
    assert_eq!((open.package.answers["pin"].as_str(), open.has_open_numbers), (AIDA, true));
    let trail = recorded(sale.state(), "application.pin").await;
    assert_eq!(trail, [(format!("application:{second}"), "{}".to_owned())]);
    let finance = official(3, Role::Finance);
    let refused = applications.with_numbers(&finance, second).await;
    assert!(matches!(refused, Err(application::Error::Forbidden)));
}

#[tokio::test]
async fn an_application_without_the_declaration_is_taken_only_in_the_former_form() {
    let mut sale = Sale::new().await;
    sale.upload().await;
    let mut package = sale.package().await;
    package.answers.remove(DECLARATION);
    let operation = sale.sign(package.clone());
    let missing = sale.push_one(1, operation).await;
    let Verdict::Refused(OperationRejection::Incomplete { faults }) = missing else {
        panic!("{missing:?}")
    };
    assert_eq!(faults.into_keys().collect::<Vec<_>>(), [DECLARATION]);
    package.form_version = 1;
    let operation = sale.sign(package);
    let taken = submitted(sale.push_one(2, operation).await);
    let moderator = official(2, Role::Moderator);
    let detail = sale.state().applications.detail(&moderator, taken).await.unwrap();
    let signs: BTreeMap<_, _> = detail.risks.iter().map(|risk| (risk.kind, risk.other)).collect();
    assert_eq!(signs, BTreeMap::from([(RiskKind::NoDeclaration, None)]));
}

/// An id as this database writes it.
fn literal(sale: &Sale, id: uuid::Uuid) -> String {
    match sale.state().context.db.backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}

async fn prove_as(sale: &Sale, by: &toruk_server::identity::ProvenIdentity) {
    link(sale.state(), sale.bidder.person, by).await.unwrap();
}
