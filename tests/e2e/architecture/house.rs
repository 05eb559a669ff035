//! The shape of the repository: its top level, its files, its packages, its API's description.

use super::{root, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use toruk_source::files::TextFile;

/// Longest source file, in lines.
const LINES_MAX: usize = 400;

/// Files over [`LINES_MAX`], each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// The top level: exactly these names, and dotfiles.
const TOP_LEVEL: &[&str] = &[
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
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    let agreed: BTreeSet<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, agreed);
}

#[test]
fn a_source_file_fits_in_a_readers_head() {
    let folders = ["server", "sync", "mobile-core", "migrations", "tests"];
    let sources = folders.iter().flat_map(|folder| sources(folder));
    let long: BTreeMap<String, usize> = sources
        .map(|file| (file.path, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    let excused: BTreeSet<&str> = LONG_FILES.iter().map(|(path, _)| *path).collect();
    let found: BTreeSet<&str> = long.keys().map(String::as_str).collect();
    assert_eq!(found, excused, "split what is too long, and excuse nothing else: {long:?}");
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
    for TextFile { path, text } in sources.filter(|file| speaks_sql(&file.text)) {
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

/// Packages that a phone's core must not carry: each takes the place of something the phone has
/// itself, or cannot be built without its maker's tools.
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

/// Packages that cargo links into the core for `target`, each with its features.
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
    let described = format!("{:#}\n", toruk_server::router::openapi());
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
