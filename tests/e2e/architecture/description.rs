//! The API's description as generators of clients need it.

use super::sources;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::protocol::pull::kind;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Every operation, by method and path.
fn operations(document: &Value) -> BTreeMap<String, Value> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let known = METHODS.iter().filter(|method| item.get(*method).is_some());
        known.map(move |method| (format!("{method} {path}"), item[method].clone()))
    });
    all.collect()
}

/// A verb and what it is done to: `place_bid`.
fn is_verb_and_resource(id: &str) -> bool {
    let words: Vec<_> = id.split('_').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 2 && words.iter().all(is_word)
}

#[test]
fn an_operation_has_a_name_of_its_own_a_section_and_its_refusals() {
    let document = toruk_server::router::openapi();
    let sections = document["tags"].as_array().unwrap().iter();
    let sections: BTreeSet<_> = sections.map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = BTreeSet::new();
    for (what, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(is_verb_and_resource(&name), "{what}: {name}");
        assert!(names.insert(name), "{what} shares its name");
        let section = operation["tags"][0].as_str().unwrap();
        assert!(sections.contains(section), "{what}: {section}");
        let responses = operation["responses"].as_object().unwrap();
        for class in ["4XX", "5XX"] {
            assert_eq!(responses[class]["$ref"], "#/components/responses/Problem", "{what}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| !status.ends_with("XX")) {
            let text = response["description"].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{what}: {status}");
            let has_body = response.get("content").is_some();
            assert!(!(has_body && text.contains("no body")), "{what}: {status} is not described");
        }
    }
}

#[test]
fn a_path_declares_the_parameters_that_it_has() {
    for (what, operation) in operations(&toruk_server::router::openapi()) {
        let named = what.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned());
        let none = Vec::new();
        let declared = operation["parameters"].as_array().unwrap_or(&none).iter();
        let declared = declared.filter(|parameter| parameter["in"] == "path");
        let declared = declared.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
        let (named, declared): (BTreeSet<_>, BTreeSet<_>) = (named.collect(), declared.collect());
        assert_eq!(named, declared, "{what}");
    }
}

/// The operations that need no session: a new one is entered here as well.
#[test]
fn only_what_is_public_needs_no_session() {
    let document = toruk_server::router::openapi();
    assert_eq!(document["security"][0]["session"], Value::Array(Vec::new()));
    let open = operations(&document).into_iter().filter(|(_, operation)| {
        operation["security"].as_array().is_some_and(|ways| {
            ways.iter().any(|way| way.as_object().is_some_and(serde_json::Map::is_empty))
        })
    });
    let open: Vec<_> = open.map(|(what, _)| what).collect();
    assert_eq!(
        open,
        [
            "get /v1/auctions",
            "get /v1/auctions/{id}",
            "get /v1/auctions/{id}/documents",
            "get /v1/auctions/{id}/documents/{sha256}",
            "get /v1/auctions/{id}/documents/{sha256}/thumbnail",
            "get /v1/auctions/{id}/log",
            "get /v1/auctions/{id}/openings",
            "get /v1/auctions/{id}/protocol.pdf",
            "get /v1/auctions/{id}/protocols/{sha256}",
            "get /v1/live",
            "get /v1/time",
            "get /v1/web-push",
            "options /v1/blobs",
            "post /v1/payments/callback",
            "post /v1/registrations",
            "post /v1/registrations/by-certificate",
            "post /v1/registrations/by-certificate/challenge",
            "post /v1/registrations/by-certificate/finish",
            "post /v1/registrations/by-code",
            "post /v1/registrations/by-code/finish",
            "post /v1/registrations/by-eid",
            "post /v1/registrations/by-eid/finish",
            "post /v1/registrations/finish",
            "post /v1/sessions",
            "post /v1/sessions/certificate",
            "post /v1/sessions/certificate/finish",
            "post /v1/sessions/eid",
            "post /v1/sessions/eid/finish",
            "post /v1/sessions/finish",
        ]
    );
}

/// What authors of clients read names whatever a server may answer.
#[test]
fn the_clients_page_names_each_code_each_reason_and_each_kind_of_row() {
    let page = std::fs::read_to_string(super::root().join("sync/README.md")).unwrap();
    let document = toruk_server::router::openapi();
    let mut named = vec![kind::CARD, kind::AUCTION, kind::APPLICATION, kind::DRAFT];
    named.extend([kind::OUTCOME, kind::FOLLOWED, kind::RECEIPT]);
    for schema in ["ProblemCode", "ResetReason"] {
        let values = &document["components"]["schemas"][schema]["enum"];
        named.extend(values.as_array().unwrap().iter().map(|value| value.as_str().unwrap()));
    }
    let missing: Vec<_> =
        named.into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Two types of one name would share one schema, and clients get one of them for both.
#[test]
fn each_described_type_has_a_name_of_its_own() {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in ["sync/src", "server/src"].into_iter().flat_map(sources) {
        let mut renamed = None;
        let mut is_described = false;
        for line in file.text.lines().map(str::trim) {
            if line.starts_with("#[") && line.contains("ToSchema") {
                is_described = true;
            }
            if let Some((_, rest)) = line.split_once("schema(as = ") {
                renamed = rest.split([')', ',']).next().map(str::to_owned);
            }
            let declared = line.trim_start_matches("pub ").split_once(' ');
            if let Some(("struct" | "enum", rest)) = declared {
                let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                let name = renamed.take().unwrap_or_else(|| rest[..end].to_owned());
                if std::mem::take(&mut is_described) {
                    named.entry(name).or_default().push(file.path.clone());
                }
            }
        }
    }
    assert!(named.len() > 80, "{} types", named.len());
    named.retain(|_, files| files.len() > 1);
    assert!(named.is_empty(), "{named:?}");
}
