//! Passkeys as their makers build them: every combination that the standard allows signs in.

use crate::ground::authenticator::{Authenticator, Says};
use crate::ground::phone::{aida, device, sign};
use crate::ground::sale;
use crate::ground::{NoGateway, TestServices};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait as _, QueryOrder as _};
use std::sync::Arc;
use toruk_server::db::StoreError;
use toruk_server::entity::{audit_event, credential};
use toruk_server::identity::{Error, Official, PasskeyOwner, Revocation, Role};
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, StartSignIn};
use uuid::Uuid;

const WEB: &str = "https://auction.example.kg";
/// The public origin, another of the web, three builds of an Android app as the platform spells
/// them, and the iOS app.
const ORIGINS: [&str; 6] = [
    "https://auction.example.kg:8443",
    "https://www.auction.example.kg",
    "android:apk-key-hash:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA",
    "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhM",
    "android:apk-key-hash:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
    WEB,
];
/// The same, as an operator finds them at the platforms.
const CONFIGURED: [&str; 4] = [
    "https://www.auction.example.kg/",
    "android:apk-key-hash:FF:FE:FD:FC:FB:FA:F9:F8:F7:F6:F5:F4:F3:F2:F1:F0:EF:EE:ED:EC:EB:EA:E9:E8:\
     E7:E6:E5:E4:E3:E2:E1:E0",
    "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhM=",
    "android:apk-key-hash:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=",
];
const STRANGERS: [&str; 3] = [
    "https://auction.example.kg.evil.example",
    "http://auction.example.kg",
    "android:apk-key-hash:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM",
];

/// The user handle of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handle {
    Absent,
    Empty,
    Own,
    Foreign,
}

/// A registration and two sign-ins: the second shows that the first left the account usable.
#[derive(Debug, Clone)]
struct Story {
    made: Says,
    used: Says,
    handle: Handle,
    again: Says,
}

fn says(origins: &'static [&'static str]) -> impl Strategy<Value = Says> {
    let flags = prop::sample::select(vec![(false, false), (true, false), (true, true)]);
    let counter = prop_oneof![Just(0), 1..6_u32];
    (flags, counter, prop::sample::select(origins)).prop_map(|(flags, counter, origin)| Says {
        eligible: flags.0,
        backed_up: flags.1,
        counter,
        origin,
    })
}

fn stories() -> impl Strategy<Value = Story> {
    let handle =
        prop::sample::select(vec![Handle::Absent, Handle::Empty, Handle::Own, Handle::Foreign]);
    (says(&ORIGINS), says(&ORIGINS), handle, says(&ORIGINS))
        .prop_map(|(made, used, handle, again)| Story { made, used, handle, again })
}

/// What the trail must say of an answer after another, by the rules and not by the code.
fn expected(before: Says, now: Says) -> Vec<&'static str> {
    let mut acts = Vec::new();
    if before.eligible != now.eligible {
        acts.push("passkey.warning");
    }
    let fell = before.counter > 0 && now.counter <= before.counter;
    match before.eligible || now.eligible {
        true if fell => acts.push("passkey.warning"),
        false if fell => acts.push("passkey.review"),
        _ => {}
    }
    acts
}

/// One person at one of the two doors, with the authenticator in hand.
struct Person<'a> {
    ground: &'a TestServices,
    authenticator: Authenticator,
    number: u128,
    id: PersonId,
    is_official: bool,
}

impl<'a> Person<'a> {
    async fn new(ground: &'a TestServices, number: u128, is_official: bool, made: Says) -> Self {
        Self::with(ground, Authenticator::new(number), number, is_official, made).await
    }

    async fn with(
        ground: &'a TestServices,
        authenticator: Authenticator,
        number: u128,
        is_official: bool,
        made: Says,
    ) -> Self {
        let identity = &ground.state.identity;
        let id = if is_official {
            let link = identity.invite(None, Role::Moderator, None).await.unwrap().link;
            let token = link.rsplit('#').next().unwrap();
            let challenge = identity.start_enrolment(token, "Айгүл", "ky").await.unwrap();
            let answer = authenticator.create(&challenge.options, made);
            let session =
                identity.finish_enrolment(token, challenge.ceremony, answer).await.unwrap();
            identity.official(&session.token).await.unwrap().person
        } else {
            let challenge = identity.start_registration(aida()).await.unwrap();
            let answer = authenticator.create(&challenge.options, made);
            let request = finish(&challenge, number, answer);
            identity.finish_registration(request).await.unwrap().person
        };
        Self { ground, authenticator, number, id, is_official }
    }

