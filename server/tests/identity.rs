//! Passkeys, sessions, phones and roles against a real database.

use crate::ground::TestServices;
use crate::ground::phone::{Phone, aida, device};
use toruk_server::identity::{Conflict, Error, Role};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::identity::StartSignIn;

#[tokio::test]
async fn a_person_registers_with_a_passkey_and_signs_in_again() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    assert_eq!(session.name.as_str(), "Аида");
    assert_eq!(
        (session.rp_id.as_str(), session.origin.as_str()),
        ("localhost", "http://localhost:8080")
    );
    let bidder = identity.bidder(&session.token).await.unwrap();
    assert_eq!((bidder.person, bidder.device), (session.person, session.device));

    let again = phone.sign_in(identity, &session.credential_id).await.unwrap();
    assert_eq!((again.person, again.actor), (session.person, session.actor));
    // The phone's former session ended with its new one.
    assert!(matches!(identity.bidder(&session.token).await, Err(Error::SignedOut)));
    identity.sign_out(&again.token).await.unwrap();
    assert!(matches!(identity.bidder(&again.token).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn a_passkey_nobody_named_signs_in() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    let challenge = identity.start_sign_in(StartSignIn { credential_id: None }).await.unwrap();
    assert!(challenge.options.get("mediation").is_none());
    let answer = phone.get(&challenge, &session.credential_id);
    let again = identity.finish_sign_in(answer).await.unwrap();
    assert_eq!(again.person, session.person);
}

#[tokio::test]
async fn an_answer_counts_once() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let challenge = identity.start_registration(aida()).await.unwrap();
    let answer = phone.create(&challenge);
    let session = identity.finish_registration(answer.clone()).await.unwrap();
    let replay = identity.finish_registration(answer).await;
    assert!(matches!(replay, Err(Error::CeremonyFailed)));

    let named = StartSignIn { credential_id: Some(session.credential_id.clone()) };
    let challenge = identity.start_sign_in(named).await.unwrap();
    let answer = phone.get(&challenge, &session.credential_id);
    identity.finish_sign_in(answer.clone()).await.unwrap();
    assert!(matches!(identity.finish_sign_in(answer).await, Err(Error::CeremonyFailed)));
}

#[tokio::test]
async fn an_answer_that_comes_late_does_not_count() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let challenge = identity.start_registration(aida()).await.unwrap();
    let answer = phone.create(&challenge);
    ground.clock.pass(TimeSpan::minutes(5));
    assert!(matches!(identity.finish_registration(answer).await, Err(Error::CeremonyFailed)));
}

#[tokio::test]
async fn an_answer_made_for_another_site_does_not_count() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    let named = StartSignIn { credential_id: Some(session.credential_id.clone()) };
    let challenge = identity.start_sign_in(named).await.unwrap();
    let home = phone.origin.clone();
    phone.origin = "http://localhost:9090".parse().unwrap();
    let foreign = phone.get(&challenge, &session.credential_id);
    assert!(matches!(identity.finish_sign_in(foreign).await, Err(Error::CeremonyFailed)));
    phone.origin = home;
    let honest = phone.get(&challenge, &session.credential_id);
    assert!(identity.finish_sign_in(honest).await.is_ok(), "nobody's answer uses it up");
}

#[tokio::test]
async fn a_phone_of_somebody_else_is_refused_and_leaves_nothing_behind() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let aida_session = Phone::new(0xA).register(identity).await;
    let challenge = identity.start_registration(aida()).await.unwrap();
    let answer = Phone::new(0xA).create(&challenge);
    let refused = identity.finish_registration(answer.clone()).await;
    assert!(matches!(refused, Err(Error::DeviceTaken)));
    assert!(matches!(identity.finish_registration(answer).await, Err(Error::CeremonyFailed)));
    // The first one's session is untouched.
    assert!(identity.bidder(&aida_session.token).await.is_ok());
}

#[tokio::test]
async fn an_account_has_at_most_ten_phones_each_with_its_own_number() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let mut phone = Phone::new(1);
    let first = phone.register(identity).await;
    let mut numbers = vec![first.actor];
    for name in 2..=10 {
        phone.device = device(name);
        let session = phone.sign_in(identity, &first.credential_id).await.unwrap();
        assert!(session.actor > 0 && !numbers.contains(&session.actor));
        numbers.push(session.actor);
    }
    phone.device = device(11);
    let eleventh = phone.sign_in(identity, &first.credential_id).await;
    assert!(matches!(eleventh, Err(Error::TooManyDevices)));
    phone.device = device(3);
    let third = phone.sign_in(identity, &first.credential_id).await.unwrap();
    assert_eq!(third.actor, numbers[2]);
}

