//! Invariants of the public pages' texts and templates.

use crate::console::language::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

fn files(name: &str, ending: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = entries.filter(|path| path.to_string_lossy().ends_with(ending));
    let read = |path: PathBuf| (path.display().to_string(), fs::read_to_string(path).unwrap());
    wanted.map(read).collect()
}

/// The keys of one file of texts with their variables.
fn texts(language: Language, file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = folder(&format!("console/locales/{}/{file}.ftl", language.tag()));
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#', '}']));
    let mut texts = BTreeMap::new();
    for (key, value) in lines.filter_map(|line| line.split_once(" = ")) {
        let names = value.split('$').skip(1);
        let names =
            names.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect());
        assert!(texts.insert(key.to_owned(), names.collect()).is_none(), "{key} is there twice");
    }
    texts
}

#[test]
fn three_languages_have_the_same_keys_with_the_same_variables() {
    let [ky, ru, en] = Language::ALL.map(|language| texts(language, "site"));
    assert!(ky.len() > 60);
    assert_eq!(ky, ru);
    assert_eq!(ky, en);
    let console = texts(Language::Ky, "console");
    assert_eq!(ky.keys().find(|key| console.contains_key(*key)), None);
}

#[test]
fn every_text_that_a_page_asks_for_is_there() {
    let mut known = texts(Language::Ky, "site");
    known.extend(texts(Language::Ky, "console"));
    let sources = files("site/templates", ".html").into_iter().chain(files("site", ".rs"));
    for (file, source) in sources.filter(|(file, _)| !file.ends_with("tests.rs")) {
        let quoted = |start: &'static str| {
            source
                .split(start)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect::<Vec<_>>()
        };
        for start in [".text(\"", ".text_with(\"", " with(\""] {
            for key in quoted(start) {
                assert!(known.contains_key(key), "{file}: {key}");
            }
        }
        for start in [".text_for(\"", ".text_of(\""] {
            for prefix in quoted(start) {
                let start = format!("{prefix}-");
                assert!(known.keys().any(|key| key.starts_with(&start)), "{file}: {start}…");
            }
        }
    }
}

#[test]
fn templates_have_no_script_style_or_handler_of_their_own() {
    let templates = files("site/templates", ".html");
    assert!(templates.len() > 5);
    for (file, template) in templates {
        let lower = template.to_ascii_lowercase();
        assert!(!lower.contains("<style") && !lower.contains(" style="), "{file}: style");
        assert!(!lower.contains("javascript:") && !lower.contains("|safe"), "{file}");
        for script in lower.split("<script").skip(1) {
            assert!(script.starts_with(" type=\"module\" src=\""), "{file}: script");
            assert!(script.contains("\"></script>"), "{file}: script");
        }
        let attributes = lower.split_whitespace().filter(|word| word.starts_with("on"));
        let handlers: Vec<_> = attributes.filter(|word| word.contains("=\"")).collect();
        assert_eq!(handlers, Vec::<&str>::new(), "{file}: handlers");
    }
}
