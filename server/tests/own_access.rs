//! People see what lets them in, and end it by a passkey that answers once more.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, device};
use crate::people::{Member, console_sign_in, member, recorded};
use toruk_server::db::StoreError;
use toruk_server::identity::{Error, OwnAccess, Role, Service};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::identity::{ChallengePurpose, FinishCeremony, RevokedPasskey};

#[tokio::test]
async fn officials_see_their_sessions_and_end_them_by_their_passkey() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut own = member(&ground.state, None, Role::Moderator, "Эркин Байматов").await;
    let mut other = member(&ground.state, None, Role::Organiser, "Нургүл Асанова").await;
    let mut tokens = vec![own.token.clone()];
    for _ in 0..3 {
        tokens.push(console_sign_in(identity, &mut own).await.unwrap());
    }
    let mine = identity.own_access(&own.official, &tokens[0]).await.unwrap();
    assert_eq!((mine.sessions.len(), mine.passkeys.len()), (4, 1));
    let one = mine.sessions.iter().find(|session| session.id != mine.this).unwrap().id.clone();
    let part = OwnAccess::Session { id: one.clone() };

    // Neither another official's passkey, nor another's session, nor an answer to a sign-in.
    let (by, foreign) = (&own.official, &other.official);
    let challenge = identity.start_end_of_own(by.person, part.clone()).await.unwrap();
    assert!(ChallengePurpose::EndAccess.is_of(&challenge.options));
    let answer = other.browser.get(&challenge, &other.passkey);
    let (ceremony, credential) = (answer.ceremony, answer.credential);
    for who in [by, foreign] {
        let (token, credential) = (&tokens[0], credential.clone());
        let refused = identity.finish_end_of_own(who, token, ceremony, credential).await;
        assert!(matches!(refused, Err(Error::CeremonyFailed)));
    }
    let challenge = identity.start_console_sign_in().await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = own.browser.get(&challenge, &own.passkey);
    let refused = identity.finish_end_of_own(by, &tokens[0], ceremony, credential).await;
    assert!(matches!(refused, Err(Error::CeremonyFailed)));
    let of_other = identity.own_access(foreign, &other.token).await.unwrap().this;
    let refused = end_own(identity, &mut own, OwnAccess::Session { id: of_other }).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::NotFound))));
    assert_eq!(identity.own_access(&own.official, "").await.unwrap().sessions.len(), 4);

    end_own(identity, &mut own, part).await.unwrap();
    let left = identity.own_access(&own.official, &tokens[0]).await.unwrap();
    assert!(left.sessions.len() == 3 && left.sessions.iter().all(|session| session.id != one));
    end_own(identity, &mut own, OwnAccess::OtherSessions {}).await.unwrap();
    assert!(identity.official(&tokens[0]).await.is_ok());
    for token in &tokens[1..] {
        assert!(matches!(identity.official(token).await, Err(Error::SignedOut)));
    }
    assert!(identity.official(&other.token).await.is_ok());
    assert_eq!(recorded(&ground.state, "staff.revoke").await.len(), 2);
}

async fn end_own(identity: &Service, own: &mut Member, part: OwnAccess) -> Result<(), Error> {
    let challenge = identity.start_end_of_own(own.official.person, part).await?;
    let FinishCeremony { ceremony, credential, .. } = own.browser.get(&challenge, &own.passkey);
    identity.finish_end_of_own(&own.official, &own.token, ceremony, credential).await
}

#[tokio::test]
async fn another_phone_is_revoked_by_a_passkey_that_answers_once_more() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let lost = phone.register(identity).await;
    phone.device = device(0xC);
    let own = phone.sign_in(identity, &lost.credential_id).await.unwrap();
    let by = identity.bidder(&own.token).await.unwrap();
    let part = |device| OwnAccess::Phone { device, end_last_passkey: false };

    // The answer is for one phone and one person, and counts once.
    let challenge = identity.start_end_of_own(by.person, part(lost.device)).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = phone.get(&challenge, &lost.credential_id);
    let wrong = identity.finish_revocation(&by, own.device, ceremony, credential).await;
    assert!(matches!(wrong, Err(Error::CeremonyFailed)));
    let mut stranger = Phone::new(0xB);
    let theirs = stranger.register(identity).await;
    let challenge = identity.start_end_of_own(by.person, part(lost.device)).await.unwrap();
    let answer = stranger.get(&challenge, &theirs.credential_id);
    let (ceremony, credential) = (answer.ceremony, answer.credential);
    let wrong = identity.finish_revocation(&by, lost.device, ceremony, credential).await;
    assert!(matches!(wrong, Err(Error::CeremonyFailed)));
    assert!(identity.bidder(&lost.token).await.is_ok(), "nothing has ended");

    let challenge = identity.start_end_of_own(by.person, part(lost.device)).await.unwrap();
    let FinishCeremony { ceremony, credential, .. } = phone.get(&challenge, &lost.credential_id);
    let again = credential.clone();
    let revoked = identity.finish_revocation(&by, lost.device, ceremony, credential).await;
    assert_eq!(revoked.unwrap().passkey, RevokedPasskey::KeptAsLast);
    assert!(matches!(identity.bidder(&lost.token).await, Err(Error::DeviceRevoked)));
    let twice = identity.finish_revocation(&by, lost.device, ceremony, again).await;
    assert!(matches!(twice, Err(Error::CeremonyFailed)));
}

#[tokio::test]
async fn a_phones_session_ends_a_year_after_the_sign_in_however_much_it_is_used() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let session = Phone::new(0xA).register(identity).await;
    for _ in 0..25 {
        assert!(identity.bidder(&session.token).await.is_ok());
        ground.clock.pass(TimeSpan::days(14));
    }
    assert!(identity.bidder(&session.token).await.is_ok());
    ground.clock.pass(TimeSpan::days(15));
    assert!(matches!(identity.bidder(&session.token).await, Err(Error::SignedOut)));
}
