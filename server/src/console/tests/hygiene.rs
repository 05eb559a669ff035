//! Invariants of all texts, templates and vendored files.

use super::super::language::Language;
use super::super::refusal::Refusal;
use super::samples::{official, page};
use crate::identity::Role;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::time::TimeSpan;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console").join(name)
}

fn files(name: &str, ending: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = entries.filter(|path| path.to_string_lossy().ends_with(ending));
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    wanted.map(read).collect()
}

/// Keys with the variables of their texts.
pub fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let path = folder(&format!("locales/{}/console.ftl", language.tag()));
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            assert!(!texts.contains_key(key), "{key} is there twice");
            current = key.to_owned();
        }
        let variables = line
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        texts.entry(current.clone()).or_default().extend(variables);
    }
    texts.remove("");
    texts
}

/// The parts of `text` between `start` and the next quotation mark.
fn quoted<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn three_languages_have_the_same_keys_with_the_same_variables() {
    let [ky, ru, en] = Language::ALL.map(texts);
    assert!(ky.len() > 300);
    assert_eq!(ky, ru);
    assert_eq!(ky, en);
}

#[test]
fn every_text_that_a_page_asks_for_is_there() {
    let known = texts(Language::Ky);
    let sources = files("templates", ".html").into_iter().chain(files("", ".rs"));
    for (file, source) in sources.filter(|(file, _)| file != "hygiene.rs") {
        for start in [".text(\"", ".text_with(\"", ".text_count(\""] {
            for key in quoted(&source, start) {
                assert!(known.contains_key(key), "{file}: {key}");
            }
        }
        for start in [".text_for(\"", ".text_of(\""] {
            for prefix in quoted(&source, start) {
                let start = format!("{prefix}-");
                let found = known.keys().any(|key| key.starts_with(&start));
                assert!(found, "{file}: {start}…");
            }
        }
        for what in quoted(&source, "Refusal::unprocessable(\"") {
            assert!(known.contains_key(what), "{file}: {what}");
        }
    }
}

#[test]
fn templates_have_no_script_style_or_handler_of_their_own() {
    let templates = files("templates", ".html");
    assert!(templates.len() > 15);
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

#[test]
fn vendored_files_are_those_that_are_named_with_their_licences() {
    let list = fs::read_to_string(folder("assets/VENDOR.toml")).unwrap();
    let mut named = BTreeSet::new();
    for entry in list.split("[[file]]").skip(1) {
        let value = |key: &str| {
            let start = format!("{key} = \"");
            let found = quoted(entry, &start).next().map(str::to_owned);
            found.unwrap_or_else(|| panic!("{key} is not named in {entry}"))
        };
        let content = fs::read(folder("assets").join(value("path"))).unwrap();
        assert_eq!(hex::encode(Sha256::digest(content)), value("sha256"), "{}", value("path"));
        assert!(folder("assets").join(value("licence")).exists());
        assert!(!value("spdx").is_empty() && !value("version").is_empty());
        named.insert(value("path"));
    }
    let present = fs::read_dir(folder("assets/vendor")).unwrap();
    let present = present.map(|file| format!("vendor/{}", file.unwrap().file_name().display()));
    assert_eq!(present.collect::<BTreeSet<_>>(), named);
}

#[test]
fn lengths_of_time_shares_and_amounts_are_written_by_the_language() {
    let pages = Language::ALL.map(|language| page(language, "/console", &[Role::Organiser]));
    for (span, expected) in [
        (TimeSpan::minutes(30), ["30 мүн", "30 мин", "30 min"]),
        (TimeSpan::minutes(90), ["1 саат 30 мүн", "1 ч 30 мин", "1 h 30 min"]),
        (TimeSpan::days(3), ["3 күн", "3 дн.", "3 d"]),
        (TimeSpan::seconds(45), ["45 сек", "45 с", "45 s"]),
        (TimeSpan::ZERO, ["0 сек", "0 с", "0 s"]),
    ] {
        let expected = expected.map(|text| text.replace(' ', "\u{a0}"));
        assert_eq!(pages.each_ref().map(|page| page.span(&span)), expected);
    }
    let shares = pages.each_ref().map(|page| page.percent(&BasisPoints(250)));
    assert_eq!(shares, ["2,5\u{a0}%", "2,5\u{a0}%", "2,5%"]);
    let amount = Tyiyn::new(126_000_050).unwrap();
    let amounts = pages.each_ref().map(|page| page.som(&amount));
    assert_eq!(amounts[1], "1\u{a0}260\u{a0}000,50\u{a0}сом");
    assert_eq!(pages[0].decimal("1045.73"), "1\u{a0}045,73");
    let left = pages.each_ref().map(|page| page.left(TimeSpan::days(2)));
    assert_eq!(left, ["2\u{a0}күн 0:00:00", "2\u{a0}дн. 0:00:00", "2\u{a0}d 0:00:00"]);
}

#[test]
fn nobody_is_sent_to_themselves_for_help() {
    let (refusal, language) = (Refusal::forbidden(), Language::En);
    let told = |roles: &[Role]| refusal.words_for(language, Some(&official(roles)));
    assert!(told(&[Role::Organiser]).contains("ask the system administrator"));
    assert!(!told(&[Role::Sysadmin]).contains("ask"));
    assert!(told(&[Role::Sysadmin]).contains("another role"));
}
