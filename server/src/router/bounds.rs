//! What values of requests may be: lengths, patterns and ranges, which the types alone do not say
//! and the server enforces. A client that keeps to them gets no `malformed`.
//!
//! # Why a table
//! The limits are constants of the crates, and the derived schemas take only literals: written
//! there, they would be said twice.

use serde_json::{Value, json};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::protocol::deposit::PROVIDER_ID_BYTES_MAX;
use toruk_sync::protocol::limits::{
    ACKED_MAX, CATALOGUE_CURSOR_BYTES_MAX, COOKIE_BYTES_MAX, DEVICE_NAME_CHARS_MAX, FOLLOW_MAX,
    NAME_CHARS_MAX, PAGE_MAX, PASSKEY_NAME_CHARS_MAX, PUSH_OPS_MAX,
};
use toruk_sync::protocol::web_push::WebPushSubscription;

/// A UUID in lower case, with its hyphens.
const ID: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
const HASH: &str = "^[0-9a-f]{64}$";
/// 64 or 65 bytes: a fixed-size signature, or an uncompressed point, of P-256.
const P256: &str = "^[A-Za-z0-9+/]{86}[A-Za-z0-9+/=]{2}$";
/// An auction, and perhaps the last record of it that the client has.
const FOLLOWED: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[0-9]{1,15})?$";
const LANGUAGE: [&str; 3] = ["ky", "ru", "en"];
/// WebAuthn's `PublicKeyCredential` as far as it is not for WebAuthn to say.
const CREDENTIAL: &str = "PublicKeyCredential";

/// Requests in which a variant of an enum takes nothing but what is described.
const CLOSED: [&str; 3] = ["AnswerAward", "Confirmation", "Operation"];

/// Says them in the description.
pub fn state_bounds(document: &mut Value) {
    state_credential(document);
    close_variants(document);
    state_ids(document);
    for (schema, property, bound) in of_properties() {
        let place = format!("/components/schemas/{schema}/properties/{property}");
        let place =
            if property.is_empty() { format!("/components/schemas/{schema}") } else { place };
        if let Some(described) = document.pointer_mut(&place) {
            add(described, bound);
        }
    }
    for operation in described(document) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            state_parameter(&id, parameter);
        }
    }
}

/// All operations of a description.
pub fn described(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut())
}

fn state_parameter(operation: &str, parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let Some(schema) = parameter.get_mut("schema") else { return };
    // A header or a part of a query is absent, never null.
    if let Some(kinds) = schema.get("type").and_then(Value::as_array) {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema["type"] = kind.unwrap_or_default();
    }
    let bound = of_parameters()
        .into_iter()
        .find(|(by, named, _)| *named == name && (by.is_empty() || *by == operation));
    if let Some((_, _, bound)) = bound {
        add(schema, bound);
    }
}

/// The bounds of schemas and their properties.
fn of_properties() -> Vec<(&'static str, &'static str, Value)> {
    let (hash, p256) = (json!({"pattern": HASH}), json!({"pattern": P256}));
    let language = json!({"enum": LANGUAGE});
    vec![
        ("Tyiyn", "", json!({"minimum": 0, "maximum": Tyiyn::MAX.get()})),
        ("StartRegistration", "name", json!({"minLength": 1, "maxLength": NAME_CHARS_MAX})),
        ("StartRegistration", "language", language.clone()),
        ("StartEid", "language", language.clone()),
        ("StartEid", "secret_hash", hash.clone()),
        ("StartEidConfirmation", "language", language),
        ("StartEidConfirmation", "secret_hash", hash.clone()),
        ("StartEidConfirmation", "digest", hash.clone()),
        ("NewDevice", "platform", json!({"enum": crate::identity::PLATFORMS})),
        ("NewDevice", "public_key", p256.clone()),
        ("FinishCeremony", "proof", p256.clone()),
        ("FinishCertificate", "proof", p256.clone()),
        ("FinishEid", "proof", p256.clone()),
        (
            "BeginPayment",
            "provider",
            json!({"pattern": format!("^[a-z0-9-]{{1,{PROVIDER_ID_BYTES_MAX}}}$")}),
        ),
        ("PlaceBid", "signature", p256),
        ("PushToken", "token", json!({"pattern": "^[!-~]{1,4096}$"})),
        ("WebPushSubscription", "endpoint", endpoint()),
        ("WebPushKeys", "p256dh", json!({"pattern": "^[A-Za-z0-9_-]{87}=?$"})),
        ("WebPushKeys", "auth", json!({"pattern": "^[A-Za-z0-9_-]{22}(==)?$"})),
        ("NameDevice", "name", json!({"minLength": 1, "maxLength": DEVICE_NAME_CHARS_MAX})),
        ("NamePasskey", "name", json!({"minLength": 1, "maxLength": PASSKEY_NAME_CHARS_MAX})),
        ("Push", "ops", json!({"maxItems": PUSH_OPS_MAX})),
        ("Pull", "acked", json!({"maxItems": ACKED_MAX})),
        ("Pull", "cookie", json!({"maxLength": COOKIE_BYTES_MAX})),
        ("FileRef", "sha256", hash.clone()),
        ("ApplicationPayload", "terms_hash", hash),
    ]
}

