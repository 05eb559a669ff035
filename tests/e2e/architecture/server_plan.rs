//! The server's rooms, lowest first: ground, features, the web, the console, the roof.
//!
//! A feature has up to five kinds of rooms. `auction` is its service and the service's files,
//! `auction::store` its rows, `auction::routes` and `identity::extract` what speaks HTTP, and
//! [`PLAIN`] modules are types without behaviour that a store shares with its service.

use std::collections::{BTreeMap, BTreeSet};
use toruk_source::walls::{Knot, Never, Plan};

/// What the features stand on.
const GROUND: &[&str] = &[
    "address",
    "arrivals",
    "clock",
    "config",
    "context",
    "db",
    "disk",
    "doctor",
    "entity",
    "ids",
    "lock",
    "metrics",
    "pdf",
    "person_keys",
    "person_secrets",
    "person_texts",
    "ports",
    "rate_limits",
    "reach",
    "receipt_key",
    "workbook",
];

/// The part of the ground that a store may know: nothing that reaches outside of the database.
const BELOW_STORES: &[&str] = &["clock", "db", "entity", "ids"];

/// Allowed calls between features: the caller, then the features whose services it may call.
const MAY_CALL: &[(&str, &[&str])] = &[
    ("application", &["audit", "blob", "catalogue", "draft", "identity", "push", "signature"]),
    (
        "auction",
        &[
            "application",
            "audit",
            "catalogue",
            "deposit",
            "identity",
            "push",
            "rulebook",
            "signature",
        ],
    ),
    ("audit", &[]),
    ("blob", &["draft", "identity"]),
    ("catalogue", &["audit", "identity"]),
    ("deposit", &["application", "audit", "catalogue", "identity", "push", "rulebook"]),
    ("draft", &["identity"]),
    ("feed", &["application", "auction", "catalogue", "deposit", "draft", "identity"]),
    ("identity", &["audit", "push", "signature"]),
    // Only its route, to say whose phone it is; nothing else of it knows people.
    ("push", &["identity"]),
    ("rulebook", &["audit", "identity"]),
    ("signature", &[]),
];

/// Modules of plain types, known to their own store and to every feature.
const PLAIN: &[&str] = &[
    "audit::action",
    "audit::entry",
    "blob::upload",
    "catalogue::rows",
    "deposit::bank",
    "deposit::reconciled_day",
    "identity::caller",
    "identity::ceremony",
    "identity::firm",
    "identity::proven",
    "identity::role",
    "push::notice",
    "rulebook::profiles",
];

/// Rooms of a feature that speak HTTP.
const HTTP_ROOMS: &[&str] = &["routes", "extract"];

const KNOTS: &[Knot] = &[];

pub fn plan() -> Plan {
    Plan {
        name: "toruk_server",
        folder: "server/src",
        room,
        may_know: may_know(),
        never: never(),
        knots: KNOTS,
    }
}

fn never() -> Vec<Never> {
    let never = |room, paths| Never { room, paths, except: &[] };
    let mut all = vec![
        never("*::routes", &["sea_orm", "rusqlite"]),
        never("*::extract", &["sea_orm", "rusqlite"]),
        never("console", &["sea_orm", "rusqlite"]),
        never("site", &["sea_orm", "rusqlite"]),
        never("*::store", &["axum", "reqwest", "toruk_migrations"]),
        never("entity", &["axum", "toruk_sync"]),
    ];
    all.extend(features().chain(GROUND.iter().copied()).map(|room| never(room, &["axum"])));
    all
}

fn features() -> impl Iterator<Item = &'static str> {
    MAY_CALL.iter().map(|(feature, _)| *feature)
}

fn room(module: &str) -> String {
    let mut names = module.split("::");
    let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let both = format!("{first}::{second}");
    let apart = features().any(|feature| feature == first)
        && (HTTP_ROOMS.contains(&second) || second == "store" || PLAIN.contains(&both.as_str()));
    match first {
        "" => "lib".to_owned(),
        _ if apart => both,
        _ => first.to_owned(),
    }
}

fn may_know() -> BTreeMap<String, BTreeSet<String>> {
    let set = |names: &[&[&str]]| -> BTreeSet<String> {
        names.iter().flat_map(|names| names.iter()).map(|name| (*name).to_owned()).collect()
    };
    let all: Vec<&str> = features().collect();
    let http_ground = &["identity::extract", "web"];
    let mut table = BTreeMap::new();
    for room in GROUND {
        // Not the database's rows: entities are data, and know nothing.
        let ground = if *room == "entity" { set(&[]) } else { set(&[GROUND]) };
        table.insert((*room).to_owned(), ground);
    }
    for room in PLAIN {
        table.insert((*room).to_owned(), set(&[BELOW_STORES, PLAIN]));
    }
    for (feature, friends) in MAY_CALL {
        let store = format!("{feature}::store");
        let own: BTreeSet<String> = [(*feature).to_owned()].into();
        let mut service = set(&[GROUND, friends, PLAIN]);
        service.remove("entity");
        let mut http = set(&[GROUND, friends, PLAIN, http_ground]);
        http.remove("entity");
        http.extend(own);
        let mut plain = PLAIN.to_vec();
        plain.retain(|room| room.starts_with(&format!("{feature}::")));
        table.insert(store.clone(), set(&[BELOW_STORES, &plain]));
        for room in HTTP_ROOMS {
            table.insert(format!("{feature}::{room}"), http.clone());
        }
        service.insert(store);
        table.insert((*feature).to_owned(), service);
    }
    let mut ground = GROUND.to_vec();
    ground.retain(|room| *room != "entity");
    table.insert("web".to_owned(), set(&[&ground]));
    table.insert("console".to_owned(), set(&[&ground, &all, PLAIN, http_ground, &["state"]]));
    let shown = set(&[&ground, &["catalogue", "catalogue::rows", "console", "state", "web"]]);
    table.insert("site".to_owned(), shown);
    table.insert("worker".to_owned(), set(&[&ground, &all, &["state"]]));
    table.insert(
        "cli".to_owned(),
        set(&[&ground, &["deposit", "identity", "identity::role", "push", "state"]]),
    );
    table.insert("state".to_owned(), set(&[&ground, &all]));
    let mut http: BTreeSet<String> = HTTP_ROOMS
        .iter()
        .flat_map(|room| all.iter().map(move |feature| format!("{feature}::{room}")))
        .collect();
    http.extend(set(&[&ground, &all, PLAIN, http_ground, &["console", "site", "state"]]));
    table.insert("router".to_owned(), http.clone());
    http.extend(set(&[&["cli", "lib", "state", "router", "worker"]]));
    table.insert("main".to_owned(), http.clone());
    http.remove("lib");
    table.insert("lib".to_owned(), http);
    table
}
