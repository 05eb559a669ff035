//! Officials link their eID, and sign in to the console by it: over HTTP, as a browser without
//! scripts does, and every wrong way.

use super::pages::{form, send, text};
use super::{Ground, PIN, aida, named, word};
use crate::outside::eid::{EidFields, EidPerson};
use crate::people::{Member, member, recorded};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use toruk_server::identity::{ConsoleEid, EidReturn, Error, OwnAccess, Revocation, Role};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::EidPurpose;
use toruk_sync::protocol::identity::{Challenge, ChallengePurpose, FinishCeremony};

const ORIGIN: &str = "http://localhost:8080";

/// A browser: it keeps cookies, and posts this site's forms.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    fn of(token: &str) -> Self {
        Self(BTreeMap::from([("toruk_session".to_owned(), token.to_owned())]))
    }

    async fn post(&mut self, ground: &Ground, path: &str, kind: &str, body: String) -> Response {
        let cookies: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookies.join("; "))
            .body(Body::from(body))
            .unwrap();
        let response = send(&ground.services.state, request).await;
        for set in response.headers().get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
        response
    }

    async fn submit(&mut self, ground: &Ground, path: &str, fields: &[(&str, &str)]) -> Response {
        let url = reqwest::Url::parse_with_params("http://a/", fields).unwrap();
        let body = url.query().unwrap_or_default().to_owned();
        self.post(ground, path, "application/x-www-form-urlencoded", body).await
    }

    async fn json(&mut self, ground: &Ground, path: &str, body: &Value) -> Response {
        self.post(ground, path, "application/json", body.to_string()).await
    }

    /// Follows the page to eID, comes back, and sends the form that the page has.
    async fn through_eid(&mut self, ground: &Ground, url: &str, who: &EidPerson) -> Response {
        let fields = ground.provider.sign_in(url, who).unwrap();
        let iss = fields.iss.unwrap_or_default();
        let posted = [("state", &*fields.state), ("code", &*fields.code), ("iss", &*iss)];
        let page = send(&ground.services.state, form(&posted)).await;
        assert_eq!(page.status(), StatusCode::OK);
        let header = |name| page.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("form-action 'self'"));
        assert_eq!(header("referrer-policy"), "origin");
        let page = text(page).await;
        let action = attribute(&page, "<form method=\"post\" action=\"");
        let names = ["state", "code", "iss"];
        let values = names.map(|name| attribute(&page, &format!("name=\"{name}\" value=\"")));
        let fields: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
        self.submit(ground, &action, &fields).await
    }

    async fn sign_in(&mut self, ground: &Ground, who: &EidPerson) -> Response {
        let page = text(self.submit(ground, "/console/sign-in/eid", &[]).await).await;
        let url = attribute(&page, "role=\"button\" href=\"");
        self.through_eid(ground, &url, who).await
    }

    fn session(&self) -> &str {
        self.0.get("toruk_session").map_or("", String::as_str)
    }
}

fn attribute(page: &str, before: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("{before} is not in {page}"));
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

async fn link(ground: &Ground, own: &mut Member, who: &EidPerson) -> Response {
    let mut browser = Browser::of(&own.token);
    let challenge = text(browser.json(ground, "/console/access/eid/start", &json!({})).await).await;
    let challenge: Challenge = serde_json::from_str(&challenge).unwrap();
    assert!(ChallengePurpose::LinkEid.is_of(&challenge.options));
    let FinishCeremony { ceremony, credential, .. } = own.browser.get(&challenge, &own.passkey);
    let answer = json!({ "ceremony": ceremony, "credential": credential });
    let onward = text(browser.json(ground, "/console/access/eid/confirm", &answer).await).await;
    let onward: Value = serde_json::from_str(&onward).unwrap();
    browser.through_eid(ground, onward["url"].as_str().unwrap(), who).await
}

fn location(response: &Response) -> &str {
    response.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
}

/// What the page at the callback hands over.
fn back(fields: EidFields) -> EidReturn {
    let EidFields { state, code, iss } = fields;
    EidReturn { state, code: Some(code), iss, error: None }
}

async fn unlink(ground: &Ground, own: &mut Member) -> Result<(), Error> {
    let identity = &ground.services.state.identity;
    let challenge = identity.start_end_of_own(own.official.person, OwnAccess::Eid {}).await?;
    let FinishCeremony { ceremony, credential, .. } = own.browser.get(&challenge, &own.passkey);
    identity.finish_end_of_own(&own.official, &own.token, ceremony, credential).await
}

