//! The words of [`limits`](super::limits) are found wherever people read, and nowhere else.

use toruk_source::files::TextFile;
use toruk_source::prose::excluded;

/// `path` with `text` has exactly these excluded words, as `line word`.
fn check(path: &str, text: &str, expected: &[&str]) {
    let (he, archaic) = excluded(&TextFile::new(path, text)).unwrap();
    let found = he.iter().chain(&archaic);
    let found: Vec<String> = found.map(|word| format!("{} {}", word.line, word.word)).collect();
    assert_eq!(found, expected, "{path}: {text}");
}

#[test]
fn a_person_is_never_he() {
    check("server/src/a.rs", "//! What he\n//! sees.\nfn f() {} // His own", &["1 he", "3 his"]);
    check("server/src/a.rs", "/// Tells\n/// HIMSELF.\nfn f() {}", &["2 himself"]);
    check(
        "server/src/a.rs",
        "fn f() {\n    /* to him */\n    g(\"he's in\");\n}",
        &["2 him", "3 he"],
    );
    check("server/src/a.rs", "#[arg(help = r#\"in his name\"#)]\nstruct A;", &["1 his"]);
    check("README.md", "# A bid\n\nHe bids; the (his) `he` is quoted.", &["3 he", "3 his"]);
    check("server/src/console/locales/en/console.ftl", "a = He won\n", &["1 he"]);
    check("server/openapi.json", "{\n\"description\": \"his bid\"}", &["2 his"]);
}

#[test]
fn archaic_words_are_found_across_lines() {
    check(
        "sync/src/a.rs",
        "// It is meant in\n// earnest, anew.\nfn f() {}",
        &["1 in earnest", "2 anew"],
    );
    check(
        "sync/src/a.rs",
        "/// Whoever mends it,\n/// the so\n/// manieth.\nfn f() {}",
        &["1 whoever", "1 mends", "2 so manieth", "3 manieth"],
    );
    check("sync/README.md", "As so many as\nare there, lest one\n", &["1 so many as", "2 lest"]);
}

#[test]
fn other_words_and_code_are_left_alone() {
    check(
        "sync/src/a.rs",
        "/// The history then; this amended line, earnest.\nfn he() { his() }",
        &[],
    );
    check("README.md", "She `he` they; `his` own, Himalaya", &[]);
}
