//! `toruk-migrations` as an operator runs it.

#![allow(clippy::unwrap_used, reason = "a test, with its helpers")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/README.md");

/// Runs the program; `typed` is what the operator answers. Returns its success, what it printed and
/// what it complained of.
fn migrate(arguments: &[&str], typed: &str) -> (bool, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_toruk-migrations"))
        .args(arguments)
        .env_remove("TORUK_DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that asks nothing may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// The applied and the pending migrations.
fn status(database: &str) -> (usize, usize) {
    let (succeeded, said, error) = migrate(&["--database", database, "status"], "");
    assert!(succeeded, "{error}");
    let count = |state: &str| said.lines().filter(|line| line.starts_with(state)).count();
    assert_eq!(count("applied m") + count("pending m"), said.lines().count(), "{said}");
    (count("applied m"), count("pending m"))
}

#[test]
fn what_deletes_data_asks_before_and_the_status_is_printed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("toruk.db");
    let database = format!("sqlite://{}?mode=rwc", file.display());
    let (none, all) = status(&database);
    assert!(none == 0 && all > 10);
    assert!(migrate(&["--database", &database, "up"], "").0);
    assert_eq!(status(&database), (all, 0));
    for word in ["fresh", "down"] {
        for answer in ["", "yes\n", "up\n"] {
            let (succeeded, _, error) = migrate(&["--database", &database, word], answer);
            assert!(!succeeded && error.contains("nothing was changed"), "{word}: {error}");
            assert_eq!(status(&database), (all, 0), "{word}");
        }
    }
    assert!(migrate(&["--database", &database, "down"], "down\n").0);
    assert_eq!(status(&database), (all - 1, 1));
    assert!(migrate(&["--database", &database, "fresh", "--yes"], "").0);
    assert_eq!(status(&database), (all, 0));
}

#[test]
fn the_commands_of_the_servers_page_do_what_it_says() {
    let folder = TempDir::new().unwrap();
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("toruk.db").display());
    let page = std::fs::read_to_string(README).unwrap();
    let mut ran = Vec::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("toruk-migrations ")) {
        let line = line.split(" #").next().unwrap().replace("postgres://owner@db/toruk", &database);
        let words: Vec<&str> = line.split_whitespace().collect();
        let (succeeded, said, error) = migrate(&words, "");
        // Only PostgreSQL has roles; on SQLite the program says so.
        assert!(succeeded || words.contains(&"roles"), "{line}: {said}{error}");
        ran.push((*words.last().unwrap()).to_owned());
    }
    assert_eq!(ran, ["up", "roles", "status"]);
}