    /// Returns `true` if the answer signs its own person in.
    async fn signs_in(&self, says: Says, handle: Handle) -> bool {
        let identity = &self.ground.state.identity;
        let challenge = if self.is_official {
            identity.start_console_sign_in().await.unwrap()
        } else {
            let known = Some(self.authenticator.id().to_owned());
            let credential_id = known.filter(|_| self.number.is_multiple_of(2));
            identity.start_sign_in(StartSignIn { credential_id }).await.unwrap()
        };
        let (own, other) = (self.id.0.into_bytes(), [7; 16]);
        let handle: Option<&[u8]> = match handle {
            Handle::Absent => None,
            Handle::Empty => Some(&[]),
            Handle::Own => Some(&own),
            Handle::Foreign => Some(&other),
        };
        let answer = self.authenticator.get(&challenge.options, says, handle);
        if self.is_official {
            let entered = identity.finish_console_sign_in(challenge.ceremony, answer).await;
            let Ok(session) = entered else { return false };
            identity.official(&session.token).await.unwrap().person == self.id
        } else {
            let request = finish(&challenge, self.number, answer);
            identity.finish_sign_in(request).await.is_ok_and(|session| session.person == self.id)
        }
    }

    /// The recorded acts on this passkey, the oldest first.
    async fn acts(&self) -> Vec<String> {
        let object = format!("passkey:{}", self.authenticator.id());
        let rows = audit_event::Entity::find()
            .order_by_asc(audit_event::Column::Seq)
            .all(self.ground.state.context.db.read())
            .await
            .unwrap();
        rows.into_iter().filter(|row| row.object == object).map(|row| row.action).collect()
    }
}

fn finish(challenge: &Challenge, number: u128, credential: serde_json::Value) -> FinishCeremony {
    let (ceremony, device) = (challenge.ceremony, device(number));
    let proof = Some(sign(number, &device.package(ceremony)));
    FinishCeremony { ceremony, credential, device, proof }
}

async fn many_origins() -> TestServices {
    TestServices::with_config(Arc::new(NoGateway), |config| {
        ORIGINS[0].clone_into(&mut config.public_origin);
        config.app_origins = CONFIGURED.map(str::to_owned).to_vec();
    })
    .await
}

#[tokio::test]
async fn a_passkey_of_any_maker_signs_in_and_only_a_cloned_one_is_to_review() {
    const STORIES: u32 = 48;
    let ground = many_origins().await;
    let mut runner = TestRunner::deterministic();
    for number in 1..=u128::from(STORIES) {
        let story = stories().new_tree(&mut runner).unwrap().current();
        let Story { made, used, handle, again } = story.clone();
        let is_official = number.is_multiple_of(3);
        let person = Person::new(&ground, number, is_official, made).await;
        let enters = person.signs_in(used, handle).await;
        assert_eq!(enters, handle != Handle::Foreign, "{story:?}");
        let last = if enters { used } else { made };
        assert!(person.signs_in(again, Handle::Own).await, "{story:?}");
        let mut acts = if enters { expected(made, used) } else { Vec::new() };
        acts.extend(expected(last, again));
        assert_eq!(person.acts().await, acts, "{story:?}");
    }
}

