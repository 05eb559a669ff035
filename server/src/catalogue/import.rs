//! Reads an import of lots, and describes a fault without a parser's own words: readers learn in
//! their language which lot, line or field it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::text::{TextFault, line};
use toruk_sync::protocol::catalogue::{Area, LotKind};

/// Most lots in one import.
pub const IMPORT_LOTS_MAX: usize = 500;

/// A lot of an import; facts that its source lacks are absent, and are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // As in `LotView`; money, steps and guarantees as in an offer.
pub struct ImportedLot {
    pub title: Text,
    pub kind: LotKind,
    #[serde(default)]
    pub description: Text,
    #[serde(default)]
    pub area: Option<Area>,
    #[serde(default)]
    pub address: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub cadastral_number: Option<String>,
    #[serde(default)]
    pub lot_holder: Option<Text>,
    #[serde(default)]
    pub object_of_price: Option<ObjectOfPrice>,
    #[serde(default)]
    pub value_tyiyn: Option<Tyiyn>,
    #[serde(default)]
    pub guarantee_bp: Option<u16>,
    #[serde(default)]
    pub step_bp: Option<u16>,
    #[serde(default)]
    pub result_tyiyn_max: Option<Tyiyn>,
    #[serde(default)]
    pub year: Option<u16>,
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default)]
    pub synthetic: bool,
}

/// The fault of an import, and the lot it is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", self.place())]
pub struct ImportFault {
    /// The lot's position in the file, from 1; `None` if the file itself is wrong.
    pub lot: Option<usize>,
    pub kind: ImportFaultKind,
}

/// The kinds of faults in an import or one of its lots.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum ImportFaultKind {
    #[error("not JSON at line {line}, character {column}")]
    NotJson { line: usize, column: usize },
    #[error("{0} lots; at most {IMPORT_LOTS_MAX}")]
    TooMany(usize),
    #[error("unknown field {0}")]
    UnknownField(String),
    #[error("the field {0} is missing")]
    MissingField(String),
    #[error("the value of {0} is not valid")]
    WrongValue(String),
    #[error("the title is too long")]
    TitleTooLong,
    #[error("the title is missing")]
    TitleMissing,
}

/// Longest title or holder's name, in characters.
pub const TITLE_CHARS_MAX: usize = 500;
/// Longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 20_000;
/// Longest part of an address, cadastral number or name of a source, in characters.
const DETAIL_CHARS_MAX: usize = 500;

impl ImportedLot {
    /// The lot with its texts in composed form and without surrounding white space.
    ///
    /// # Errors
    /// The first text that is too long or has characters that cannot be seen.
    pub fn normalised(mut self) -> Result<Self, ImportFaultKind> {
        let wrong = |field: &str| ImportFaultKind::WrongValue(field.to_owned());
        self.title = self.title.as_lines(TITLE_CHARS_MAX).map_err(|fault| match fault {
            TextFault::TooLong => ImportFaultKind::TitleTooLong,
            _ => wrong("title"),
        })?;
        let description = self.description.as_paragraphs(DESCRIPTION_CHARS_MAX);
        self.description = description.map_err(|_| wrong("description"))?;
        let holder = self.lot_holder.map(|holder| holder.as_lines(TITLE_CHARS_MAX)).transpose();
        self.lot_holder = holder.map_err(|_| wrong("lot_holder"))?;
        let detail = |text: String| line(&text, DETAIL_CHARS_MAX);
        let address = self.address.into_iter().map(|(part, text)| {
            Ok((line(&part, DETAIL_CHARS_MAX)?, text.map(detail).transpose()?))
        });
        let address = address.collect::<Result<_, TextFault>>();
        self.address = address.map_err(|_| wrong("address"))?;
        let cadastral_number = self.cadastral_number.map(detail).transpose();
        self.cadastral_number = cadastral_number.map_err(|_| wrong("cadastral_number"))?;
        let sources = self.sources.into_iter().map(detail).collect::<Result<_, TextFault>>();
        self.sources = sources.map_err(|_| wrong("sources"))?;
        Ok(self)
    }
}

impl ImportFault {
    /// A fault of the lot at `index`, from 0.
    pub fn of_lot(index: usize, kind: ImportFaultKind) -> Self {
        Self { lot: Some(index + 1), kind }
    }

    fn of_file(kind: ImportFaultKind) -> Self {
        Self { lot: None, kind }
    }

    fn place(&self) -> String {
        self.lot.map(|number| format!("lot {number}: ")).unwrap_or_default()
    }
}