#[tokio::test]
async fn an_official_links_their_eid_signs_in_by_it_and_unlinks_it() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let mut own = member(state, None, Role::Moderator, "Эркин").await;
    let mut stranger = Browser::default();
    let refused = stranger.sign_in(&ground, &aida()).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "eID alone makes nobody an official");
    assert_eq!(stranger.session(), "");

    let linked = link(&ground, &mut own, &aida()).await;
    assert_eq!((linked.status(), location(&linked)), (StatusCode::SEE_OTHER, "/console/access"));
    let access = state.identity.own_access(&own.official, &own.token).await.unwrap();
    assert!(access.has_eid && access.eid.is_some());
    let person = own.official.person;
    assert_eq!(state.identity.pin_of(person).await.unwrap().unwrap().digits(), PIN);
    let names = state.identity.names(&[person]).await.unwrap();
    assert_eq!(names[&person], "Эркин", "an official is named by who invited them");

    ground.pass(TimeSpan::hours(1));
    let mut browser = Browser::default();
    let entered = browser.sign_in(&ground, &aida()).await;
    assert_eq!((entered.status(), location(&entered)), (StatusCode::SEE_OTHER, "/console"));
    let official = state.identity.official(browser.session()).await.unwrap();
    assert_eq!((official.person, official.roles), (person, own.official.roles.clone()));
    assert_eq!(browser.0["toruk_eid"], "", "the secret is forgotten");
    let by_eid = r#"{"provider":"eid"}"#;
    assert!(recorded(state, "staff.sign_in").await.iter().any(|(_, detail)| detail == by_eid));
    let used = state.identity.own_access(&own.official, &own.token).await.unwrap().eid.unwrap();
    assert_eq!(used.used_at - used.since, TimeSpan::hours(1));

    unlink(&ground, &mut own).await.unwrap();
    let ended = state.identity.official(browser.session()).await;
    assert!(matches!(ended, Err(Error::SignedOut)), "what it may have opened has ended");
    assert!(state.identity.official(&own.token).await.is_ok());
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::CONFLICT);
    assert_eq!(recorded(state, "person.unlink").await.len(), 1);
    assert!(state.identity.pin_of(person).await.unwrap().is_some(), "the human stays known");
    assert!(matches!(unlink(&ground, &mut own).await, Err(Error::Store(_))));
    // And it may be linked again.
    let again = link(&ground, &mut own, &aida()).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_human_links_one_officials_account_and_a_contradiction_is_recorded() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let mut first = member(state, None, Role::Moderator, "Эркин").await;
    let mut second = member(state, None, Role::Organiser, "Нургүл").await;
    assert_eq!(link(&ground, &mut first, &aida()).await.status(), StatusCode::SEE_OTHER);
    let renamed = named("aida-2", Some(PIN), "Асанова");
    for (name, who, words) in [
        ("the same identity", aida(), "башка эсеп"),
        ("the same human under another name of the provider", renamed, "башка эсеп"),
        ("a human without a number", named("bek", None, "Беков"), "eID"),
    ] {
        let refused = link(&ground, &mut second, &who).await;
        assert!(refused.status().is_client_error(), "{name}");
        let page = text(refused).await;
        assert!(page.contains(words), "{name}: {page}");
    }
    let object = format!("person:{}", second.official.person);
    let refused = recorded(state, "identity.refuse").await;
    let faults: Vec<&str> = refused
        .iter()
        .filter(|(of, _)| *of == object)
        .map(|(_, detail)| {
            ["\"taken", "\"pin_taken", "\"claims"].into_iter().find(|fault| detail.contains(fault))
        })
        .map(|fault| fault.unwrap_or("another"))
        .collect();
    assert_eq!(faults.len(), 3, "{refused:?}");
    // Their own other identity takes the place of the first; another human's does not.
    let other = named("bek", Some("11503199012345"), "Беков");
    assert!(link(&ground, &mut first, &other).await.status().is_client_error());
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::SEE_OTHER);
    let renamed = named("aida-2", Some(PIN), "Асанова");
    assert_eq!(link(&ground, &mut first, &renamed).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(browser.sign_in(&ground, &renamed).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::CONFLICT);
    // A number that has changed at the provider opens nothing.
    let changed = named("aida-2", Some("11503199012345"), "Асанова");
    assert_eq!(browser.sign_in(&ground, &changed).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_official_who_has_lost_their_roles_or_access_is_let_in_by_no_eid() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let mut own = member(state, None, Role::Moderator, "Эркин").await;
    link(&ground, &mut own, &aida()).await;
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::SEE_OTHER);
    let person = own.official.person;
    let role = Revocation::Role(person, Role::Moderator);
    state.identity.end_access(None, &role).await.unwrap();
    assert!(state.identity.official(browser.session()).await.is_err());
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(recorded(state, "identity.refuse").await.len(), 1);
    state.identity.end_access(None, &Revocation::Official(person)).await.unwrap();
    assert_eq!(browser.sign_in(&ground, &aida()).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_answer_counts_once_in_time_at_its_door_and_in_the_browser_that_asked() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    let mut own = member(&ground.services.state, None, Role::Moderator, "Эркин").await;
    link(&ground, &mut own, &aida()).await;
    let visit = async || {
        let ConsoleEid { url, secret } = identity.start_console_eid("ky").await.unwrap();
        let fields = ground.provider.sign_in(&url, &aida()).unwrap();
        (fields, secret)
    };
    let (fields, secret) = visit().await;
    let (other, other_secret) = visit().await;
    let phone = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    let with = |state: &EidFields, code: &EidFields| EidFields {
        state: state.state.clone(),
        code: code.code.clone(),
        iss: state.iss.clone(),
    };
    let mixed = EidFields { iss: Some("https://elsewhere.example".to_owned()), ..fields.clone() };
    let nothing = ground.stored().await;
    for (name, fields, secret, expected) in [
        ("another browser's secret", fields.clone(), &other_secret, "secret"),
        ("no secret", fields.clone(), &String::new(), "secret"),
        ("another browser's code", with(&fields, &other), &secret, "code"),
        ("another browser's state", with(&other, &fields), &secret, "secret"),
        ("a phone's answer", phone.fields.clone(), &phone.secret, "state"),
        ("another provider's answer", mixed, &secret, "issuer"),
    ] {
        let outcome = identity.finish_console_eid(back(fields), secret).await;
        assert_eq!(word(&outcome), expected, "{name}");
    }
    // A phone can do nothing with a browser's answer, either.
    let browsers = {
        let mut answer = phone.answer();
        (answer.state, answer.code) = (fields.state.clone(), fields.code.clone());
        answer.secret = secret.clone();
        answer
    };
    assert_eq!(word(&ground.finish(1, browsers).await), "state");
    assert_eq!(ground.stored().await, nothing);
    let honest = || back(fields.clone());
    assert_eq!(word(&identity.finish_console_eid(honest(), &secret).await), "in");
    assert_eq!(word(&identity.finish_console_eid(honest(), &secret).await), "code");
    ground.provider.misbehave(|wrong| wrong.takes_any_code = true);
    assert_eq!(word(&identity.finish_console_eid(honest(), &secret).await), "counted");
    ground.pass(TimeSpan::minutes(15));
    let late = identity.finish_console_eid(back(other), &other_secret).await;
    assert_eq!(word(&late), "state");
}

#[tokio::test]
async fn each_lie_of_the_provider_is_refused_at_the_console() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    let mut own = member(&ground.services.state, None, Role::Moderator, "Эркин").await;
    link(&ground, &mut own, &aida()).await;
    let hour_ago = ground.now().0 / 1_000_000 - 3_600;
    for (claim, value, expected) in [
        ("auth_time", Some(json!(hour_ago)), "auth_time"),
        ("auth_time", None, "auth_time"),
        ("nonce", Some(json!("another")), "nonce"),
        ("aud", Some(json!("another-client")), "audience"),
        ("iss", Some(json!("https://elsewhere.example")), "issuer"),
        ("exp", Some(json!(hour_ago)), "time"),
        ("azp", Some(json!("another-client")), "audience"),
        ("sub", Some(json!("")), "subject"),
        ("pin", Some(json!("11503199012345")), "identity pin_differs"),
    ] {
        let ConsoleEid { url, secret } = identity.start_console_eid("ky").await.unwrap();
        assert!(url.contains("prompt=login") && url.contains("max_age=0"));
        let fields = ground.provider.sign_in(&url, &aida()).unwrap();
        ground.provider.misbehave(|wrong| wrong.claims = vec![(claim, value.clone())]);
        let outcome = identity.finish_console_eid(back(fields), &secret).await;
        assert_eq!(word(&outcome), expected, "{claim}: {value:?}");
    }
}

