//! An official's browser without scripts: it keeps cookies, posts this site's forms, and goes to eID
//! and back.

use super::Ground;
use super::pages::{form, send, text};
use crate::outside::eid::EidPerson;
use crate::people::Member;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use toruk_sync::protocol::identity::{Challenge, ChallengePurpose, FinishCeremony};

const ORIGIN: &str = "http://localhost:8080";

/// A browser: it keeps cookies, and posts this site's forms.
#[derive(Default)]
pub struct Browser(pub BTreeMap<String, String>);

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

    pub async fn sign_in(&mut self, ground: &Ground, who: &EidPerson) -> Response {
        let page = text(self.submit(ground, "/console/sign-in/eid", &[]).await).await;
        let url = attribute(&page, "role=\"button\" href=\"");
        self.through_eid(ground, &url, who).await
    }

    pub fn session(&self) -> &str {
        self.0.get("toruk_session").map_or("", String::as_str)
    }
}

fn attribute(page: &str, before: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("{before} is not in {page}"));
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

/// Links their eID to the official's account, as the page of their own access does.
pub async fn link(ground: &Ground, own: &mut Member, who: &EidPerson) -> Response {
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

pub fn location(response: &Response) -> &str {
    response.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
}
