//! Officials and bidders are apart, and nobody who was removed stays in.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, aida, device, sign};
use crate::ground::sale::{Sale, drafted};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use std::collections::{BTreeMap, BTreeSet};
use toruk_server::auction::{self, OfficialAction};
use toruk_server::audit;
use toruk_server::db::StoreError;
use toruk_server::entity::role_grant;
use toruk_server::identity::{Conflict, Error, Official, Revocation, Role, Service, SessionKey};
use toruk_server::{AppState, application};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::OrganisationId;
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::identity::{
    ChallengePurpose, FinishCeremony, RevokedPasskey, StartSignIn,
};

/// An enrolled official, and what lets them in.
pub struct Member {
    pub official: Official,
    pub token: String,
    pub passkey: String,
    pub browser: Phone,
}

/// An official who was invited and has enrolled.
pub async fn member(state: &AppState, by: Option<&Official>, role: Role, name: &str) -> Member {
    let link = state.identity.invite(by, role, None).await.unwrap().link;
    enrolled(state, &link, name).await
}

async fn enrolled(state: &AppState, link: &str, name: &str) -> Member {
    let mut browser = Phone::new(0xB);
    let (token, passkey) = browser.enrol(&state.identity, link, name).await;
    let official = state.identity.official(&token).await.unwrap();
    Member { official, token, passkey, browser }
}

/// As [`member`], with a role that is bound to an organisation.
pub async fn member_in(
    state: &AppState,
    role: Role,
    organisation: OrganisationId,
    name: &str,
) -> Member {
    let link = state.identity.invite(None, role, Some(organisation)).await.unwrap().link;
    enrolled(state, &link, name).await
}

/// Everything that was recorded of a kind: objects and details.
pub async fn recorded(state: &AppState, action: &str) -> Vec<(String, String)> {
    let auditor = Official {
        person: toruk_sync::domain::id::PersonId(uuid::Uuid::nil()),
        name: String::new(),
        roles: BTreeSet::from([Role::Auditor]),
        bound: BTreeMap::new(),
    };
    let rows: Vec<audit::Row> = state.audit.page(&auditor, None).await.unwrap();
    let rows = rows.into_iter().filter(|row| row.action == action);
    rows.map(|row| (row.object, row.detail)).collect()
}

#[tokio::test]
async fn an_officials_passkey_opens_no_phone_and_a_bidders_no_console() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut moderator = member(&ground.state, None, Role::Moderator, "Эркин").await;
    let refused = moderator.browser.sign_in(identity, &moderator.passkey).await;
    assert!(matches!(refused, Err(Error::Conflict { conflict: Conflict::OfficialAccount, .. })));

    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    let challenge = identity.start_console_sign_in().await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = phone.get(&challenge, &session.credential_id);
    let refused = identity.finish_console_sign_in(ceremony, credential).await;
    assert!(matches!(refused, Err(Error::Conflict { conflict: Conflict::BidderAccount, .. })));

    // It does not depend on roles that are left.
    let everything = Revocation::Role(moderator.official.person, Role::Moderator);
    identity.end_access(None, &everything).await.unwrap();
    let refused = moderator.browser.sign_in(identity, &moderator.passkey).await;
    assert!(matches!(refused, Err(Error::Conflict { conflict: Conflict::OfficialAccount, .. })));

    let found = recorded(&ground.state, "conflict.found").await;
    let object = format!("person:{}", moderator.official.person);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0], (object, r#"{"conflict":"official_account"}"#.to_owned()));
    assert_eq!(found[1].1, r#"{"conflict":"bidder_account"}"#);
}

#[tokio::test]
async fn no_number_of_open_ceremonies_keeps_anybody_from_signing_in() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    for _ in 0..10_001 {
        identity.start_console_sign_in().await.unwrap();
    }
    assert!(phone.sign_in(identity, &session.credential_id).await.is_ok());
}

#[tokio::test]
async fn a_challenge_to_sign_in_says_so_and_a_signed_document_is_no_answer_to_it() {
    let mut sale = Sale::new().await;
    let identity = sale.state().identity.clone();
    let id = sale.phone_passkey();
    let named = StartSignIn { credential_id: Some(id.clone()) };
    let challenge = identity.start_sign_in(named).await.unwrap();
    assert!(ChallengePurpose::SignIn.is_of(&challenge.options));
    let registration = identity.start_registration(aida()).await.unwrap();
    assert!(ChallengePurpose::Registration.is_of(&registration.options));

    let package = sale.package().await;
    let signed = sale.signature(&package);
    let device = sale.phone.device.clone();
    let ceremony = challenge.ceremony;
    let proof = Some(sign(device.id.0.as_u128(), &device.package(ceremony)));
    let finish = FinishCeremony { ceremony, credential: signed, device, proof };
    assert!(matches!(identity.finish_sign_in(finish).await, Err(Error::CeremonyFailed)));
}