#[tokio::test]
async fn a_session_ends_thirty_days_after_its_last_use() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let session = Phone::new(0xA).register(identity).await;
    ground.clock.pass(TimeSpan::days(20));
    assert!(identity.bidder(&session.token).await.is_ok());
    ground.clock.pass(TimeSpan::days(20));
    assert!(identity.bidder(&session.token).await.is_ok());
    ground.clock.pass(TimeSpan::days(30));
    assert!(matches!(identity.bidder(&session.token).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn an_invitation_makes_one_official_once() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    assert!(identity.is_unclaimed().await.unwrap());
    let invitation = identity.invite(None, Role::Sysadmin, None).await.unwrap();
    let token = invitation.link.strip_prefix("http://localhost:8080/console/enrol#").unwrap();
    assert_eq!(identity.invitation(token).await.unwrap(), Role::Sysadmin);

    let mut browser = Phone::new(0xA);
    let challenge = identity.start_enrolment(token, "Айгүл", "ky").await.unwrap();
    assert_eq!(challenge.options["publicKey"]["authenticatorSelection"]["residentKey"], "required");
    let answer = browser.create(&challenge);
    let credential_id = answer.credential["id"].as_str().unwrap().to_owned();
    let session =
        identity.finish_enrolment(token, answer.ceremony, answer.credential).await.unwrap();
    let official = identity.official(&session.token).await.unwrap();
    assert_eq!(official.name, "Айгүл");
    assert!(official.any(&[Role::Sysadmin]).is_ok() && official.any(&[Role::Moderator]).is_err());
    assert!(!identity.is_unclaimed().await.unwrap());
    assert!(matches!(identity.invitation(token).await, Err(Error::InvitationInvalid)));

    let challenge = identity.start_console_sign_in().await.unwrap();
    let answer = browser.get(&challenge, &credential_id);
    let again = identity.finish_console_sign_in(answer.ceremony, answer.credential).await.unwrap();
    let again = identity.official(&again.token).await.unwrap();
    assert_eq!(again.person, official.person);
    // An official's cookie gives no access as a phone.
    assert!(matches!(identity.bidder(&session.token).await, Err(Error::SignedOut)));
    let access = identity.access(Some(&official)).await.unwrap();
    assert_eq!((access.staff.len(), access.invitations.len()), (1, 0));
    assert!(identity.invite(Some(&official), Role::Moderator, None).await.is_ok());
}

#[tokio::test]
async fn two_who_share_an_invitation_do_not_both_get_in() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let invitation = identity.invite(None, Role::Moderator, None).await.unwrap();
    let token = invitation.link.rsplit('#').next().unwrap();
    let mut answers = Vec::new();
    for name in [1, 2] {
        let challenge = identity.start_enrolment(token, "Бек", "ru").await.unwrap();
        answers.push(Phone::new(name).create(&challenge));
    }
    let mut outcomes = Vec::new();
    for answer in answers {
        outcomes.push(identity.finish_enrolment(token, answer.ceremony, answer.credential).await);
    }
    assert!(outcomes[0].is_ok());
    assert!(matches!(outcomes[1], Err(Error::InvitationInvalid)));
}

#[tokio::test]
async fn an_invitation_expires_and_a_bidder_is_no_official() {
    let ground = TestServices::new().await;
    let identity = &ground.state.identity;
    let invitation = identity.invite(None, Role::Moderator, None).await.unwrap();
    let token = invitation.link.rsplit('#').next().unwrap();
    ground.clock.pass(TimeSpan::minutes(30));
    assert!(matches!(identity.invitation(token).await, Err(Error::InvitationInvalid)));

    let mut phone = Phone::new(0xA);
    let session = phone.register(identity).await;
    assert!(matches!(identity.official(&session.token).await, Err(Error::SignedOut)));
    let challenge = identity.start_console_sign_in().await.unwrap();
    let answer = phone.get(&challenge, &session.credential_id);
    let entered = identity.finish_console_sign_in(answer.ceremony, answer.credential).await;
    let conflict = Conflict::BidderAccount;
    assert!(matches!(entered, Err(Error::Conflict { conflict: found, .. }) if found == conflict));
}
