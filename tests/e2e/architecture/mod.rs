//! The house stays in order: who may know whom, how long a file may be, what outsiders rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest source file, in lines.
const LINES_MAX: usize = 400;

/// Files over [`LINES_MAX`], each with its reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("server/src/auction/service.rs", "the one service all commands on an auction pass through"),
    ("server/src/catalogue/service.rs", "lots and auctions share their lists"),
];

/// Which feature may call which other feature's service.
const MAY_CALL: &[(&str, &[&str])] = &[
    ("audit", &["identity"]),
    ("identity", &["audit"]),
    ("catalogue", &["audit", "identity"]),
    ("draft", &["identity"]),
    ("blob", &["identity"]),
    ("signature", &[]),
    ("application", &["audit", "blob", "catalogue", "draft", "identity", "push", "signature"]),
    ("deposit", &["application", "audit", "catalogue", "identity", "push"]),
    // Only its route, to say whose phone it is; nothing else of it knows people.
    ("push", &["identity"]),
    ("auction", &["application", "audit", "catalogue", "deposit", "identity", "push", "signature"]),
    ("feed", &["application", "auction", "catalogue", "deposit", "draft", "identity"]),
];

/// The top level, exactly.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".deny.toml",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "migrations",
    "mobile-core",
    "server",
    "sync",
    "tests",
];

#[test]
fn the_top_level_is_what_was_agreed() {
    let found: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".git" && name != "target")
        .collect();
    let agreed: BTreeSet<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, agreed);
}