#[tokio::test]
async fn a_link_is_finished_in_the_session_whose_passkey_has_answered() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let identity = &state.identity;
    let mut own = member(state, None, Role::Moderator, "Эркин").await;
    let mut other = member(state, None, Role::Organiser, "Нургүл").await;
    let second = crate::people::console_sign_in(identity, &mut own).await.unwrap();
    let (by, foreign) = (own.official.clone(), other.official.clone());
    // The passkey of another, the answer in another session, and one that was given to sign in.
    let challenge = identity.start_eid_link(&by, &own.token).await.unwrap();
    let wrong = other.browser.get(&challenge, &other.passkey);
    let right = own.browser.get(&challenge, &own.passkey);
    let sign_in = identity.start_console_sign_in().await.unwrap();
    let entry = own.browser.get(&sign_in, &own.passkey);
    let of = |answer: &FinishCeremony| (answer.ceremony, answer.credential.clone());
    for (who, token, answer) in [
        (&by, &own.token, of(&wrong)),
        (&foreign, &other.token, of(&right)),
        (&by, &second, of(&right)),
        (&by, &own.token, of(&entry)),
    ] {
        let refused = identity.confirm_eid_link(who, token, answer, "ky").await;
        assert!(matches!(refused, Err(Error::CeremonyFailed)));
    }
    let led = identity.confirm_eid_link(&by, &own.token, of(&right), "ky").await.unwrap();
    let twice = identity.confirm_eid_link(&by, &own.token, of(&right), "ky").await;
    assert!(matches!(twice, Err(Error::CeremonyFailed)));
    let fields = ground.provider.sign_in(&led.url, &aida()).unwrap();
    let signs = identity.start_console_eid("ky").await.unwrap();
    let signing = ground.provider.sign_in(&signs.url, &aida()).unwrap();
    for (name, who, token, fields, secret, expected) in [
        ("in another session", &by, &second, &fields, &led.secret, "state"),
        ("by another official", &foreign, &other.token, &fields, &led.secret, "state"),
        ("another browser's secret", &by, &own.token, &fields, &signs.secret, "secret"),
        ("an answer to sign in", &by, &own.token, &signing, &signs.secret, "state"),
    ] {
        ground.provider.misbehave(|wrong| wrong.takes_any_code = true);
        let outcome = identity.finish_eid_link(who, token, (back(fields.clone()), secret)).await;
        assert_eq!(word(&outcome), expected, "{name}");
    }
    let outcome = identity.finish_console_eid(back(fields.clone()), &led.secret).await;
    assert_eq!(word(&outcome), "state", "an answer to link signs nobody in");
    assert!(identity.own_access(&by, &own.token).await.unwrap().eid.is_none());
    let linked =
        identity.finish_eid_link(&by, &own.token, (back(fields.clone()), &led.secret)).await;
    assert_eq!(word(&linked), "in");
    let replayed = identity.finish_eid_link(&by, &own.token, (back(fields), &led.secret)).await;
    assert_eq!(word(&replayed), "counted");
}

#[tokio::test]
async fn who_turns_back_at_the_provider_is_led_back_to_the_page_and_told_why() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let led = state.identity.start_console_eid("ru").await.unwrap();
    let fields = ground.provider.sign_in(&led.url, &aida()).unwrap();
    let sealed = fields.state.as_str();
    let way = "href=\"/console/sign-in\"";
    for (error, words) in [("access_denied", "не согласились"), ("server_error", "не смог")]
    {
        let page = send(state, form(&[("state", sealed), ("error", error)])).await;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST);
        let page = text(page).await;
        assert!(page.contains(words) && page.contains(way) && !page.contains("<form"), "{page}");
    }
    ground.pass(TimeSpan::minutes(15));
    let late = text(send(state, form(&[("state", sealed), ("code", "1")])).await).await;
    assert!(late.contains("Время вышло. Начните заново.") && late.contains(way), "{late}");
    // A foreign page can neither begin nor end a sign-in here.
    let foreign =
        Request::post("/console/sign-in/eid").header(header::ORIGIN, "https://eid.example");
    let foreign = send(state, foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}
