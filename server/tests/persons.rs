//! A human is one person, whichever door proves them.

use crate::ground::TestServices;
use crate::ground::phone::Phone;
use crate::people::{member, recorded};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Statement};
use toruk_server::AppState;
use toruk_server::entity::{audit_event, identity, person, person_key};
use toruk_server::identity::{AccountKind, Error, IdentityFault, ProvenIdentity, Provider, Role};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::pin::Pin;

/// A number that is found nowhere but sealed.
const CANARY: &str = "21503199077777";

pub fn proven(provider: Provider, subject: &str, pin: Option<&str>) -> ProvenIdentity {
    ProvenIdentity {
        provider,
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        pin: pin.map(|pin| Pin::parse(pin).unwrap()),
        name: "Асанова Айгүл Бековна".to_owned(),
        organisation: None,
    }
}

/// Enters by a proven identity, in a transaction of its own.
pub async fn enter(
    state: &AppState,
    kind: AccountKind,
    by: &ProvenIdentity,
) -> Result<PersonId, Error> {
    let txn = state.context.db.begin().await.unwrap();
    let person = state.identity.person_of(&txn, kind, by, state.context.ports.clock.now()).await?;
    state.context.db.commit(txn).await.unwrap();
    Ok(person)
}

pub async fn link(state: &AppState, who: PersonId, by: &ProvenIdentity) -> Result<(), Error> {
    let txn = state.context.db.begin().await.unwrap();
    state.identity.link(&txn, who, by).await?;
    state.context.db.commit(txn).await.unwrap();
    Ok(())
}