#[tokio::test]
async fn a_console_session_ends_after_a_day_however_much_it_is_used() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let moderator = member(&ground.state, None, Role::Moderator, "Эркин").await;
    for _ in 0..23 {
        ground.clock.pass(TimeSpan::hours(1));
        assert!(identity.official(&moderator.token).await.is_ok());
    }
    ground.clock.pass(TimeSpan::hours(1));
    assert!(matches!(identity.official(&moderator.token).await, Err(Error::SignedOut)));
    let key = SessionKey::of(&moderator.token);
    assert_eq!(identity.ended(std::slice::from_ref(&key)).await.unwrap(), [key]);
}

#[tokio::test]
async fn a_removed_official_is_out_at_once_and_their_streams_and_invitations_with_them() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let admin = member(&ground.state, None, Role::Sysadmin, "Айгүл").await;
    let by = Some(&admin.official);
    let mut other = member(&ground.state, by, Role::Sysadmin, "Бермет").await;
    let link = identity.invite(Some(&other.official), Role::Moderator, None).await.unwrap().link;
    let access = identity.access(by).await.unwrap();
    let row = access.staff.iter().find(|row| row.person == other.official.person).unwrap();
    assert_eq!(row.invited_by, Some((admin.official.person, "Айгүл".to_owned())));
    assert_eq!((row.sessions.len(), row.passkeys.len(), access.invitations.len()), (1, 1, 1));

    let everything = Revocation::Official(other.official.person);
    assert!(matches!(identity.access(Some(&moderator_of())).await, Err(Error::Forbidden)));
    identity.end_access(by, &everything).await.unwrap();
    assert!(matches!(identity.official(&other.token).await, Err(Error::SignedOut)));
    let keys = [SessionKey::of(&other.token), SessionKey::of(&admin.token)];
    assert_eq!(identity.ended(&keys).await.unwrap(), keys[..1]);
    let token = link.rsplit('#').next().unwrap();
    assert!(matches!(identity.invitation(token).await, Err(Error::InvitationInvalid)));
    assert!(matches!(console_sign_in(identity, &mut other).await, Err(Error::CeremonyFailed)));
    assert_eq!(recorded(&ground.state, "staff.revoke").await.len(), 1);

    let itself = Revocation::Official(admin.official.person);
    let alone = identity.end_access(by, &itself).await;
    assert!(matches!(alone, Err(Error::LastAdministrator)));
    assert!(identity.official(&admin.token).await.is_ok(), "nothing was changed");
}

#[tokio::test]
async fn an_administrator_of_one_organisation_ends_and_sees_no_access_outside_it() {
    let sale = Sale::new().await;
    let (state, identity) = (sale.state(), &sale.state().identity);
    let own = sale.auction().await.birth.lot_holder;
    let admin = member(state, None, Role::Sysadmin, "Айгүл").await;
    let bound = member_in(state, Role::Sysadmin, own, "Бермет").await;
    let organiser = member_in(state, Role::Organiser, own, "Эркин").await;
    let by = Some(&bound.official);

    let access = identity.access(by).await.unwrap();
    let seen: Vec<_> = access.staff.iter().map(|row| row.person).collect();
    assert_eq!(seen, [bound.official.person, organiser.official.person]);
    let all = identity.access(Some(&admin.official)).await.unwrap();
    let theirs = all.staff.iter().find(|row| row.person == admin.official.person).unwrap();
    identity.invite(Some(&admin.official), Role::Moderator, None).await.unwrap();
    let open = identity.access(Some(&admin.official)).await.unwrap().invitations;
    assert!(identity.access(by).await.unwrap().invitations.is_empty());
    for what in [
        Revocation::Official(admin.official.person),
        Revocation::Role(admin.official.person, Role::Sysadmin),
        Revocation::Session(theirs.sessions[0].id.clone()),
        Revocation::Passkey(theirs.passkeys[0].id.clone()),
        Revocation::Invitation(open[0].id.clone()),
    ] {
        let ended = identity.end_access(by, &what).await;
        assert!(matches!(ended, Err(Error::Forbidden)), "{what:?}: {ended:?}");
    }
    assert!(identity.official(&admin.token).await.is_ok());

    identity.end_access(by, &Revocation::Official(organiser.official.person)).await.unwrap();
    assert!(matches!(identity.official(&organiser.token).await, Err(Error::SignedOut)));
    // One who administers a single organisation does not keep the server administered.
    let last = Revocation::Official(admin.official.person);
    let ended = identity.end_access(Some(&admin.official), &last).await;
    assert!(matches!(ended, Err(Error::LastAdministrator)), "{ended:?}");
}

