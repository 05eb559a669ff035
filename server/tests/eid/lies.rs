//! A provider that lies, is late or breaks: each is refused by its name, and nothing is left behind.

use super::{ACR, Ground, PIN, aida, named, word};
use crate::outside::eid::{EidEndpoint, EidMisbehaviour, EidSigning, EidTrouble};
use serde_json::{Value, json};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::EidPurpose;

type Lie = (&'static str, Box<dyn Fn(&mut EidMisbehaviour)>, &'static str);

fn claim(name: &'static str, value: Option<Value>) -> Box<dyn Fn(&mut EidMisbehaviour)> {
    Box::new(move |wrong| wrong.claims = vec![(name, value.clone())])
}

fn signed(signing: EidSigning) -> Box<dyn Fn(&mut EidMisbehaviour)> {
    Box::new(move |wrong| wrong.signing = signing)
}

fn lies(issuer: &str, now: i64) -> Vec<Lie> {
    use EidSigning as S;
    let at = |seconds: i64| Some(json!(now + seconds));
    vec![
        ("an honest answer", Box::new(|_| {}), "in"),
        ("ES256", signed(S::Es256), "in"),
        ("no at_hash", claim("at_hash", None), "in"),
        ("another algorithm", signed(S::Rs384), "signature"),
        ("no signature", signed(S::Unsigned), "signature"),
        ("signed and called none", signed(S::CalledUnsigned), "signature"),
        ("HMAC by the client's secret", signed(S::ByClientSecret), "signature"),
        ("HMAC by the public key", signed(S::ByPublicKey), "signature"),
        ("a foreign key under a known name", signed(S::ByForeignKey), "signature"),
        ("a key that is not published", signed(S::ByUnknownKey), "signature"),
        ("changed after it was signed", signed(S::Changed), "signature"),
        ("another issuer", claim("iss", Some(json!("https://evil.example"))), "issuer"),
        ("the issuer with a slash", claim("iss", Some(json!(format!("{issuer}/")))), "issuer"),
        ("no issuer", claim("iss", None), "unavailable"),
        ("another client", claim("aud", Some(json!("another"))), "audience"),
        ("this client beside another", claim("aud", Some(json!(["toruk", "b"]))), "audience"),
        ("no audience", claim("aud", Some(json!([]))), "audience"),
        ("given to another client", claim("azp", Some(json!("another"))), "audience"),
        ("given to this client", claim("azp", Some(json!("toruk"))), "in"),
        ("another nonce", claim("nonce", Some(json!("another"))), "nonce"),
        ("no nonce", claim("nonce", None), "nonce"),
        ("expired", claim("exp", at(-31)), "time"),
        ("expired within the clocks' error", claim("exp", at(-20)), "in"),
        ("issued in the future", claim("iat", at(40)), "time"),
        ("issued before the sign-in", claim("iat", at(-40)), "time"),
        ("no subject", claim("sub", Some(json!(""))), "subject"),
        ("a subject of a page", claim("sub", Some(json!("a".repeat(256)))), "subject"),
        ("a number with letters", claim("pin", Some(json!("2150319901234X"))), "claims"),
        ("a short number", claim("pin", Some(json!("215"))), "claims"),
        ("a number that is a number", claim("pin", Some(json!(21_503_199_012_345_i64))), "claims"),
        ("a name of a page", claim("family_name", Some(json!("а".repeat(500)))), "claims"),
        ("another access token", Box::new(|wrong| wrong.other_access_token = true), "signature"),
        ("no id token", Box::new(|wrong| wrong.without_id_token = true), "unavailable"),
        ("an expiry in words", claim("exp", Some(json!("tomorrow"))), "unavailable"),
    ]
}

