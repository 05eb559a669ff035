//! What all operations of the API's description share: how a refusal looks, how a session is
//! named, that every response says what it is, and an example of every body.
//!
//! # Why
//! A rule that each of forty operations repeats is forgotten in the forty-first. An operation says
//! by `security(())` that it needs no session; without it, it needs one.

use super::bounds::{described, state_bounds};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use toruk_sync::protocol::problem::{PROBLEM_TYPE, ProblemBody};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, ObjectBuilder, OpenApi, Ref, RefOr, Schema};
use utoipa::{PartialSchema as _, ToSchema as _};

/// The security scheme's name, as `ApiDoc` demands it.
const SESSION: &str = "session";
/// The response of every refusal.
const PROBLEM: &str = "Problem";
const REFUSED: &str = "The request was refused or failed; `code` says why, `params` with what.";
/// Bodies of requests, by operation.
const EXAMPLES: &str = include_str!("examples.json");
/// What rows hold, by the kinds of `pull::kind`.
const ROWS: [&str; 7] = [
    "AuctionCard",
    "AuctionView",
    "ApplicationView",
    "DraftView",
    "OutcomeView",
    "ApplicationReceipt",
    "MemberSet",
];
/// The headers of a refusal, and when it has them.
const PROBLEM_HEADERS: [(&str, &str, &str); 4] = [
    ("Retry-After", "integer", "Seconds to wait; with 429 and 503."),
    ("RateLimit-Policy", "string", "How much is allowed, and in which time; with 429."),
    ("RateLimit", "string", "What is left, and the seconds until there is more; with 429."),
    ("WWW-Authenticate", "string", "`Bearer`; with 401."),
];

/// Completes the description after all routes are in it.
pub fn completed(mut document: OpenApi) -> Value {
    let parts = document.components.get_or_insert_default();
    let schema = Some(Ref::from_schema_name(ProblemBody::name()));
    let mut problem = Response::new(REFUSED);
    problem.content.insert(PROBLEM_TYPE.to_owned(), RefOr::T(Content::new(schema)));
    parts.responses.insert(PROBLEM.to_owned(), RefOr::T(problem));
    parts.schemas.entry(ProblemBody::name().into_owned()).or_insert_with(ProblemBody::schema);
    let mut schemas = Vec::new();
    ProblemBody::schemas(&mut schemas);
    for (name, schema) in schemas {
        parts.schemas.entry(name).or_insert(schema);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some("The `token` of a `Session`: 64 hexadecimal digits."));
    parts.add_security_scheme(SESSION, SecurityScheme::Http(bearer.build()));

    let meanings: BTreeMap<String, String> =
        parts.schemas.iter().map(|(name, schema)| (name.clone(), meaning(schema))).collect();
    for path in document.paths.paths.values_mut() {
        for operation in operations(path) {
            complete(operation, &meanings);
        }
    }
    let mut document = serde_json::to_value(document).unwrap_or_default();
    correct_schemas(&mut document);
    name_variants(&mut document);
    state_bounds(&mut document);
    state_headers(&mut document);
    state_rows(&mut document);
    state_hints(&mut document);
    give_examples(&mut document);
    document
}

/// A refusal's headers, and the tag of what a client may keep.
fn state_headers(document: &mut Value) {
    let headers = PROBLEM_HEADERS.iter().map(|(name, kind, meaning)| {
        ((*name).to_owned(), json!({"description": meaning, "schema": {"type": kind}}))
    });
    let headers: Map<String, Value> = headers.collect();
    if let Some(problem) = document.pointer_mut(&format!("/components/responses/{PROBLEM}")) {
        problem["headers"] = headers.into();
    }
    for operation in described(document) {
        let Some(responses) = operation["responses"].as_object_mut() else { continue };
        let tag = json!({"description": "Names this state of it.", "schema": {"type": "string"}});
        if responses.contains_key("304") {
            for (_, response) in responses.iter_mut().filter(|(status, _)| !status.ends_with("XX"))
            {
                response["headers"]["ETag"] = tag.clone();
            }
        }
    }
}

/// The content of a row is what its kind says; a client keeps those of kinds that it does not know.
fn state_rows(document: &mut Value) {
    let known = ROWS.map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
    let any = [known.to_vec(), vec![json!({"type": "object"})]].concat();
    if let Some(content) = document.pointer_mut("/components/schemas/Row/properties/v") {
        let meaning = content["description"].take();
        *content = json!({"description": meaning, "anyOf": any});
    }
}

/// What comes to a phone by push, and is asked for nowhere.
fn state_hints(document: &mut Value) {
    let came = |summary, operation, schema| {
        json!({"post": {
            "summary": summary,
            "operationId": operation,
            "tags": ["push"],
            "security": [{}],
            "requestBody": {"content": {"application/json": {
                "schema": {"$ref": format!("#/components/schemas/{schema}")},
            }}},
            "responses": {
                "200": {"description": "Nobody waits for an answer."},
                "4XX": {"$ref": format!("#/components/responses/{PROBLEM}")},
            },
        }})
    };
    let (hint, notice) =
        ("A push message's `hint`, as JSON text.", "A web push's content, opened.");
    document["webhooks"] = json!({
        "hint": came(hint, "receive_hint", "PushHint"),
        "notice": came(notice, "receive_notice", "WebPushNotice"),
    });
}

