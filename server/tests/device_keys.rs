//! A phone's key is registered with a proof of it, and is one person's.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, aida, device, sign};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, DbBackend, EntityTrait as _,
    QuerySelect as _, Statement,
};
use toruk_migrations::{Migrator, MigratorTrait as _};
use toruk_server::entity::device as devices;
use toruk_server::identity::{Error, Service};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{FinishCeremony, Session, StartSignIn};
use uuid::Uuid;

/// Registers a new person on a phone whose answer is changed first.
async fn register(
    identity: &Service,
    phone: &mut Phone,
    change: impl FnOnce(&mut FinishCeremony),
) -> Result<Session, Error> {
    let challenge = identity.start_registration(aida()).await.unwrap();
    let mut answer = phone.create(&challenge);
    change(&mut answer);
    identity.finish_registration(answer).await
}

/// Signs a known person in, with an answer that is changed first.
async fn sign_in(
    identity: &Service,
    phone: &mut Phone,
    passkey: &str,
    change: impl FnOnce(&mut FinishCeremony),
) -> Result<Session, Error> {
    let named = StartSignIn { credential_id: Some(passkey.to_owned()) };
    let challenge = identity.start_sign_in(named).await.unwrap();
    let mut answer = phone.get(&challenge, passkey);
    change(&mut answer);
    identity.finish_sign_in(answer).await
}

/// As a phone of the last version answers.
fn without_proof(answer: &mut FinishCeremony) {
    answer.proof = None;
}

#[tokio::test]
async fn a_key_is_registered_only_by_a_phone_that_has_its_private_half() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let refused = register(identity, &mut Phone::new(0xA), without_proof).await;
    assert!(matches!(refused, Err(Error::ProofMissing)));

    // Another's public key, which the phone can't sign with.
    let foreign = |answer: &mut FinishCeremony| {
        answer.device.public_key = device(0xB).public_key;
        let package = answer.device.package(answer.ceremony);
        answer.proof = Some(sign(0xA, &package));
    };
    let refused = register(identity, &mut Phone::new(0xA), foreign).await;
    assert!(matches!(refused, Err(Error::ProofWrong)));

    // A proof that was made for another ceremony, or for another phone.
    let replayed = |answer: &mut FinishCeremony| {
        answer.proof = Some(sign(0xA, &answer.device.package(Uuid::nil())));
    };
    let refused = register(identity, &mut Phone::new(0xA), replayed).await;
    assert!(matches!(refused, Err(Error::ProofWrong)));
    let moved = |answer: &mut FinishCeremony| answer.device.id = DeviceId(Uuid::from_u128(0xC));
    let refused = register(identity, &mut Phone::new(0xA), moved).await;
    assert!(matches!(refused, Err(Error::ProofWrong)));

    assert!(register(identity, &mut Phone::new(0xA), |_| {}).await.is_ok());
}

#[tokio::test]
async fn a_key_that_another_person_registered_is_refused_even_with_a_proof() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let aida_session = Phone::new(0xA).register(identity).await;
    let same_key = |answer: &mut FinishCeremony| {
        answer.device.public_key = device(0xA).public_key;
        let package = answer.device.package(answer.ceremony);
        answer.proof = Some(sign(0xA, &package));
    };
    let refused = register(identity, &mut Phone::new(0xB), same_key).await;
    assert!(matches!(refused, Err(Error::DeviceKeyTaken)));

    // Nor by a phone that has another key until now, nor after the first phone is gone.
    let mut phone = Phone::new(0xB);
    let bek = phone.register(identity).await;
    let by = identity.bidder(&aida_session.token).await.unwrap();
    identity.revoke(&by, aida_session.device, true).await.unwrap();
    let refused = sign_in(identity, &mut phone, &bek.credential_id, same_key).await;
    assert!(matches!(refused, Err(Error::DeviceKeyTaken)));

    // A person's own second phone may have it.
    phone.device = device(0xC);
    let own_key = |answer: &mut FinishCeremony| {
        answer.device.public_key = device(0xB).public_key;
        let package = answer.device.package(answer.ceremony);
        answer.proof = Some(sign(0xB, &package));
    };
    assert!(sign_in(identity, &mut phone, &bek.credential_id, own_key).await.is_ok());
}

#[tokio::test]
async fn a_phone_known_before_proofs_signs_in_with_its_key_until_it_proves_it() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let passkey = phone.register(identity).await.credential_id;
    let refused = sign_in(identity, &mut phone, &passkey, without_proof).await;
    assert!(matches!(refused, Err(Error::ProofMissing)), "it has proved it before");

    let db = &ground.state.context.db;
    let txn = db.begin().await.unwrap();
    let id = Set(Uuid::from_u128(0xA));
    let row = devices::ActiveModel { id, signs_v1: Set(true), ..Default::default() };
    row.update(&txn).await.unwrap();
    db.commit(txn).await.unwrap();

    let again = sign_in(identity, &mut phone, &passkey, without_proof).await.unwrap();
    assert!(identity.bidder(&again.token).await.unwrap().signs_v1);
    let new_key = |answer: &mut FinishCeremony| {
        answer.device.public_key = device(0xB).public_key;
        answer.proof = None;
    };
    let refused = sign_in(identity, &mut phone, &passkey, new_key).await;
    assert!(matches!(refused, Err(Error::ProofMissing)));
    let proved = sign_in(identity, &mut phone, &passkey, |_| {}).await.unwrap();
    assert!(!identity.bidder(&proved.token).await.unwrap().signs_v1);
    let refused = sign_in(identity, &mut phone, &passkey, without_proof).await;
    assert!(matches!(refused, Err(Error::ProofMissing)));
}

#[tokio::test]
async fn of_known_phones_those_whose_key_two_people_have_lose_the_first_form_of_bids() {
    let db = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
    let all = Migrator::migrations();
    let here = all.iter().position(|it| it.name().contains("_000034_")).unwrap();
    Migrator::up(&db, Some(u32::try_from(here).unwrap())).await.unwrap();
    // Phone, person, key: two people share a key, and one has two phones with one.
    for (phone, person, key) in [(1, 1, 0xA_u8), (2, 2, 0xA), (3, 3, 0xB), (4, 3, 0xB)] {
        let (id, person) = (Uuid::from_u128(phone), Uuid::from_u128(person));
        let actor = i64::try_from(phone).unwrap();
        let values = [id.into(), person.into(), actor.into(), vec![key].into()];
        let insert = "INSERT INTO device \
            (id, person, actor, platform, public_key, next_op_no, created_at) \
            VALUES (?, ?, ?, 'ios', ?, 1, 0)";
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, insert, values);
        db.execute_raw(insert).await.unwrap();
    }
    Migrator::up(&db, Some(1)).await.unwrap();
    let mut known = Vec::new();
    for phone in 1..=4 {
        // Later migrations have further columns.
        let row = devices::Entity::find_by_id(Uuid::from_u128(phone))
            .select_only()
            .column(devices::Column::SignsV1)
            .into_tuple::<bool>()
            .one(&db);
        known.push(row.await.unwrap().unwrap());
    }
    assert_eq!(known, [false, false, true, true]);
}