#[tokio::test]
async fn a_role_a_session_a_passkey_and_an_invitation_end_one_by_one() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let admin = member(&ground.state, None, Role::Sysadmin, "Айгүл").await;
    let by = Some(&admin.official);
    let mut moderator = member(&ground.state, by, Role::Moderator, "Эркин").await;
    let person = moderator.official.person;
    let session = identity.access(by).await.unwrap().staff[1].sessions[0].id.clone();
    identity.end_access(by, &Revocation::Session(session)).await.unwrap();
    assert!(matches!(identity.official(&moderator.token).await, Err(Error::SignedOut)));

    let again = console_sign_in(identity, &mut moderator).await.unwrap();
    identity.end_access(by, &Revocation::Role(person, Role::Moderator)).await.unwrap();
    assert!(matches!(identity.official(&again).await, Err(Error::SignedOut)));
    assert!(matches!(console_sign_in(identity, &mut moderator).await, Err(Error::Forbidden)));
    let twice = identity.end_access(by, &Revocation::Role(person, Role::Moderator)).await;
    assert!(matches!(twice, Err(Error::Store(StoreError::NotFound))));

    identity.end_access(by, &Revocation::Passkey(moderator.passkey.clone())).await.unwrap();
    let answer = console_sign_in(identity, &mut moderator).await;
    assert!(matches!(answer, Err(Error::CeremonyFailed)));

    let link = identity.invite(by, Role::Finance, None).await.unwrap().link;
    let open = identity.access(by).await.unwrap().invitations.remove(0);
    identity.end_access(by, &Revocation::Invitation(open.id)).await.unwrap();
    let token = link.rsplit('#').next().unwrap();
    assert!(matches!(identity.invitation(token).await, Err(Error::InvitationInvalid)));

    // A bidder's passkey is not the console's to revoke.
    let bidder = Phone::new(0xA).register(identity).await;
    let foreign = identity.end_access(by, &Revocation::Passkey(bidder.credential_id)).await;
    assert!(matches!(foreign, Err(Error::Store(StoreError::NotFound))));
}

#[tokio::test]
async fn a_revoked_phone_takes_its_passkey_along_unless_it_is_the_last() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let first = phone.register(identity).await;
    phone.device = device(0xC);
    let second = phone.sign_in(identity, &first.credential_id).await.unwrap();
    let by = identity.bidder(&second.token).await.unwrap();

    let kept = identity.revoke(&by, first.device, false).await.unwrap();
    assert_eq!(kept.passkey, RevokedPasskey::KeptAsLast);
    assert!(matches!(identity.bidder(&first.token).await, Err(Error::DeviceRevoked)));
    phone.device = device(0xD);
    assert!(phone.sign_in(identity, &first.credential_id).await.is_ok());

    for _ in 0..2 {
        let ended = identity.revoke(&by, first.device, true).await.unwrap();
        assert_eq!(ended.passkey, RevokedPasskey::Ended);
    }
    let named = StartSignIn { credential_id: Some(first.credential_id.clone()) };
    assert!(matches!(identity.start_sign_in(named).await, Err(Error::CeremonyFailed)));
    assert!(identity.passkeys(by.person).await.unwrap().is_empty(), "it signs nothing, too");
    // The phone that is signed in stays so.
    assert!(identity.bidder(&second.token).await.is_ok());
    let other = identity.revoke(&by, second.device, false).await.unwrap();
    assert_eq!(other.passkey, RevokedPasskey::NoneKnown);
}

#[tokio::test]
async fn a_moderator_does_not_admit_their_namesake() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let state = sale.state();
    let namesake = member(state, None, Role::Moderator, "аида").await.official;
    let refused = state.applications.admit(&namesake, application).await;
    assert!(matches!(refused, Err(application::Error::Conflict(Conflict::SameName))));
    let found = recorded(state, "conflict.found").await;
    assert_eq!(found[0].0, format!("application:{application}"));
    let other = member(state, None, Role::Moderator, "Эркин").await.official;
    // They have no conflict, only to wait: nothing is admitted before the correction period ends.
    let early = state.applications.admit(&other, application).await;
    assert!(matches!(early, Err(application::Error::Rejected(_))), "{early:?}");
}