#[test]
fn a_source_file_fits_in_a_readers_head() {
    let mut long = Vec::new();
    for (path, text) in sources("") {
        let excused = LONG_FILES.iter().any(|(file, _)| *file == path);
        let lines = text.lines().count();
        if lines > LINES_MAX && !excused {
            long.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "too long, or give a reason:\n{}", long.join("\n"));
}

#[test]
fn the_servers_arrows_point_down() {
    let mut wrong = Vec::new();
    for (path, text) in sources("server/src") {
        let forbidden: &[&str] = match room(&path) {
            Room::Routes => &["sea_orm", "crate::entity", "super::store"],
            Room::Service => &["axum::", "crate::entity", "crate::problem"],
            Room::Store => &["crate::ports", "axum::", "crate::problem"],
            Room::Entity => &["crate::", "toruk_sync"],
            Room::Ground => &[],
        };
        let allowed_use = path == "server/src/catalogue/service.rs";
        for word in forbidden.iter().filter(|word| text.contains(**word)) {
            // Services take `impl ConnectionTrait`, so that a caller's transaction can be used.
            if !(allowed_use && *word == "sea_orm") {
                wrong.push(format!("{path} knows {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a file of the server is for, by where it stands.
enum Room {
    Routes,
    Service,
    Store,
    Entity,
    /// What the features stand on.
    Ground,
}

fn room(path: &str) -> Room {
    let inside = path.trim_start_matches("server/src/");
    match inside.split_once('/') {
        Some(("entity", _)) => Room::Entity,
        Some(("console", _)) => Room::Routes,
        Some((_, "routes.rs" | "extract.rs")) => Room::Routes,
        Some((_, file)) if file == "store.rs" || file.starts_with("store/") => Room::Store,
        Some((feature, _)) if MAY_CALL.iter().any(|(name, _)| *name == feature) => Room::Service,
        _ => Room::Ground,
    }
}

#[test]
fn a_feature_calls_only_the_services_it_may() {
    let mut wrong = Vec::new();
    for (feature, friends) in MAY_CALL {
        for (path, text) in sources(&format!("server/src/{feature}")) {
            for (other, _) in MAY_CALL.iter().filter(|(other, _)| other != feature) {
                let calls = imports(&text, other);
                if calls && !friends.contains(other) {
                    wrong.push(format!("{path} uses {other}"));
                }
                if text.contains(&format!("crate::{other}::store")) {
                    wrong.push(format!("{path} reads {other}'s rows"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_know_nothing_of_the_world() {
    let mut wrong = Vec::new();
    for (path, text) in sources("sync/src") {
        let mut forbidden =
            vec!["tokio", "std::fs", "std::net", "SystemTime", "Instant::", "rand::"];
        if path.starts_with("sync/src/domain") {
            forbidden.extend(["use crate::draft", "crate::protocol", "crate::receipt"]);
        }
        if path.starts_with("sync/src/draft/") {
            forbidden.push("crate::protocol");
        }
        for word in forbidden.into_iter().filter(|word| text.contains(word)) {
            wrong.push(format!("{path} knows {word}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_statement_asks_the_database_when_its_transaction_began() {
    // A bid that waited for a lock would be judged by the moment at which it began to wait.
    let asks = |line: &str| {
        let line = line.to_lowercase();
        let called = line.match_indices("now()").any(|(at, _)| {
            let before = line[..at].chars().next_back().unwrap_or(' ');
            !(before.is_alphanumeric() || "_.:".contains(before) || line[..at].ends_with("fn "))
        });
        let named = ["current_timestamp", "localtimestamp", "transaction_timestamp"];
        let more = ["statement_timestamp", "timestamp_default_now", "julianday(", "strftime("];
        called || named.iter().chain(&more).any(|name| line.contains(name))
    };
    for (line, expected) in [
        ("SELECT now() < deadline", true),
        ("WHERE at < NOW()", true),
        ("DEFAULT CURRENT_TIMESTAMP", true),
        ("let now = clock.now();", false),
        ("SELECT clock_timestamp()", false),
    ] {
        assert_eq!(asks(line), expected, "{line}");
    }
    let mut wrong = Vec::new();
    let speaks_sql = |text: &str| {
        ["Statement::", "execute_unprepared", "Expr::cust", "sea_query", "manager"]
            .iter()
            .any(|word| text.contains(word))
    };
    let sources = sources("server/src").into_iter().chain(sources("migrations/src"));
    for (path, text) in sources.filter(|(_, text)| speaks_sql(text)) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if asks(line) {
                wrong.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_one_sqlite_in_the_house() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let packages = lock.split("[[package]]");
    let versions: Vec<&str> = packages
        .filter(|package| package.contains("name = \"libsqlite3-sys\""))
        .filter_map(|package| package.split("version = \"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(versions.len(), 1, "several libsqlite3-sys: {versions:?}");
    assert!(versions[0].starts_with("0.37."), "SQLite is bound by sqlx: {versions:?}");
}

/// What a phone's core must not carry: each takes the place of something the phone has itself, or
/// cannot be built without its maker's tools.
const NOT_ON_PHONES: &[&str] =
    &["aws-lc-rs", "aws-lc-sys", "bindgen", "keyring", "native-tls", "openssl", "openssl-sys"];
/// And where HTTP is the platform's.
const NOT_IN_LEAN: &[&str] = &["hyper", "mio", "reqwest", "ring", "rustls", "socket2"];

#[test]
fn a_phone_carries_no_second_tls_and_no_sockets_it_does_not_use() {
    let mut wrong = Vec::new();
    for target in ["aarch64-linux-android", "armv7-linux-androideabi", "aarch64-apple-ios"] {
        for lean in [true, false] {
            let packages = phone_packages(target, lean);
            assert!(packages.contains_key("rusqlite"), "not the tree of a core: {packages:?}");
            assert_eq!(packages.contains_key("reqwest"), !lean, "feature `http` is the HTTP");
            let forbidden = NOT_ON_PHONES.iter().chain(NOT_IN_LEAN.iter().filter(|_| lean));
            for name in forbidden.filter(|name| packages.contains_key(**name)) {
                wrong.push(format!("{target}, lean {lean}: {name}"));
            }
            let of_tokio = &packages["tokio"];
            let unwanted = ["process", "signal"].iter().chain(["net"].iter().filter(|_| lean));
            for feature in unwanted.filter(|feature| of_tokio.contains(**feature)) {
                wrong.push(format!("{target}, lean {lean}: tokio's {feature}"));
            }
        }
    }
    assert!(wrong.is_empty(), "in the phone's tree:\n{}", wrong.join("\n"));
}

/// What cargo links into the core for `target`: packages, each with its features.
fn phone_packages(target: &str, lean: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(["tree", "--locked", "--package", "toruk-mobile-core"]);
    cargo.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}|{f}"]);
    cargo.args(["--target", target]).args(lean.then_some("--no-default-features"));
    let answer = cargo.output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(answer.stdout).unwrap().lines() {
        let (package, features) = line.trim_end_matches(" (*)").split_once('|').unwrap();
        let name = package.split(' ').next().unwrap().to_owned();
        packages.entry(name).or_default().extend(features.split(',').map(str::to_owned));
    }
    packages
}

#[test]
fn the_apis_description_is_the_committed_one() {
    let described = toruk_server::web::router::openapi().to_pretty_json().unwrap() + "\n";
    let file = root().join("server/openapi.json");
    if std::env::var_os("TORUK_UPDATE_GOLDEN").is_some() {
        fs::write(&file, &described).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == described,
        "server/openapi.json is not what the server does; look at the difference, then run the \
         test with TORUK_UPDATE_GOLDEN=1"
    );
}

fn imports(text: &str, feature: &str) -> bool {
    let direct = format!("crate::{feature}::");
    let grouped = |line: &str| {
        line.starts_with("use crate::{")
            && line
                .trim_start_matches("use crate::{")
                .trim_end_matches("};")
                .split(", ")
                .any(|name| name.split("::").next() == Some(feature))
    };
    text.contains(&direct)
        || text.lines().any(|line| line == format!("use crate::{feature};") || grouped(line))
}

/// Every Rust source file of ours below `folder`, by path from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = if folder.is_empty() {
        ["server", "sync", "mobile-core", "migrations", "tests"].map(|c| root().join(c)).to_vec()
    } else {
        vec![root().join(folder)]
    };
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
