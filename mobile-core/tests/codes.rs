//! The golden file of all codes that cross to an app: `apps/codes.json`. The apps' own tests check
//! that each has a text in all languages.
//!
//! Nothing is typed twice: plain enums name themselves through serde, and literals are read from
//! the source. A new code changes the golden file, and the apps' tests ask for its texts. Run with
//! `TORUK_UPDATE_GOLDEN=1` to accept a change.
#![allow(clippy::unwrap_used)]

use serde::de::value::Error;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toruk_sync::domain::auction::bidding;
use toruk_sync::domain::{application, auction, deposit, form, notice};
use toruk_sync::draft::DeltaFault;
use toruk_sync::protocol::catalogue::LotKind;
use toruk_sync::protocol::operations::{OperationRejection, Verdict};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::signature::SignatureFault;

type Codes = BTreeSet<String>;

#[test]
fn every_code_that_an_app_can_meet_is_in_the_golden_file() {
    let codes = serde_json::to_string_pretty(&all()).unwrap() + "\n";
    let path = here("apps/codes.json");
    if std::env::var_os("TORUK_UPDATE_GOLDEN").is_some() {
        fs::write(&path, &codes).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(codes, golden, "run with TORUK_UPDATE_GOLDEN=1, then give new codes their words");
}

fn all() -> BTreeMap<&'static str, Codes> {
    let button = "../sync/src/domain/button/mod.rs";
    let ending = literals(button, "impl Ending {", "impl Button {");
    let closing = literals(button, "pub fn closed(self)", "pub fn offer(self)");
    BTreeMap::from([
        ("status", named::<auction::Status>()),
        ("failure", named::<auction::Failure>()),
        ("phase", named::<bidding::Phase>()),
        ("cause", named::<auction::SuspensionCause>()),
        ("object", named::<auction::ObjectOfPrice>()),
        ("kind", named::<LotKind>()),
        ("application", named::<application::Status>()),
        ("deposit", named::<deposit::Status>()),
        ("intent", named::<deposit::IntentStatus>()),
        ("field", named::<form::FieldKind>()),
        ("fault", named::<form::FieldFault>()),
        ("notification", named::<notice::NoticeKind>()),
        ("verdict", named::<Verdict>()),
        ("button", buttons()),
        ("closed", &ending | &closing),
        ("bid", variants("src/api/live.rs", "pub enum BidState {")),
        ("error", variants("src/error.rs", "pub enum CoreError {")),
        ("event", variants("src/events.rs", "pub enum EventKind {")),
        ("submit", literals("src/api/application.rs", "fn submit_status(", "\n}\n")),
        ("upload", uploads()),
        ("obstacle", variants("src/obstacle.rs", "pub enum Obstacle {")),
        ("sync", literals("src/api/sync.rs", "let state = match", "};")),
        (
            "operation",
            literals("../sync/src/protocol/operations.rs", "pub fn name(&self)", "\n    }\n"),
        ),
        ("action", literals("src/api/attention.rs", "let actions = [", "];")),
        ("code", refusals()),
    ])
}

fn buttons() -> Codes {
    let button = "../sync/src/domain/button/mod.rs";
    literals(button, "/// The state's name for apps.", "/// The reason why it is closed")
}

fn uploads() -> Codes {
    literals("src/api/application.rs", "let upload = match", "};")
}

/// All codes that `CoreError::Refused` or a record can carry.
fn refusals() -> Codes {
    let mut codes = literals("src/engine/local_rejection.rs", "pub fn code(&self)", "\n    }\n");
    codes.extend(buttons());
    codes.extend(named::<ProblemCode>());
    codes.extend(named::<bidding::BidRejection>());
    codes.extend(named::<application::Rejection>());
    codes.extend(named::<application::ApplicantFault>());
    codes.extend(named::<DeltaFault>());
    // Two of them stand for the reasons within.
    let outer = ["draft", "application"];
    codes.extend(
        named::<OperationRejection>().into_iter().filter(|code| !outer.contains(&code.as_str())),
    );
    codes.extend(SignatureFault::ALL.iter().map(|fault| format!("signature_{}", fault.key())));
    let mut folders = vec![here("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => codes.extend(refused(&fs::read_to_string(entry.path()).unwrap())),
            }
        }
    }
    codes
}

/// The codes of `CoreError::refused("…")` in a source.
fn refused(source: &str) -> Codes {
    let calls = source.split("refused(\"").skip(1);
    calls.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// A plain enum's names on the wire.
fn named<'de, T: Deserialize<'de>>() -> Codes {
    let mut names = Names(&[]);
    // It fails on purpose, as soon as the names are known.
    let _ = T::deserialize(&mut names);
    assert!(!names.0.is_empty(), "{} is no plain enum", std::any::type_name::<T>());
    names.0.iter().map(|name| (*name).to_owned()).collect()
}

struct Names(&'static [&'static str]);

impl<'de> Deserializer<'de> for &mut Names {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("not an enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0 = variants;
        Err(serde::de::Error::custom("its names are enough"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The codes that are literals in a part of a source.
fn literals(file: &str, from: &str, to: &str) -> Codes {
    let part = part(file, from, to);
    let is_code =
        |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let lines = part.lines().filter(|line| !line.trim_start().starts_with("//"));
    let quoted = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let codes: Codes = quoted.filter(is_code).map(str::to_owned).collect();
    assert!(!codes.is_empty(), "{file}: no codes after {from}");
    codes
}

/// The variants of an enum in a source, as codes.
fn variants(file: &str, head: &str) -> Codes {
    let part = part(file, head, "\n}\n");
    let variant = |line: &str| {
        let name = line.strip_prefix("    ")?;
        let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
        let name = &name[..end];
        name.starts_with(|c: char| c.is_ascii_uppercase()).then(|| snake(name))
    };
    part.lines().filter_map(variant).collect()
}

fn part(file: &str, from: &str, to: &str) -> String {
    let source = fs::read_to_string(here(file)).unwrap();
    let (_, rest) = source.split_once(from).unwrap_or_else(|| panic!("{file}: no {from}"));
    let (part, _) = rest.split_once(to).unwrap_or_else(|| panic!("{file}: no end of {from}"));
    part.to_owned()
}

fn snake(name: &str) -> String {
    let mut code = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