#[tokio::test]
async fn two_accounts_of_one_human_do_not_publish_an_auction() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let organiser = member(state, None, Role::Organiser, "Нургүл Асанова").await.official;
    let same = member(state, None, Role::Moderator, "нургүл асанова").await.official;
    let other = member(state, None, Role::Moderator, "Эркин Байматов").await.official;
    let id = drafted(state, toruk_server::clock::Clock::now(&*ground.clock), &organiser).await;
    state.auctions.act(&organiser, id, OfficialAction::Submit).await.unwrap();
    let refused = state.auctions.act(&same, id, OfficialAction::Publish).await;
    assert!(matches!(refused, Err(auction::Error::Conflict(Conflict::OneHuman))));
    let found = recorded(state, "conflict.found").await;
    assert_eq!(found, [(format!("auction:{id}"), r#"{"conflict":"one_human"}"#.to_owned())]);
    state.auctions.act(&other, id, OfficialAction::Publish).await.unwrap();
}

#[tokio::test]
async fn a_proposal_falls_with_the_role_of_the_one_who_made_it() {
    let sale = Sale::new().await;
    let state = sale.state();
    let organiser = member(state, None, Role::Organiser, "Нургүл Асанова").await.official;
    let moderator = member(state, None, Role::Moderator, "Эркин Байматов").await.official;
    let act =
        || JointAct::Cancel { reason: "a court's order".to_owned(), document: "ab".repeat(32) };
    state.auctions.propose(&organiser, sale.auction, act()).await.unwrap();
    let auction = sale.auction().await;
    let waiting = state.auctions.proposals(&moderator, &auction).await.unwrap();
    assert_eq!(waiting.len(), 1);

    let role = Revocation::Role(organiser.person, Role::Organiser);
    state.identity.end_access(None, &role).await.unwrap();
    assert!(state.auctions.proposals(&moderator, &auction).await.unwrap().is_empty());
    let approved = state.auctions.approve(&moderator, sale.auction, waiting[0].id).await;
    assert!(matches!(approved, Err(auction::Error::Store(StoreError::NotFound))));
    assert_eq!(sale.auction().await.status, auction.status);
}

#[tokio::test]
async fn a_proposal_falls_when_its_author_acts_for_another_organisation() {
    let sale = Sale::new().await;
    let state = sale.state();
    let auction = sale.auction().await;
    let seller = auction.birth.procuring_entity;
    let organiser = member_in(state, Role::Organiser, seller, "Нургүл Асанова").await.official;
    let moderator = member(state, None, Role::Moderator, "Эркин Байматов").await.official;
    let act = JointAct::Cancel { reason: "a court's order".to_owned(), document: "ab".repeat(32) };
    state.auctions.propose(&organiser, sale.auction, act).await.unwrap();
    let waiting = state.auctions.proposals(&moderator, &auction).await.unwrap();
    assert_eq!(waiting.len(), 1);

    let admin = member(state, None, Role::Sysadmin, "Айгүл").await.official;
    let name = Text { ru: Some("Другие".to_owned()), ..Text::default() };
    let other = state.identity.create_organisation(&admin, name, None).await.unwrap();
    let moved = role_grant::Entity::update_many()
        .col_expr(role_grant::Column::Organisation, Expr::value(other.0))
        .filter(role_grant::Column::Person.eq(organiser.person.0));
    let txn = state.context.db.begin().await.unwrap();
    moved.exec(&txn).await.unwrap();
    state.context.db.commit(txn).await.unwrap();
    assert!(state.auctions.proposals(&moderator, &auction).await.unwrap().is_empty());
    let approved = state.auctions.approve(&moderator, sale.auction, waiting[0].id).await;
    let gone = matches!(approved, Err(auction::Error::Store(StoreError::NotFound)));
    assert!(gone, "{approved:?}");
    assert_eq!(sale.auction().await.status, auction.status);
}

pub async fn console_sign_in(identity: &Service, member: &mut Member) -> Result<String, Error> {
    let challenge = identity.start_console_sign_in().await?;
    let FinishCeremony { ceremony, credential, .. } =
        member.browser.get(&challenge, &member.passkey);
    Ok(identity.finish_console_sign_in(ceremony, credential).await?.token)
}

fn moderator_of() -> Official {
    crate::ground::sale::official(1, Role::Moderator)
}
