//! Lots to try the system with: real ones as far as the press tells, and made-up ones.
//!
//! What was not published is `None` and stays so: an importer asks the organiser, it does not
//! invent.

mod synthetic;

use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
pub(crate) use synthetic::Dice;
pub use synthetic::synthetic_lots;
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::protocol::catalogue::{Area, LotKind};

/// Published facts of real auctions.
const REAL_LOTS: &str = include_str!("../../../fixtures/real-lots.json");

/// A lot and the terms it is offered on, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleLot {
    /// `true` if the lot is made up, `false` if it was once offered.
    pub synthetic: bool,
    pub kind: LotKind,
    /// The lot's title; Kyrgyz or Russian is always there.
    pub title: Text,
    /// The permitted use; empty when unknown.
    pub purpose: Text,
    /// Size of the land or of the rooms.
    pub area: Option<Area>,
    /// The cadastre's number; made-up ones start with `TEST-`.
    pub cadastral_number: Option<String>,
    /// `region`, `district`, `settlement`, `street`, `house`: those that are known.
    pub address: BTreeMap<String, String>,
    /// The lot's holder; empty when unknown.
    pub lot_holder: Text,
    /// The thing that the price buys.
    pub object_of_price: ObjectOfPrice,
    /// Start price, in tyiyn; `None` when unknown.
    pub value: Option<Tyiyn>,
    /// One step, of the start price.
    pub step: Option<BasisPoints>,
    /// Guarantee deposit, of the start price.
    pub guarantee: Option<BasisPoints>,
    /// Length of a lease as ISO 8601.
    pub lease_duration: Option<String>,
    /// The year of the real auction.
    pub year: Option<u16>,
    /// URLs where the facts were published.
    pub sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: String,
    lots: Vec<RealLot>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RealLot {
    title: Text,
    kind: LotKind,
    area: Option<Area>,
    address: BTreeMap<String, Option<String>>,
    object_of_price: ObjectOfPrice,
    value_tyiyn: Option<Tyiyn>,
    guarantee_bp: Option<BasisPoints>,
    step_bp: Option<BasisPoints>,
    /// The price that it was sold for; a fact of the past, not of an offer.
    #[serde(rename = "result_tyiyn_max", default)]
    _result: Option<Tyiyn>,
    year: u16,
    sources: Vec<String>,
}

/// The real lots, in the file's order.
///
/// # Errors
/// When the file in this repository is malformed.
pub fn real_lots() -> anyhow::Result<Vec<SampleLot>> {
    read_real_lots(REAL_LOTS)
}

/// Reads a file of real lots.
///
/// # Errors
/// When it is malformed, has an unknown field, or a lot has neither a Kyrgyz nor a Russian title.
pub fn read_real_lots(json: &str) -> anyhow::Result<Vec<SampleLot>> {
    let file: File = serde_json::from_str(json).context("file of real lots")?;
    file.lots.into_iter().enumerate().map(|(position, lot)| lot.read(position)).collect()
}

impl RealLot {
    fn read(self, position: usize) -> anyhow::Result<SampleLot> {
        let titled = self.title.ky.is_some() || self.title.ru.is_some();
        anyhow::ensure!(titled, "lot {position} has neither a Kyrgyz nor a Russian title");
        let known = |(name, value): (String, Option<String>)| value.map(|value| (name, value));
        Ok(SampleLot {
            synthetic: false,
            kind: self.kind,
            title: self.title,
            purpose: Text::default(),
            area: self.area,
            cadastral_number: None,
            address: self.address.into_iter().filter_map(known).collect(),
            lot_holder: Text::default(),
            object_of_price: self.object_of_price,
            value: self.value_tyiyn,
            step: self.step_bp,
            guarantee: self.guarantee_bp,
            lease_duration: None,
            year: Some(self.year),
            sources: self.sources,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_press_did_not_tell_stays_unknown() {
        let lots = real_lots().unwrap();
        assert_eq!(lots.len(), 4);
        let hippodrome = &lots[0];
        assert_eq!(hippodrome.value.map(Tyiyn::get), Some(873_191_700_000));
        assert_eq!(hippodrome.step, Some(BasisPoints(2_000)));
        assert_eq!(hippodrome.area.as_ref().map(|area| area.value.as_str()), Some("45.73"));
        assert_eq!(hippodrome.title.ky, None);
        assert_eq!(hippodrome.address.len(), 3);
        let car = lots.iter().find(|lot| lot.kind == LotKind::Vehicle).unwrap();
        assert_eq!((car.value, car.step), (None, None));
        assert_eq!(car.address.keys().collect::<Vec<_>>(), ["settlement"]);
        assert!(lots.iter().all(|lot| !lot.synthetic && lot.cadastral_number.is_none()));
    }

    #[test]
    fn a_malformed_file_is_refused() {
        let lot = |title: &str, value: &str| {
            format!(
                r#"{{"note":"","lots":[{{"title":{title},"kind":"land","area":null,"address":{{}},
                "object_of_price":"sale_price","value_tyiyn":{value},"guarantee_bp":null,
                "step_bp":null,"year":2024,"sources":[]}}]}}"#
            )
        };
        assert!(read_real_lots(&lot(r#"{"ru":"Участок"}"#, "100")).is_ok());
        for bad in [
            "",
            "[]",
            &lot(r#"{"en":"Plot"}"#, "100"),
            &lot(r#"{"ru":"Участок"}"#, "-1"),
            &lot(r#"{"ru":"Участок"}"#, "1.5"),
            &lot(r#"{"ru":"Участок"}"#, "100").replace("\"year\"", "\"jahr\""),
        ] {
            assert!(read_real_lots(bad).is_err(), "{bad}");
        }
    }
}