#[tokio::test]
async fn each_lie_is_refused_by_its_name_and_leaves_nothing() {
    let ground = Ground::new().await;
    ground.sign_in(1, &aida()).await.unwrap();
    let mut wrong = Vec::new();
    for (name, lie, expected) in lies(&ground.provider.issuer(), ground.now().0 / 1_000_000) {
        ground.provider.misbehave(|today| {
            *today = EidMisbehaviour::default();
            lie(today);
        });
        let before = ground.stored().await;
        let outcome = word(&ground.sign_in(1, &aida()).await);
        if outcome != expected {
            wrong.push(format!("{name}: {outcome}, not {expected}"));
        }
        if outcome != "in" && ground.stored().await != before {
            wrong.push(format!("{name}: something was stored"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    ground.provider.misbehave(|today| *today = EidMisbehaviour::default());
    ground.sign_in(2, &named("bek", None, "Беков")).await.unwrap();
}

#[tokio::test]
async fn the_name_of_the_provider_in_an_answer_must_be_its_own() {
    for (said, description, expected) in [
        (None, vec![], "in"),
        (Some("https://evil.example"), vec![], "issuer"),
        (Some(""), vec![], "issuer"),
        // A provider that does not promise to name itself.
        (Some(""), vec![("authorization_response_iss_parameter_supported", None)], "in"),
        (
            Some("https://evil.example"),
            vec![("authorization_response_iss_parameter_supported", None)],
            "issuer",
        ),
    ] {
        let ground = Ground::new().await;
        ground.provider.misbehave(|wrong| {
            wrong.iss = said.map(str::to_owned);
            wrong.description.clone_from(&description);
        });
        assert_eq!(word(&ground.sign_in(1, &aida()).await), expected, "{said:?} {description:?}");
        let redeemed = u64::from(expected == "in");
        assert_eq!(ground.provider.counts().tokens, redeemed, "{said:?}: redeemed all the same");
    }
}

#[tokio::test]
async fn a_provider_that_breaks_is_unavailable_and_then_works_again() {
    let mut wrong = Vec::new();
    use EidEndpoint as E;
    use EidTrouble as T;
    for endpoint in [E::Description, E::Keys, E::Tokens, E::UserInfo] {
        let ground = Ground::with(|_| {}, false).await;
        for trouble in [T::Fails, T::Html, T::Huge, T::Redirects, T::Never] {
            ground.provider.misbehave(|today| today.trouble = Some((endpoint, trouble)));
            let before = ground.stored().await;
            let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await;
            let outcome = match &start {
                Ok(_) => word(&ground.sign_in(1, &aida()).await),
                Err(_) => word(&start),
            };
            if outcome != "unavailable" || ground.stored().await != before {
                wrong.push(format!("{endpoint:?} {trouble:?}: {outcome}"));
            }
            ground.pass(TimeSpan::seconds(6));
        }
        ground.provider.misbehave(|today| *today = EidMisbehaviour::default());
        assert_eq!(word(&ground.sign_in(1, &aida()).await), "in", "{endpoint:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_provider_that_failed_is_not_asked_by_everybody_at_once() {
    let ground = Ground::new().await;
    ground.provider.misbehave(|w| w.trouble = Some((EidEndpoint::Description, EidTrouble::Fails)));
    for _ in 0..20 {
        let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await;
        assert_eq!(word(&start), "unavailable");
    }
    assert_eq!(ground.provider.counts().descriptions, 1);
    ground.pass(TimeSpan::seconds(6));
    let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await;
    assert_eq!((word(&start), ground.provider.counts().descriptions), ("unavailable".into(), 2));
}

/// A failure may take longer than the time in which it counts, if that began with the question.
#[tokio::test]
async fn a_provider_that_was_silent_is_left_alone_from_the_end_of_its_silence() {
    let ground = Ground::new().await;
    ground.provider.misbehave(|w| w.trouble = Some((EidEndpoint::Description, EidTrouble::Never)));
    let secret = "s".repeat(43);
    let waits = ground.start(EidPurpose::SignIn, &secret);
    let meanwhile = async {
        while ground.provider.counts().descriptions == 0 {
            tokio::task::yield_now().await;
        }
        ground.pass(TimeSpan::seconds(6));
    };
    let (start, ()) = tokio::join!(waits, meanwhile);
    assert_eq!(word(&start), "unavailable");
    let start = ground.start(EidPurpose::SignIn, &secret).await;
    assert_eq!((word(&start), ground.provider.counts().descriptions), ("unavailable".into(), 1));
}

#[tokio::test]
async fn a_description_that_leads_astray_is_not_followed() {
    for (name, lie) in [
        ("another issuer", ("issuer", Some(json!("https://evil.example")))),
        ("no token endpoint", ("token_endpoint", None)),
        ("no keys", ("jwks_uri", None)),
        ("a file", ("token_endpoint", Some(json!("file:///etc/passwd")))),
        ("another kind of page", ("authorization_endpoint", Some(json!("javascript:alert(1)")))),
    ] {
        let ground = Ground::new().await;
        ground.provider.misbehave(|wrong| wrong.description = vec![lie]);
        let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await;
        assert_eq!(word(&start), "unavailable", "{name}");
        assert_eq!(ground.provider.counts().tokens, 0, "{name}");
    }
}

#[tokio::test]
async fn new_keys_are_fetched_at_once_and_made_up_ones_make_nobody_fetch() {
    let ground = Ground::new().await;
    ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!(ground.provider.counts().keys, 1);
    ground.provider.rotate_keys().unwrap();
    ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!((ground.provider.counts().keys, ground.provider.counts().descriptions), (2, 1));
    ground.provider.misbehave(|wrong| wrong.signing = EidSigning::ByUnknownKey);
    for _ in 0..10 {
        assert_eq!(word(&ground.sign_in(1, &aida()).await), "signature");
    }
    assert_eq!(ground.provider.counts().keys, 2, "within the interval");
    ground.pass(TimeSpan::minutes(2));
    assert_eq!(word(&ground.sign_in(1, &aida()).await), "signature");
    assert_eq!(ground.provider.counts().keys, 3);
    // A key that was withdrawn is not trusted for long.
    ground.provider.misbehave(|wrong| *wrong = EidMisbehaviour::default());
    ground.pass(TimeSpan::hours(2));
    ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!(ground.provider.counts().descriptions, 2);
}

#[tokio::test]
async fn a_person_who_was_authenticated_less_well_is_refused() {
    let ground = Ground::with(|eid| eid.acr = Some(ACR.to_owned()), true).await;
    assert_eq!(word(&ground.sign_in(1, &aida()).await), "in");
    let mut weak = aida();
    weak.acr = "urn:kg:eid:low".to_owned();
    assert_eq!(word(&ground.sign_in(1, &weak).await), "acr");
    ground.provider.misbehave(|wrong| wrong.claims = vec![("acr", None)]);
    assert_eq!(word(&ground.sign_in(1, &aida()).await), "acr");
    let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await.unwrap();
    assert!(start.authorization_url.contains("acr_values=urn%3Akg%3Aeid%3Ahigh"));
}

#[tokio::test]
async fn what_the_user_info_says_is_of_the_same_person_or_of_nobody() {
    let ground = Ground::with(|_| {}, false).await;
    let session = ground.sign_in(1, &aida()).await.unwrap();
    let identity = &ground.services.state.identity;
    assert_eq!(identity.pin_of(session.person).await.unwrap().unwrap().digits(), PIN);
    for (lie, expected) in [
        (("sub", Some(json!("somebody-else"))), "subject"),
        (("sub", None), "unavailable"),
        (("pin", Some(json!("1"))), "claims"),
        (("pin", Some(json!("11503199012345"))), "identity pin_differs"),
    ] {
        ground.provider.misbehave(|wrong| wrong.user_info = vec![lie.clone()]);
        assert_eq!(word(&ground.sign_in(1, &aida()).await), expected, "{lie:?}");
    }
}