#[tokio::test]
async fn each_origin_of_the_app_signs_in_and_no_strangers() {
    let ground = many_origins().await;
    for (number, is_official) in [(1, false), (2, true)] {
        let made = Says { eligible: true, backed_up: true, counter: 0, origin: ORIGINS[0] };
        let person = Person::new(&ground, number, is_official, made).await;
        for origin in ORIGINS {
            assert!(person.signs_in(Says { origin, ..made }, Handle::Empty).await, "{origin}");
        }
        for origin in STRANGERS {
            assert!(!person.signs_in(Says { origin, ..made }, Handle::Own).await, "{origin}");
        }
        // A copy of a passkey that can't have one is malformed, by the standard too.
        let malformed = Says { eligible: false, ..made };
        assert!(!person.signs_in(malformed, Handle::Own).await);
        assert_eq!(person.acts().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_passkey_with_rsa_signs_in_unless_the_operator_refuses_it() {
    let made =
        Says { eligible: false, backed_up: false, counter: 0, origin: "http://localhost:8080" };
    let open = TestServices::new().await;
    let hello = Person::with(&open, Authenticator::with_rsa(1), 1, false, made).await;
    assert!(hello.signs_in(made, Handle::Own).await);

    let strict =
        TestServices::with_config(Arc::new(NoGateway), |config| config.rsa_passkeys = false).await;
    let identity = &strict.state.identity;
    let challenge = identity.start_registration(aida()).await.unwrap();
    let ways = &challenge.options["publicKey"]["pubKeyCredParams"];
    let ways = ways.as_array().unwrap().iter().map(|way| way["alg"].as_i64().unwrap());
    assert_eq!(ways.collect::<Vec<_>>(), [-7, -35]);
    let answer = hello.authenticator.create(&challenge.options, made);
    assert!(identity.finish_registration(finish(&challenge, 1, answer)).await.is_err());

    // One that was made before the operator refused such keys.
    let person = Person::new(&strict, 2, false, made).await;
    let record = credential::Entity::find().one(open.state.context.db.read()).await.unwrap();
    let txn = strict.state.context.db.begin().await.unwrap();
    let changed = credential::Entity::update_many()
        .col_expr(credential::Column::Id, Expr::value(hello.authenticator.id()))
        .col_expr(credential::Column::Passkey, Expr::value(record.unwrap().passkey))
        .exec(&txn)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected, 1);
    strict.state.context.db.commit(txn).await.unwrap();
    let hello = Person { ground: &strict, id: person.id, ..hello };
    assert!(!hello.signs_in(made, Handle::Own).await);
}

/// A device-bound key that counts backwards, on an official's and a bidder's account.
const COUNTS: Says = Says { eligible: false, backed_up: false, counter: 5, origin: WEB };
const COUNTED_BACK: Says = Says { counter: 3, ..COUNTS };

async fn ground_of_the_web() -> TestServices {
    TestServices::with_config(Arc::new(NoGateway), |config| {
        WEB.clone_into(&mut config.public_origin)
    })
    .await
}

#[tokio::test]
async fn a_key_that_counts_backwards_is_a_task_until_an_administrator_has_looked_into_it() {
    let ground = ground_of_the_web().await;
    let identity = &ground.state.identity;
    let admin = sale::official(1, Role::Sysadmin);
    let staff = Person::new(&ground, 3, true, COUNTS).await;
    let bidder = Person::new(&ground, 4, false, COUNTS).await;
    assert!(identity.passkeys_to_review(&admin).await.unwrap().is_empty());
    for person in [&staff, &bidder] {
        assert!(person.signs_in(COUNTED_BACK, Handle::Own).await);
        // Again, and still one task.
        assert!(person.signs_in(COUNTED_BACK, Handle::Own).await);
    }
    let reviews = identity.passkeys_to_review(&admin).await.unwrap();
    let owners: Vec<_> = reviews.iter().map(|review| review.owner.clone()).collect();
    let name = "Айгүл".to_owned();
    assert_eq!(owners, [PasskeyOwner::Official(staff.id, name), PasskeyOwner::Bidder(bidder.id)]);
    let auditor = sale::official(2, Role::Auditor);
    assert_eq!(identity.passkeys_to_review(&auditor).await.unwrap(), reviews);

    for role in [Role::Organiser, Role::Moderator, Role::Finance] {
        let by = sale::official(3, role);
        assert!(matches!(identity.passkeys_to_review(&by).await, Err(Error::Forbidden)));
    }
    for role in [Role::Organiser, Role::Moderator, Role::Finance, Role::Auditor] {
        let by = sale::official(3, role);
        let refused = identity.end_passkey_review(&by, staff.authenticator.id()).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{role:?}");
    }
    for person in [&staff, &bidder] {
        identity.end_passkey_review(&admin, person.authenticator.id()).await.unwrap();
        let again = identity.end_passkey_review(&admin, person.authenticator.id()).await;
        assert!(matches!(again, Err(Error::Store(StoreError::NotFound))));
        assert_eq!(person.acts().await.last().unwrap(), "passkey.reviewed");
    }
    assert!(identity.passkeys_to_review(&admin).await.unwrap().is_empty());
    // The next time is another task.
    assert!(staff.signs_in(COUNTED_BACK, Handle::Own).await);
    assert_eq!(identity.passkeys_to_review(&admin).await.unwrap().len(), 1);
    // A key that is ended is none.
    let ended = Revocation::Passkey(staff.authenticator.id().to_owned());
    identity.end_access(None, &ended).await.unwrap();
    assert!(identity.passkeys_to_review(&admin).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_administrator_of_one_organisation_reviews_its_officials_keys_alone() {
    let ground = ground_of_the_web().await;
    let identity = &ground.state.identity;
    let organisation = OrganisationId(Uuid::from_u128(404));
    let staff = Person::new(&ground, 3, true, COUNTS).await;
    let bidder = Person::new(&ground, 4, false, COUNTS).await;
    let bound = [(Role::Sysadmin, organisation)].into();
    let admin = Official { bound, ..sale::official(1, Role::Sysadmin) };
    for person in [&staff, &bidder] {
        assert!(person.signs_in(COUNTED_BACK, Handle::Own).await);
        let refused = identity.end_passkey_review(&admin, person.authenticator.id()).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    }
    assert!(identity.passkeys_to_review(&admin).await.unwrap().is_empty());
}
