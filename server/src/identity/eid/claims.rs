//! A person, read out of what the provider says of them.

use super::fault::EidFault;
use crate::identity::proven::{ProvenIdentity, Provider};
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims, StandardClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::text;
use toruk_sync::protocol::limits::NAME_CHARS_MAX;

/// Longest name of a person at the provider, in characters (OpenID Connect Core 1.0, section 2).
const SUBJECT_CHARS_MAX: usize = 255;

/// The claims that the state's provider adds to the standard ones. `Debug` names nobody.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct EidClaims {
    /// The personal number (ПИН). Of any type, so that a wrong one is refused as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<Value>,
}

impl fmt::Debug for EidClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EidClaims").field("pin", &self.pin.is_some()).finish()
    }
}

impl AdditionalClaims for EidClaims {}

impl EidClaims {
    /// Returns `true` if there is a personal number, well formed or not.
    pub fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    fn pin(&self) -> Result<Option<Pin>, EidFault> {
        match &self.pin {
            None => Ok(None),
            Some(Value::String(digits)) => {
                Pin::parse(digits).map(Some).map_err(|_| EidFault::Claims)
            }
            Some(_) => Err(EidFault::Claims),
        }
    }
}

/// The standard claims that name a person, of a token or of the provider's user info.
pub struct Naming<'a> {
    subject: &'a str,
    name: Option<&'a str>,
    family: Option<&'a str>,
    given: Option<&'a str>,
    middle: Option<&'a str>,
}

/// Both kinds of claims have the same methods, and no trait for them.
macro_rules! naming {
    ($claims:ident) => {
        Naming {
            subject: $claims.subject().as_str(),
            name: $claims.name().and_then(|names| names.get(None)).map(|name| name.as_str()),
            family: $claims.family_name().and_then(|all| all.get(None)).map(|name| name.as_str()),
            given: $claims.given_name().and_then(|all| all.get(None)).map(|name| name.as_str()),
            middle: $claims.middle_name().and_then(|all| all.get(None)).map(|name| name.as_str()),
        }
    };
}

impl<'a> From<&'a IdTokenClaims<EidClaims, CoreGenderClaim>> for Naming<'a> {
    fn from(claims: &'a IdTokenClaims<EidClaims, CoreGenderClaim>) -> Self {
        naming!(claims)
    }
}

impl<'a> From<&'a StandardClaims<CoreGenderClaim>> for Naming<'a> {
    fn from(claims: &'a StandardClaims<CoreGenderClaim>) -> Self {
        naming!(claims)
    }
}

/// The person of verified claims of `issuer`.
///
/// # Errors
/// [`EidFault::Subject`], [`EidFault::Claims`].
pub fn person(
    issuer: &str,
    naming: &Naming<'_>,
    own: &EidClaims,
) -> Result<ProvenIdentity, EidFault> {
    let subject = naming.subject;
    let is_subject = !subject.is_empty()
        && subject.len() <= SUBJECT_CHARS_MAX
        && subject.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_subject {
        return Err(EidFault::Subject);
    }
    let name = text::line(&text::clean(&full_name(naming)), NAME_CHARS_MAX);
    Ok(ProvenIdentity {
        provider: Provider::Eid,
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        pin: own.pin()?,
        name: name.map_err(|_| EidFault::Claims)?,
        organisation: None,
    })
}

/// The name in the order of the state's papers: family, given, middle name.
fn full_name(naming: &Naming<'_>) -> String {
    match (naming.family, naming.given) {
        (Some(family), Some(given)) => {
            let middle = naming.middle.filter(|name| !name.is_empty());
            [family, given].into_iter().chain(middle).collect::<Vec<_>>().join(" ")
        }
        _ => naming.name.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: Value) -> Result<ProvenIdentity, EidFault> {
        let standard: StandardClaims<CoreGenderClaim> =
            serde_json::from_value(claims.clone()).unwrap();
        let own = serde_json::from_value(claims).unwrap();
        person("https://eid.example", &Naming::from(&standard), &own)
    }

    #[test]
    fn a_person_has_a_subject_a_name_and_a_number_or_is_none() {
        let pin = "21503199012345";
        for (claims, expected) in [
            (json!({"sub": "1", "name": "Асанова Айгүл"}), Ok(("Асанова Айгүл", None))),
            (
                json!({"sub": "1", "name": "A", "family_name": "Асанова", "given_name": "Айгүл",
                       "middle_name": "Бековна", "pin": pin}),
                Ok(("Асанова Айгүл Бековна", Some(pin))),
            ),
            (json!({"sub": "1", "family_name": "Асанова", "name": "А"}), Ok(("А", None))),
            (json!({"sub": "1"}), Err(EidFault::Claims)),
            (json!({"sub": "1", "name": " \u{202e} "}), Err(EidFault::Claims)),
            (json!({"sub": "1", "name": "а".repeat(201)}), Err(EidFault::Claims)),
            (json!({"sub": "", "name": "А"}), Err(EidFault::Subject)),
            (json!({"sub": "a b", "name": "А"}), Err(EidFault::Subject)),
            (json!({"sub": "1".repeat(256), "name": "А"}), Err(EidFault::Subject)),
            (json!({"sub": "1", "name": "А", "pin": "2150319901234X"}), Err(EidFault::Claims)),
            (json!({"sub": "1", "name": "А", "pin": 21503199012345_i64}), Err(EidFault::Claims)),
            (json!({"sub": "1", "name": "А", "pin": ["1"]}), Err(EidFault::Claims)),
        ] {
            let found = read(claims.clone());
            let found = found
                .as_ref()
                .map(|proven| (proven.name.as_str(), proven.pin.as_ref().map(|pin| pin.digits())));
            assert_eq!(found.map_err(|fault| *fault), expected, "{claims}");
        }
    }

    #[test]
    fn what_is_printed_of_claims_is_no_number() {
        let claims: EidClaims = serde_json::from_value(json!({"pin": "21503199012345"})).unwrap();
        assert_eq!(format!("{claims:?}"), "EidClaims { pin: true }");
    }
}
