//! Several passkeys of one person: added on another device by a code, named, and ended. Takeovers by
//! somebody who has a session, a code or a passkey of their own fail.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, device};
use crate::people::{Member, member, recorded};
use toruk_server::audit::Principal;
use toruk_server::db::StoreError;
use toruk_server::identity::{Error, OwnAccess, Role, Service};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::identity::{ChallengePurpose, FinishCeremony, Session};

/// A code that the phone's passkey confirms.
async fn code(identity: &Service, phone: &mut Phone, own: &Session) -> Result<String, Error> {
    code_by(identity, phone, &own.credential_id, Principal::Bidder(own.person)).await
}

async fn code_by(
    identity: &Service,
    phone: &mut Phone,
    credential_id: &str,
    by: Principal,
) -> Result<String, Error> {
    let challenge = identity.start_code(by.person().unwrap()).await?;
    assert!(ChallengePurpose::NextDevice.is_of(&challenge.options));
    let FinishCeremony { ceremony, credential, .. } = phone.get(&challenge, credential_id);
    Ok(identity.finish_code(by, ceremony, credential).await?.code.to_string())
}

async fn claim(identity: &Service, phone: &mut Phone, code: &str) -> Result<Session, Error> {
    let challenge = identity.start_by_code(code).await?;
    assert!(ChallengePurpose::AddPasskey.is_of(&challenge.options));
    identity.finish_by_code(phone.create(&challenge)).await
}

async fn ids(identity: &Service, person: PersonId) -> Vec<String> {
    let all = identity.own_passkeys(person).await.unwrap();
    all.into_iter().map(|passkey| passkey.id).collect()
}

async fn end(identity: &Service, phone: &mut Phone, own: &Session, id: &str) -> Result<(), Error> {
    let part = OwnAccess::Passkey { id: id.to_owned() };
    let challenge = identity.start_end_of_own(own.person, part).await?;
    let FinishCeremony { ceremony, credential, .. } = phone.get(&challenge, &own.credential_id);
    let by = Principal::Bidder(own.person);
    identity.finish_end_of_passkey(by, id, ceremony, credential).await
}

#[tokio::test]
async fn a_second_phone_comes_in_by_a_code_and_each_signs_in_by_its_own_passkey() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let (mut old, mut new) = (Phone::new(0xA), Phone::new(0xB));
    let first = old.register(identity).await;
    let shown = code(identity, &mut old, &first).await.unwrap();
    let second = claim(identity, &mut new, &shown.to_lowercase()).await.unwrap();
    assert_eq!((second.person, second.name.as_str()), (first.person, "Аида"));
    assert_ne!((second.device, second.actor), (first.device, first.actor));
    let both = [first.credential_id.clone(), second.credential_id.clone()];
    assert_eq!(ids(identity, first.person).await, both);
    assert!(identity.bidder(&first.token).await.is_ok(), "the old phone stays signed in");
    assert!(new.sign_in(identity, &second.credential_id).await.is_ok());
    assert!(old.sign_in(identity, &first.credential_id).await.is_ok());

    // It counts once, and a passkey that is there already is not offered a second time.
    assert!(matches!(claim(identity, &mut new, &shown).await, Err(Error::CodeInvalid)));
    let again = code(identity, &mut old, &first).await.unwrap();
    let challenge = identity.start_by_code(&again).await.unwrap();
    let excluded = challenge.options.pointer("/publicKey/excludeCredentials").unwrap();
    let excluded = excluded.as_array().unwrap().iter().map(|known| known["id"].as_str().unwrap());
    assert_eq!(excluded.collect::<Vec<_>>(), both);

    let object = format!("passkey:{}", second.credential_id);
    assert_eq!(recorded(&ground.state, "passkey.add").await, [(object, "{}".to_owned())]);
    assert_eq!(recorded(&ground.state, "passkey.code").await.len(), 2);
}