fn fault<T: std::fmt::Debug>(outcome: Result<T, Error>) -> IdentityFault {
    match outcome {
        Err(Error::Identity(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn two_doors_with_one_number_lead_to_one_person() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let eid = proven(Provider::Eid, "sub-1", Some(CANARY));
    let first = enter(state, AccountKind::Bidder, &eid).await.unwrap();
    assert_eq!(enter(state, AccountKind::Bidder, &eid).await.unwrap(), first);
    let certificate = proven(Provider::Certificate, &format!("CN=A, SN={CANARY}"), Some(CANARY));
    assert_eq!(enter(state, AccountKind::Bidder, &certificate).await.unwrap(), first);
    assert_eq!(state.identity.pin_of(first).await.unwrap().unwrap().digits(), CANARY);
    let names = state.identity.names(&[first]).await.unwrap();
    assert_eq!(names[&first], "Асанова Айгүл Бековна");
    assert_eq!(recorded(state, "person.link").await.len(), 2);

    let other = proven(Provider::Eid, "sub-2", Some("11503199012345"));
    let other = enter(state, AccountKind::Bidder, &other).await.unwrap();
    assert_ne!(other, first);
    let unnamed = proven(Provider::Eid, "sub-3", None);
    let unnamed = enter(state, AccountKind::Bidder, &unnamed).await.unwrap();
    assert!(unnamed != first && unnamed != other);
    assert!(state.identity.pin_of(unnamed).await.unwrap().is_none());
}

#[tokio::test]
async fn an_identity_and_a_number_belong_to_one_account_of_a_kind() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let mut phones = [Phone::new(0xA), Phone::new(0xB)];
    let aida = phones[0].register(&state.identity).await.person;
    let bek = phones[1].register(&state.identity).await.person;
    let eid = proven(Provider::Eid, "sub-1", Some(CANARY));
    link(state, aida, &eid).await.unwrap();
    link(state, aida, &eid).await.unwrap();
    assert_eq!(enter(state, AccountKind::Bidder, &eid).await.unwrap(), aida);

    assert_eq!(fault(link(state, bek, &eid).await), IdentityFault::Taken);
    let same_pin = proven(Provider::Certificate, "CN=A", Some(CANARY));
    assert_eq!(fault(link(state, bek, &same_pin).await), IdentityFault::PinTaken);
    let other_pin = proven(Provider::Certificate, "CN=B", Some("11503199012345"));
    assert_eq!(fault(link(state, aida, &other_pin).await), IdentityFault::PinDiffers);
    // The same subject, in whose claims another number stands now.
    let changed = proven(Provider::Eid, "sub-1", Some("11503199012345"));
    let entered = enter(state, AccountKind::Bidder, &changed).await;
    assert_eq!(fault(entered), IdentityFault::PinDiffers);
    assert!(state.identity.pin_of(bek).await.unwrap().is_none(), "nothing was left behind");

    // An official is whom another official has invited, and may be a bidder elsewhere.
    let entered = enter(state, AccountKind::Official, &eid).await;
    assert_eq!(fault(entered), IdentityFault::NoAccount);
    let official = member(state, None, Role::Moderator, "Эркин").await.official.person;
    link(state, official, &eid).await.unwrap();
    assert_eq!(enter(state, AccountKind::Official, &eid).await.unwrap(), official);
    assert_eq!(enter(state, AccountKind::Bidder, &eid).await.unwrap(), aida);
}

#[tokio::test]
async fn a_revoked_identity_opens_nothing() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let eid = proven(Provider::Eid, "sub-1", Some(CANARY));
    let person = enter(state, AccountKind::Bidder, &eid).await.unwrap();
    let db = state.context.db.read();
    db.execute_unprepared("UPDATE identity SET revoked_at = 1").await.unwrap();
    let entered = enter(state, AccountKind::Bidder, &eid).await;
    assert_eq!(fault(entered), IdentityFault::Revoked);
    assert_eq!(fault(link(state, person, &eid).await), IdentityFault::Revoked);
}

#[tokio::test]
async fn a_number_is_kept_sealed_and_hashed_and_nowhere_in_clear() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let certificate = proven(Provider::Certificate, &format!("CN=A, SN={CANARY}"), Some(CANARY));
    let who = enter(state, AccountKind::Bidder, &certificate).await.unwrap();
    let db = state.context.db.read();
    let row = person::Entity::find_by_id(who.0).one(db).await.unwrap().unwrap();
    let pin = Pin::parse(CANARY).unwrap();
    assert_eq!(row.pin_hash, Some(state.context.person_secrets.pin_hash(&pin)));
    assert!(person_key::Entity::find_by_id(who.0).one(db).await.unwrap().is_some());
    let identities = identity::Entity::find().all(db).await.unwrap();
    let trail = audit_event::Entity::find().all(db).await.unwrap();
    let all = format!("{row:?}{identities:?}{trail:?}");
    assert!(!all.contains(CANARY) && !all.contains(&hex::encode(CANARY)), "{all}");
    let bytes: Vec<String> = CANARY.bytes().map(|byte| byte.to_string()).collect();
    assert!(!all.contains(&bytes.join(", ")), "{all}");
}

#[tokio::test]
async fn the_database_itself_keeps_two_accounts_of_a_kind_from_one_number() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    enter(state, AccountKind::Bidder, &proven(Provider::Eid, "1", Some(CANARY))).await.unwrap();
    enter(state, AccountKind::Bidder, &proven(Provider::Eid, "2", None)).await.unwrap();
    let db = state.context.db.read();
    let both = "UPDATE person SET pin_hash = 'one'";
    let refused = db.execute_raw(Statement::from_string(state.context.db.backend(), both)).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_server_does_not_start_with_another_key_of_people_nor_without_it() {
    let ground = TestServices::new().await;
    let path = ground.state.context.config.data_dir.join("person.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let own = std::fs::read(&path).unwrap();
    let ground = ground.restarted().await.unwrap();
    let state = ground.state.clone();
    let open = || async {
        let (config, ports) = (state.context.config.clone(), state.context.ports.clone());
        toruk_server::state::open(config, ports).await.err().unwrap().to_string()
    };
    std::fs::write(&path, "0a".repeat(32)).unwrap();
    assert!(open().await.contains("person.key in the data folder is not the key"));
    std::fs::remove_file(&path).unwrap();
    assert!(open().await.contains("person.key is missing"));
    assert!(!path.exists(), "a new key would hide the loss");
    std::fs::write(&path, own).unwrap();
    drop(state);
    assert!(ground.restarted().await.is_ok());
}