fn give_examples(document: &mut Value) {
    let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for operation in described(document) {
        let example = operation["operationId"].as_str().and_then(|id| examples.get(id)).cloned();
        let body = operation.pointer_mut("/requestBody/content/application~1json");
        if let (Some(body), Some(example)) = (body, example) {
            body["example"] = example;
        }
    }
}

fn complete(operation: &mut Operation, meanings: &BTreeMap<String, String>) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        correct_files(&mut body.content);
    }
    let responses = &mut operation.responses.responses;
    for class in ["4XX", "5XX"] {
        responses.insert(class.to_owned(), RefOr::Ref(Ref::from_response_name(PROBLEM)));
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        if response.description.is_empty() {
            response.description = meaning_of_body(response, meanings);
        }
        if status.starts_with(['4', '5']) {
            let schema = Some(Ref::from_schema_name(ProblemBody::name()));
            response.content.clear();
            response.content.insert(PROBLEM_TYPE.to_owned(), RefOr::T(Content::new(schema)));
        }
        correct_files(&mut response.content);
    }
}

/// A file is bytes, not an array of numbers.
fn correct_files<'a>(content: impl IntoIterator<Item = (&'a String, &'a mut RefOr<Content>)>) {
    for (kind, content) in content {
        let is_file = !kind.ends_with("json") && kind != "text/event-stream";
        if let (true, RefOr::T(content)) = (is_file, content) {
            let bytes = ObjectBuilder::new().schema_type(Type::String);
            let bytes = bytes.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
            content.schema = Some(RefOr::T(bytes.build().into()));
        }
    }
}

/// What generators misread: the keys of an object are text, also where they are written as numbers,
/// no further items are said as a schema, not as `false`, and a pair has two items. The data of an
/// event are text that holds JSON.
fn correct_schemas(part: &mut Value) {
    if let Value::Object(object) = part {
        if let Some(names) = object.get_mut("propertyNames")
            && names["type"] == "integer"
        {
            *names = json!({"type": "string", "pattern": "^[0-9]+$"});
        }
        if object.get("items") == Some(&Value::Bool(false)) {
            object.insert("items".to_owned(), json!({"not": {}}));
        }
        if let Some(length) = object.get("prefixItems").and_then(Value::as_array).map(Vec::len) {
            object.insert("minItems".to_owned(), length.into());
            object.insert("maxItems".to_owned(), length.into());
        }
        // A number of 32 bits without a sign is no `int32`.
        if object.get("format") == Some(&json!("int32")) && object.get("minimum") == Some(&json!(0))
        {
            object.insert("format".to_owned(), json!("int64"));
            object.insert("maximum".to_owned(), u32::MAX.into());
        }
        if let Some(event) = object.get_mut("text/event-stream") {
            let frame = event["schema"].take();
            event["schema"] = json!({
                "type": "object",
                "required": ["data"],
                "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {
                    "type": "string", "contentMediaType": "application/json", "contentSchema": frame,
                }},
            });
        }
        object.values_mut().for_each(correct_schemas);
    } else if let Value::Array(items) = part {
        items.iter_mut().for_each(correct_schemas);
    }
}

/// Gives the content of each variant of an enum a name of its own, `EventBidPlaced`: generators make
/// one type of each name, and some can't make two of a nested one.
fn name_variants(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    let Some(schemas) = schemas else { return };
    let mut named = Map::new();
    for (name, schema) in schemas.iter_mut() {
        let variants = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        let tagged = variants.into_iter().flatten().filter_map(|variant| {
            let properties = variant.get_mut("properties")?.as_object_mut()?;
            if properties.len() == 1 { properties.iter_mut().next() } else { None }
        });
        for (tag, content) in tagged.filter(|(_, content)| content["type"] == "object") {
            let part = format!("{name}{}", joined(tag));
            let reference = json!({"$ref": format!("#/components/schemas/{part}")});
            named.insert(part, std::mem::replace(content, reference));
        }
    }
    schemas.extend(named);
}

/// `bid_placed` as a type's name has it: `BidPlaced`.
fn joined(words: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    };
    words.split('_').map(capital).collect::<Vec<String>>().concat()
}

/// The description of a response's type, for a response that has none of its own.
fn meaning_of_body(response: &Response, meanings: &BTreeMap<String, String>) -> String {
    let content = response.content.values().find_map(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => {
            meanings.get(schema.ref_location.rsplit('/').next()?)
        }
        _ => None,
    });
    content.cloned().unwrap_or_else(|| "Done; the answer has no body.".to_owned())
}

fn meaning(schema: &RefOr<Schema>) -> String {
    let text = match schema {
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::OneOf(one)) => one.description.clone(),
        RefOr::T(Schema::Array(array)) => array.description.clone(),
        _ => None,
    };
    text.unwrap_or_default().split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, .. } = path;
    [get, put, post, delete, options, head, patch].into_iter().flatten()
}