#[tokio::test]
async fn a_code_of_nobody_too_late_replaced_or_at_the_wrong_door_opens_nothing() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let (mut old, mut new) = (Phone::new(0xA), Phone::new(0xB));
    let first = old.register(identity).await;
    for guess in ["", "0", "0000-0000-0000-0000", "Ж", &"0".repeat(100_000)] {
        assert!(matches!(claim(identity, &mut new, guess).await, Err(Error::CodeInvalid)));
    }
    // Replaced by the next one.
    let replaced = code(identity, &mut old, &first).await.unwrap();
    let shown = code(identity, &mut old, &first).await.unwrap();
    assert!(matches!(claim(identity, &mut new, &replaced).await, Err(Error::CodeInvalid)));
    // Begun in time, finished too late; the ceremony itself would last longer.
    ground.clock.pass(TimeSpan::minutes(9));
    let challenge = identity.start_by_code(&shown).await.unwrap();
    ground.clock.pass(TimeSpan::minutes(1));
    let late = identity.finish_by_code(new.create(&challenge)).await;
    assert!(matches!(late, Err(Error::CodeInvalid)), "{late:?}");
    assert!(matches!(identity.start_by_code(&shown).await, Err(Error::CodeInvalid)));

    // A bidder's code opens no console, an official's no phone.
    let shown = code(identity, &mut old, &first).await.unwrap();
    let console = identity.start_console_by_code(&shown).await;
    assert!(matches!(console, Err(Error::CodeInvalid)));
    let challenge = identity.start_by_code(&shown).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = new.create(&challenge);
    let console = identity.finish_console_by_code(ceremony, credential).await;
    assert!(matches!(console, Err(Error::CodeInvalid)), "{console:?}");
    let mut staff = member(&ground.state, None, Role::Moderator, "Эркин").await;
    let theirs = official_code(identity, &mut staff).await;
    assert!(matches!(claim(identity, &mut new, &theirs).await, Err(Error::CodeInvalid)));
    let challenge = identity.start_console_by_code(&theirs).await.unwrap();
    let phone = identity.finish_by_code(new.create(&challenge)).await;
    assert!(matches!(phone, Err(Error::CodeInvalid)), "{phone:?}");
    assert_eq!(ids(identity, first.person).await.len(), 1);
    assert_eq!(ids(identity, staff.official.person).await.len(), 1);
}

async fn official_code(identity: &Service, staff: &mut Member) -> String {
    let by = Principal::official(&staff.official, &Role::ALL).unwrap();
    code_by(identity, &mut staff.browser, &staff.passkey.clone(), by).await.unwrap()
}

#[tokio::test]
async fn an_official_adds_a_browser_by_a_code_and_it_ends_with_the_official() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut staff = member(&ground.state, None, Role::Moderator, "Эркин").await;
    let person = staff.official.person;
    let shown = official_code(identity, &mut staff).await;
    let mut browser = Phone::new(0xC);
    let challenge = identity.start_console_by_code(&shown).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = browser.create(&challenge);
    let session = identity.finish_console_by_code(ceremony, credential).await.unwrap();
    assert_eq!(identity.official(&session.token).await.unwrap().person, person);
    assert_eq!(ids(identity, person).await.len(), 2);

    // Removed while a code is open: it opens nothing any more.
    let shown = official_code(identity, &mut staff).await;
    let challenge = identity.start_console_by_code(&shown).await.unwrap();
    let removed = toruk_server::identity::Revocation::Official(person);
    identity.end_access(None, &removed).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = Phone::new(0xD).create(&challenge);
    let late = identity.finish_console_by_code(ceremony, credential).await;
    assert!(matches!(late, Err(Error::Forbidden | Error::CodeInvalid)), "{late:?}");
    assert!(ids(identity, person).await.is_empty());
}