fn endpoint() -> Value {
    json!({"pattern": "^https://", "maxLength": WebPushSubscription::ENDPOINT_BYTES_MAX})
}

/// The bounds of parameters: the operation, or all if it is empty; the parameter's name.
fn of_parameters() -> Vec<(&'static str, &'static str, Value)> {
    let page = json!({"minimum": 1, "maximum": PAGE_MAX});
    let followed = json!({"type": "string", "pattern": FOLLOWED});
    let follow = json!({"maxItems": FOLLOW_MAX, "uniqueItems": true, "items": followed});
    vec![
        ("", "sha256", json!({"pattern": HASH})),
        ("", "language", json!({"enum": LANGUAGE})),
        ("list_auctions", "limit", page),
        ("list_auctions", "after", json!({"maxLength": CATALOGUE_CURSOR_BYTES_MAX})),
        ("get_log", "limit", json!({"minimum": 1, "maximum": crate::catalogue::routes::LOG_PAGE})),
        ("follow_auctions", "follow", follow),
        ("follow_auctions", "viewer", json!({"pattern": "^[A-Za-z0-9_-]{0,64}$"})),
        ("", "Tus-Resumable", json!({"enum": ["1.0.0"]})),
        ("get_log", "after", json!({"maximum": i64::MAX})),
    ]
}

/// Ids have one form wherever they stand.
fn state_ids(part: &mut Value) {
    if let Value::Object(object) = part {
        if object.get("format") == Some(&json!("uuid")) {
            object.insert("pattern".to_owned(), json!(ID));
        }
        object.values_mut().for_each(state_ids);
    } else if let Value::Array(items) = part {
        items.iter_mut().for_each(state_ids);
    }
}

/// A variant is one member of an object, its name; in a request its content has no other members
/// than it is described with.
fn close_variants(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    else {
        return;
    };
    for (name, schema) in schemas.iter_mut() {
        let content = CLOSED.iter().any(|closed| name.starts_with(closed) && name != closed);
        if content && schema["type"] == "object" {
            schema["additionalProperties"] = false.into();
        }
        let variants = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        for variant in variants.into_iter().flatten().filter_map(Value::as_object_mut) {
            let is_named = |members: &Value| members.as_object().is_some_and(|all| all.len() == 1);
            if variant.get("properties").is_some_and(is_named) {
                variant.insert("additionalProperties".to_owned(), false.into());
            }
        }
    }
}

/// A passkey's answer is an object of WebAuthn's, wherever it stands.
fn state_credential(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    else {
        return;
    };
    for schema in schemas.values_mut() {
        if let Some(credential) = schema.pointer_mut("/properties/credential") {
            *credential = json!({"$ref": format!("#/components/schemas/{CREDENTIAL}")});
        }
    }
    let text = json!({"type": "string", "minLength": 1});
    let described = json!({
        "description": "WebAuthn's `PublicKeyCredential` as JSON (WebAuthn Level 3, section 5.1).",
        "type": "object",
        "required": ["id", "rawId", "type", "response"],
        "properties": {
            "id": text, "rawId": text,
            "type": {"type": "string", "enum": ["public-key"]},
            "response": {"type": "object"},
        },
    });
    schemas.insert(CREDENTIAL.to_owned(), described);
}

fn add(described: &mut Value, bound: Value) {
    if let (Some(described), Value::Object(bound)) = (described.as_object_mut(), bound) {
        described.extend(bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_of_something_that_is_described() {
        let document = crate::router::openapi();
        for (schema, property, bound) in of_properties() {
            let mut place = format!("/components/schemas/{schema}");
            if !property.is_empty() {
                place = format!("{place}/properties/{property}");
            }
            let described = document.pointer(&place).unwrap_or(&Value::Null);
            for (name, value) in bound.as_object().unwrap() {
                assert_eq!(&described[name], value, "{place}");
            }
        }
        let parameters: Vec<_> = document["paths"].as_object().unwrap().values().collect();
        for (_, name, bound) in of_parameters() {
            let (name, bound) =
                (format!("\"name\":\"{name}\""), bound.as_object().unwrap().clone());
            let there = parameters.iter().any(|item| {
                let text = item.to_string();
                let said =
                    |(key, value): (&String, &Value)| text.contains(&format!("\"{key}\":{value}"));
                text.contains(&name) && bound.iter().all(said)
            });
            assert!(there, "{name}");
        }
    }
}
