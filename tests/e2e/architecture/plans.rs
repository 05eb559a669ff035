//! The rooms of the smaller crates. Who may know whom between crates is Cargo's to say.

use std::collections::{BTreeMap, BTreeSet};
use toruk_source::walls::{Knot, Never, Plan};

type Rooms = &'static [(&'static str, &'static [&'static str])];

fn table(rooms: Rooms) -> BTreeMap<String, BTreeSet<String>> {
    let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    rooms.iter().map(|(room, names)| ((*room).to_owned(), known(names))).collect()
}

fn never(room: &'static str, paths: &'static [&'static str]) -> Never {
    Never { room, paths, except: &[] }
}

fn first_name(module: &str) -> String {
    toruk_source::graph::room(module, 1)
}

/// Rules are functions of their arguments: no clock, no chance, no I/O.
pub fn sync() -> Plan {
    const ROOMS: Rooms = &[
        ("canonical", &[]),
        ("domain", &[]),
        ("draft", &["domain"]),
        ("lib", &[]),
        ("protocol", &["domain", "draft", "receipt", "signing"]),
        ("receipt", &["domain", "signing"]),
        ("signing", &["canonical", "domain", "draft"]),
        ("simulation", &["domain", "receipt", "signing"]),
        ("verify", &["domain", "receipt", "signing"]),
    ];
    const WORLD: &[&str] = &[
        "getrandom",
        "rand",
        "std::env",
        "std::fs",
        "std::io",
        "std::net",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "std::time::SystemTime",
        "tokio",
        "uuid::Uuid::new_v4",
        "uuid::Uuid::now_v7",
    ];
    Plan {
        name: "toruk_sync",
        folder: "sync/src",
        room: first_name,
        may_know: table(ROOMS),
        never: vec![never("*", WORLD)],
        knots: &[],
    }
}

/// The machine, of which the phone's engine knows nothing.
const PHONE_WORLD: &[&str] =
    &["reqwest", "rusqlite", "std::fs", "std::net", "std::thread", "tokio", "uniffi"];

/// The rooms of the phone's core, and what each may know.
const CORE_ROOMS: Rooms = &[
    (
        "api",
        &[
            "account_registry",
            "account_scope",
            "account_store",
            "device",
            "driver",
            "engine",
            "error",
            "events",
            "logging",
            "mutex",
            "obstacle",
            "overview",
            "papers",
            "platform",
            "store",
            "transport",
        ],
    ),
    ("account_registry", &["error", "store"]),
    ("account_scope", &[]),
    ("account_store", &["account_scope", "device", "engine", "error", "platform", "store"]),
    ("device", &["account_scope", "error", "platform"]),
    (
        "driver",
        &[
            "account_registry",
            "account_scope",
            "account_store",
            "engine",
            "error",
            "events",
            "mutex",
            "obstacle",
            "platform",
            "store",
            "transport",
        ],
    ),
    ("engine", &["error", "events", "obstacle", "overview", "store"]),
    ("error", &["platform", "store"]),
    ("events", &["obstacle", "overview"]),
    ("lib", &["api", "error", "obstacle"]),
    ("logging", &[]),
    ("mutex", &[]),
    ("obstacle", &[]),
    ("overview", &["obstacle"]),
    ("papers", &[]),
    ("platform", &["events", "transport"]),
    ("store", &["mutex", "platform"]),
    ("transport", &["mutex"]),
];

/// The engine decides, the driver performs, the store keeps, the API is what an app holds.
pub fn mobile_core() -> Plan {
    Plan {
        name: "toruk_mobile_core",
        folder: "mobile-core/src",
        room: first_name,
        may_know: table(CORE_ROOMS),
        never: vec![
            never("engine", PHONE_WORLD),
            never("engine", DISK),
            never("events", &["reqwest", "rusqlite", "tokio"]),
            never("store", &["reqwest", "tokio"]),
            never("api", &["reqwest", "rusqlite"]),
            never("driver", &["rusqlite"]),
        ],
        knots: &[],
    }
}

/// Modules of the phone's store that know files, SQLite or keys; the rest is what the engine reads
/// and writes.
const DISK: &[&str] = &[
    "crate::store::card_table",
    "crate::store::commit_counter",
    "crate::store::memory",
    "crate::store::migrate",
    "crate::store::rebuild",
    "crate::store::row_digest",
    "crate::store::rows",
    "crate::store::schema",
    "crate::store::seal",
    "crate::store::sqlite",
    "crate::store::wal",
];

/// A change knows no other change: history is not edited when code is.
pub fn migrations() -> Plan {
    const ROOMS: Rooms = &[
        ("append_only", &[]),
        ("change", &["append_only"]),
        ("lib", &["append_only", "change", "roles"]),
        ("main", &["lib", "roles"]),
        ("roles", &[]),
    ];
    Plan {
        name: "toruk_migrations",
        folder: "migrations/src",
        room: |module| {
            let name = first_name(module);
            let dated = name.strip_prefix('m').is_some_and(|rest| rest.starts_with("20"));
            if dated { "change".to_owned() } else { name }
        },
        may_know: table(ROOMS),
        never: vec![never("*", &["toruk_server", "toruk_sync"])],
        knots: &[],
    }
}

/// The modules that stand in for outside systems know nothing of Toruk; everything else drives the
/// world.
pub fn tests() -> Plan {
    const ROOMS: Rooms = &[
        (
            "bin",
            &[
                "bindings", "browser", "crash", "day", "output", "outside", "perf", "proof", "sim",
                "terminal", "world",
            ],
        ),
        ("bindings", &["day", "outside", "world"]),
        ("browser", &["world"]),
        ("crash", &["proof", "sim", "world"]),
        ("day", &["output", "outside", "world"]),
        ("lib", &[]),
        ("output", &[]),
        ("outside", &[]),
        ("perf", &["outside", "world"]),
        ("proof", &["outside", "world"]),
        ("sim", &["proof", "world"]),
        ("terminal", &["day", "output", "world"]),
        ("world", &["outside"]),
    ];
    const KNOTS: &[Knot] = &[Knot {
        from: "world",
        to: "day",
        reason: "the day's officials open the world's auction",
    }];
    Plan {
        name: "toruk_tests",
        folder: "tests/src",
        room: first_name,
        may_know: table(ROOMS),
        never: vec![Never {
            room: "outside",
            paths: &["toruk_mobile_core", "toruk_server", "toruk_sync"],
            // Times and money are plain values; the clock is injected, as in the server.
            except: &["toruk_server::clock", "toruk_sync::domain"],
        }],
        knots: KNOTS,
    }
}