#[tokio::test]
async fn who_has_only_a_session_or_only_a_passkey_of_their_own_takes_no_account_over() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let (mut owner, mut thief) = (Phone::new(0xA), Phone::new(0xB));
    let own = owner.register(identity).await;
    let theirs = thief.register(identity).await;
    let by = Principal::Bidder(own.person);

    // With the owner's session and the thief's passkey: no code, no end, no name of another's.
    let challenge = identity.start_code(own.person).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = thief.get(&challenge, &theirs.credential_id);
    let refused = identity.finish_code(by, ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)), "{refused:?}");
    let part = OwnAccess::Passkey { id: own.credential_id.clone() };
    let challenge = identity.start_end_of_own(own.person, part).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = thief.get(&challenge, &theirs.credential_id);
    let id = &own.credential_id;
    let refused = identity.finish_end_of_passkey(by, id, ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)), "{refused:?}");

    // With a challenge of their own, and with the owner's answer to another one.
    let challenge = identity.start_code(theirs.person).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = thief.get(&challenge, &theirs.credential_id);
    let refused = identity.finish_code(by, ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)), "{refused:?}");
    let part = OwnAccess::Passkey { id: own.credential_id.clone() };
    let challenge = identity.start_end_of_own(own.person, part).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = owner.get(&challenge, &own.credential_id);
    let refused = identity.finish_code(by, ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)), "{refused:?}");

    // An answer counts once.
    let challenge = identity.start_code(own.person).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = owner.get(&challenge, &own.credential_id);
    assert!(identity.finish_code(by, ceremony, credential.clone()).await.is_ok());
    let refused = identity.finish_code(by, ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)), "{refused:?}");

    // Nobody names or ends what is another's, and a passkey that exists is not added again.
    let thief_is = Principal::Bidder(theirs.person);
    let named = identity.name_passkey(thief_is, id, "mine").await;
    assert!(matches!(named, Err(Error::Store(StoreError::NotFound))), "{named:?}");
    let ended = end(identity, &mut thief, &theirs, id).await;
    assert!(matches!(ended, Err(Error::Store(StoreError::NotFound))), "{ended:?}");
    let shown = code(identity, &mut owner, &own).await.unwrap();
    let challenge = identity.start_registration(crate::ground::phone::aida()).await.unwrap();
    let confused = identity.finish_by_code(thief.create(&challenge)).await;
    assert!(matches!(confused, Err(Error::CeremonyFailed)), "{confused:?}");
    let challenge = identity.start_by_code(&shown).await.unwrap();
    let confused = identity.finish_registration(thief.create(&challenge)).await;
    assert!(matches!(confused, Err(Error::CeremonyFailed)), "{confused:?}");
    // The owner's phone as the thief's: the id is taken.
    thief.device = device(0xA);
    let foreign = code(identity, &mut thief, &theirs).await.unwrap();
    let taken = claim(identity, &mut thief, &foreign).await;
    assert!(matches!(taken, Err(Error::DeviceTaken)), "{taken:?}");
    assert_eq!(ids(identity, own.person).await, std::slice::from_ref(&own.credential_id));
}

#[tokio::test]
async fn passkeys_are_named_ended_one_by_one_and_never_the_last() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let (mut old, mut new) = (Phone::new(0xA), Phone::new(0xB));
    let first = old.register(identity).await;
    let by = Principal::Bidder(first.person);
    let id = &first.credential_id;
    let last = end(identity, &mut old, &first, id).await;
    assert!(matches!(last, Err(Error::LastPasskey)), "{last:?}");
    for name in ["", " \t ", "\u{200b}", &"а".repeat(61)] {
        let refused = identity.name_passkey(by, id, name).await;
        assert!(matches!(refused, Err(Error::Malformed("name"))), "{name:?}");
    }
    identity.name_passkey(by, id, " Аиданын  телефону ").await.unwrap();
    let named = identity.own_passkeys(first.person).await.unwrap().remove(0);
    assert_eq!(named.name.as_deref(), Some("Аиданын телефону"));
    assert_eq!(recorded(&ground.state, "passkey.name").await.len(), 1);

    let shown = code(identity, &mut old, &first).await.unwrap();
    let second = claim(identity, &mut new, &shown).await.unwrap();
    // For one passkey means for that one.
    let part = OwnAccess::Passkey { id: second.credential_id.clone() };
    let challenge = identity.start_end_of_own(first.person, part).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = old.get(&challenge, id);
    let other = identity.finish_end_of_passkey(by, id, ceremony, credential).await;
    assert!(matches!(other, Err(Error::CeremonyFailed)), "{other:?}");

    end(identity, &mut new, &second, id).await.unwrap();
    assert!(matches!(old.sign_in(identity, id).await, Err(Error::CeremonyFailed)));
    assert_eq!(ids(identity, first.person).await, std::slice::from_ref(&second.credential_id));
    let last = end(identity, &mut new, &second, &second.credential_id.clone()).await;
    assert!(matches!(last, Err(Error::LastPasskey)), "{last:?}");
    let ended = end(identity, &mut new, &second, id).await;
    assert!(matches!(ended, Err(Error::Store(StoreError::NotFound))), "twice: {ended:?}");
}

#[tokio::test]
async fn an_account_has_ten_passkeys_at_most() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut old = Phone::new(0xA);
    let first = old.register(identity).await;
    // One phone, with a security key more each time.
    for _ in 1..10 {
        let shown = code(identity, &mut old, &first).await.unwrap();
        let challenge = identity.start_by_code(&shown).await.unwrap();
        let mut key = Phone { device: old.device.clone(), ..Phone::new(0xA) };
        identity.finish_by_code(key.create(&challenge)).await.unwrap();
    }
    assert_eq!(ids(identity, first.person).await.len(), 10);
    let full = code(identity, &mut old, &first).await;
    assert!(matches!(full, Err(Error::TooManyPasskeys)), "{full:?}");
}
