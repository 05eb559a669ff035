//! The rules by which the provider gives codes and tokens out, and its lies about them.

use super::book::{EidBook, EidFields, EidGrant, EidPerson};
use super::keys::{KeyRing, access_token_hash, encode};
use super::wrongs::{EidClient, EidClock, EidCounts, EidMisbehaviour, lie, lock};
use ring::digest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Life of an id token, seconds.
const TOKEN_LIFE_S: i64 = 300;

/// State that the routes share.
pub(super) struct EidDesk {
    pub(super) issuer: String,
    pub(super) client: EidClient,
    pub(super) clock: EidClock,
    /// The personal number and the names are in the id token, not in the user info alone.
    pub(super) names_in_token: bool,
    /// Those who can sign in on the provider's page.
    pub(super) people: Mutex<Vec<EidPerson>>,
    pub(super) book: Mutex<EidBook>,
    pub(super) keys: Mutex<KeyRing>,
    pub(super) misbehaviour: Mutex<EidMisbehaviour>,
    pub(super) counts: Mutex<EidCounts>,
    pub(super) stopping: CancellationToken,
}

impl EidDesk {
    /// The person agrees; returns what the browser takes back.
    pub(super) fn authorize(
        &self,
        query: &BTreeMap<String, String>,
        person: &EidPerson,
    ) -> Result<EidFields, &'static str> {
        let field = |name: &str| query.get(name).cloned().ok_or("a parameter is missing");
        let is = |name: &str, value: &str| query.get(name).is_some_and(|found| found == value);
        if !is("client_id", &self.client.id) || !is("redirect_uri", &self.client.redirect_uri) {
            return Err("unknown client or address");
        }
        if !is("response_type", "code") || !is("code_challenge_method", "S256") {
            return Err("only codes, with PKCE");
        }
        if !field("scope")?.split(' ').any(|scope| scope == "openid") {
            return Err("the scope has no openid");
        }
        let grant = EidGrant {
            person: person.clone(),
            nonce: field("nonce")?,
            challenge: field("code_challenge")?,
            redirect_uri: field("redirect_uri")?,
            auth_time: (self.clock)(),
            is_used: false,
        };
        let state = field("state")?;
        let code = lock(&self.book).give_out(grant);
        let iss = lock(&self.misbehaviour).iss.clone();
        let iss =
            iss.map_or_else(|| Some(self.issuer.clone()), |lie| (!lie.is_empty()).then_some(lie));
        Ok(EidFields { state, code, iss })
    }

    /// Redeems a code: the body of the answer, or OAuth's name of the refusal.
    pub(super) fn redeem(&self, form: &BTreeMap<String, String>) -> Result<Value, &'static str> {
        let wrong = lock(&self.misbehaviour).clone();
        if form.get("grant_type").map(String::as_str) != Some("authorization_code") {
            return Err("unsupported_grant_type");
        }
        let code = form.get("code").ok_or("invalid_request")?;
        let mut book = lock(&self.book);
        let grant = book.codes.get_mut(code).ok_or("invalid_grant")?;
        let verifier = form.get("code_verifier").ok_or("invalid_grant")?;
        let challenge = encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
        let fits = !grant.is_used
            && challenge == grant.challenge
            && form.get("redirect_uri") == Some(&grant.redirect_uri);
        if !fits && !wrong.takes_any_code {
            return Err("invalid_grant");
        }
        grant.is_used = true;
        let grant = grant.clone();
        let access = book.name("access");
        book.access.insert(access.clone(), grant.person.clone());
        drop(book);
        let now = (self.clock)();
        let mut claims = json!({
            "iss": self.issuer,
            "sub": grant.person.sub,
            "aud": self.client.id,
            "exp": now + TOKEN_LIFE_S,
            "iat": now,
            "auth_time": grant.auth_time,
            "nonce": grant.nonce,
            "acr": grant.person.acr,
            "at_hash": access_token_hash(&access),
        });
        if self.names_in_token {
            name(&mut claims, &grant.person);
        }
        lie(&mut claims, &wrong.claims);
        let token = lock(&self.keys).sign(wrong.signing, &self.client.secret, &claims);
        let given = if wrong.other_access_token { format!("{access}0") } else { access };
        let mut body = json!({ "access_token": given, "token_type": "Bearer", "expires_in": 300 });
        if !wrong.without_id_token {
            body["id_token"] = json!(token);
        }
        Ok(body)
    }

    /// What the provider says of the bearer of an access token.
    pub(super) fn user_info(&self, access: &str) -> Option<Value> {
        let person = lock(&self.book).access.get(access).cloned()?;
        let mut claims = json!({ "sub": person.sub });
        name(&mut claims, &person);
        lie(&mut claims, &lock(&self.misbehaviour).user_info);
        Some(claims)
    }
}

fn name(claims: &mut Value, person: &EidPerson) {
    claims["family_name"] = json!(person.family_name);
    claims["given_name"] = json!(person.given_name);
    claims["middle_name"] = json!(person.middle_name);
    claims["name"] = json!(format!("{} {}", person.given_name, person.family_name));
    if let Some(pin) = &person.pin {
        claims["pin"] = json!(pin);
    }
}