/// Reads an import. An absent field is unknown; an unknown field is rejected, so that a misspelt
/// fact is not lost silently.
///
/// # Errors
/// The first fault.
pub fn read(text: &str) -> Result<Vec<ImportedLot>, ImportFault> {
    use ImportFaultKind as Kind;
    let file: Value = serde_json::from_str(text).map_err(|error| {
        ImportFault::of_file(Kind::NotJson { line: error.line(), column: error.column() })
    })?;
    let wrong = || ImportFault::of_file(Kind::WrongValue("lots".to_owned()));
    let file = file.as_object().ok_or_else(wrong)?;
    // `note` describes the file and is not stored.
    let unknown = file.keys().find(|name| !["note", "lots"].contains(&name.as_str()));
    if let Some(name) = unknown {
        return Err(ImportFault::of_file(Kind::UnknownField(name.clone())));
    }
    let missing = || ImportFault::of_file(Kind::MissingField("lots".to_owned()));
    let lots = file.get("lots").ok_or_else(missing)?.as_array().ok_or_else(wrong)?;
    if lots.len() > IMPORT_LOTS_MAX {
        return Err(ImportFault::of_file(Kind::TooMany(lots.len())));
    }
    let numbered = lots.iter().enumerate();
    numbered
        .map(|(index, lot)| {
            let read = serde_json::from_value(lot.clone());
            read.map_err(|_| ImportFault::of_lot(index, fault_of(lot)))
        })
        .collect()
}

/// Finds the fault of a lot that can't be parsed: each of its fields is tried in a valid lot.
fn fault_of(lot: &Value) -> ImportFaultKind {
    let Some(fields) = lot.as_object() else {
        return ImportFaultKind::WrongValue("lots".to_owned());
    };
    let valid = json!({ "title": {}, "kind": "land" });
    let known = serde_json::from_value::<ImportedLot>(valid.clone())
        .ok()
        .and_then(|lot| serde_json::to_value(lot).ok());
    let is_known = |name: &str| known.as_ref().is_some_and(|known| known.get(name).is_some());
    if let Some(name) = fields.keys().find(|name| !is_known(name)) {
        return ImportFaultKind::UnknownField(name.clone());
    }
    let required = ["title", "kind"];
    if let Some(name) = required.into_iter().find(|name| !fields.contains_key(*name)) {
        return ImportFaultKind::MissingField(name.to_owned());
    }
    let is_wrong = |(name, value): &(&String, &Value)| {
        let mut tried: Map<String, Value> = valid.as_object().cloned().unwrap_or_default();
        tried.insert((*name).clone(), (*value).clone());
        serde_json::from_value::<ImportedLot>(Value::Object(tried)).is_err()
    };
    let name = fields.iter().find(is_wrong).map(|(name, _)| name.clone());
    ImportFaultKind::WrongValue(name.unwrap_or_else(|| "lots".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imported_lots_texts_have_nothing_that_cannot_be_seen() {
        let base = json!({ "title": { "ru": " Дом  И\u{306} " }, "kind": "land" });
        let read = |change: Value| -> ImportedLot {
            let mut lot = base.clone();
            lot.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            serde_json::from_value(lot).unwrap()
        };
        let title = read(json!({})).normalised().unwrap().title;
        assert_eq!(title.ru.as_deref(), Some("Дом Й"));
        let hidden = "a\u{202e}b";
        for (change, field) in [
            (json!({ "title": { "ky": hidden } }), "title"),
            (json!({ "description": { "ky": hidden } }), "description"),
            (json!({ "lot_holder": { "ky": hidden } }), "lot_holder"),
            (json!({ "address": { "settlement": hidden } }), "address"),
            (json!({ "address": { hidden: "a" } }), "address"),
            (json!({ "cadastral_number": hidden }), "cadastral_number"),
            (json!({ "sources": [hidden] }), "sources"),
        ] {
            let fault = read(change).normalised().unwrap_err();
            assert_eq!(fault, ImportFaultKind::WrongValue(field.to_owned()), "{field}");
        }
    }

    #[test]
    fn a_fault_names_the_lot_and_the_field_or_the_line() {
        for (text, expected) in [
            (
                r#"{"lots":[{"title":{"ru":"A"},"kind":"land","price":1}]}"#,
                "lot 1: unknown field price",
            ),
            (r#"{"lots":[{"title":{"ru":"A"}}]}"#, "lot 1: the field kind is missing"),
            (
                r#"{"lots":[{"title":{},"kind":"land"},{"title":{},"kind":"land","value_tyiyn":-1}]}"#,
                "lot 2: the value of value_tyiyn is not valid",
            ),
            (
                r#"{"lots":[{"title":{"kg":"A"},"kind":"land"}]}"#,
                "lot 1: the value of title is not valid",
            ),
            (r#"{"lots":[7]}"#, "lot 1: the value of lots is not valid"),
            (r#"{"lots":[],"prices":[]}"#, "unknown field prices"),
            (r#"{"note":"x"}"#, "the field lots is missing"),
            (r#"{"lots":{}}"#, "the value of lots is not valid"),
            ("{\n lots", "not JSON at line 2, character 2"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
        let many = json!({ "lots": vec![json!({}); IMPORT_LOTS_MAX + 1] }).to_string();
        let fault = read(&many).unwrap_err();
        assert_eq!(fault.kind, ImportFaultKind::TooMany(IMPORT_LOTS_MAX + 1));
        assert_eq!(read(r#"{"note":"x","lots":[]}"#), Ok(Vec::new()));
    }
}
