//! The versions of an auction's published terms, from its log, and what differs between two.
//!
//! A bidder whose application has to be confirmed again signs over a difference that is shown, and
//! it is computed here, from the log that everybody sees: no server says what has changed.

use super::super::form::Text;
use super::super::lot::PublishedLot;
use super::event::Event;
use super::offer::{Offer, Terms};
use std::collections::BTreeSet;

/// One published version of the terms, with the lot as it was published with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The version, from 1, that an application names.
    pub version: u64,
    /// The organiser's proposal.
    pub offer: Offer,
    /// The amounts and moments that were frozen from it.
    pub terms: Terms,
    /// The lot's facts and documents; absent in logs of versions that published none.
    pub lot: Option<PublishedLot>,
}

/// A term that is another in a later version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermChange {
    /// Its name: `start_price`, `minimal_step`, `guarantee` (tyiyn); `start`, `tender_end` (Unix
    /// µs); `object_of_price`, `lease_duration` (ISO 8601); `title`, `description` with the
    /// language, such as `title_ky`; `area`, `cadastral_number`, `address_<part>`; `document_<hash>`
    /// with the document's title.
    pub term: String,
    /// The value in the earlier version; absent if it had none.
    pub before: Option<String>,
    /// The value in the later version; absent if it has none.
    pub after: Option<String>,
}

/// The published versions in a log, the first first.
pub fn editions<'a>(log: impl IntoIterator<Item = &'a Event>) -> Vec<Edition> {
    let mut offer: Option<Offer> = None;
    let mut editions: Vec<Edition> = Vec::new();
    for event in log {
        match event {
            Event::Created { birth } => offer = Some(birth.offer.clone()),
            Event::Edited { offer: edited, .. } => offer = Some(edited.clone()),
            Event::Published { terms, lot, .. } => {
                let Some(offer) = offer.clone() else { continue };
                editions.push(Edition {
                    version: 1,
                    offer,
                    terms: terms.clone(),
                    lot: lot.clone(),
                });
            }
            Event::Amended { offer, terms, lot, .. } => {
                let version = editions.last().map_or(1, |last| last.version.saturating_add(1));
                let (offer, terms, lot) = (offer.clone(), terms.clone(), lot.clone());
                editions.push(Edition { version, offer, terms, lot });
            }
            _ => {}
        }
    }
    editions
}

impl Edition {
    /// The terms that `later` changes, in the order in which a notice states them.
    pub fn changes(&self, later: &Self) -> Vec<TermChange> {
        let (was, becomes) = (self.facts(), later.facts());
        let value = |facts: &[(String, String)], term: &str| {
            facts.iter().find(|(name, _)| name == term).map(|(_, value)| value.clone())
        };
        let mut seen = BTreeSet::new();
        let names = was.iter().chain(&becomes).map(|(name, _)| name.clone());
        let names: Vec<String> = names.filter(|name| seen.insert(name.clone())).collect();
        let change = |term: String| {
            let (before, after) = (value(&was, &term), value(&becomes, &term));
            TermChange { term, before, after }
        };
        names.into_iter().map(change).filter(|change| change.before != change.after).collect()
    }

    fn facts(&self) -> Vec<(String, String)> {
        let (offer, terms) = (&self.offer, &self.terms);
        let object = serde_json::to_value(offer.object_of_price).ok();
        let object = object.as_ref().and_then(|object| object.as_str()).unwrap_or_default();
        let mut facts = vec![
            ("start_price".to_owned(), terms.value.get().to_string()),
            ("minimal_step".to_owned(), terms.minimal_step.get().to_string()),
            ("guarantee".to_owned(), terms.guarantee.get().to_string()),
            ("start".to_owned(), terms.start.0.to_string()),
            ("tender_end".to_owned(), terms.tender_end.0.to_string()),
            ("object_of_price".to_owned(), object.to_owned()),
        ];
        facts.extend(offer.lease_duration.clone().map(|long| ("lease_duration".to_owned(), long)));
        let Some(PublishedLot { facts: lot, documents }) = &self.lot else { return facts };
        facts.extend(spoken("title", &lot.title));
        facts.extend(spoken("description", &lot.description));
        let area = lot.area.as_ref().map(|area| format!("{} {}", area.value, area.unit));
        facts.extend(area.map(|area| ("area".to_owned(), area)));
        let number = lot.cadastral_number.clone();
        facts.extend(number.map(|number| ("cadastral_number".to_owned(), number)));
        let address = lot.address.iter();
        facts.extend(address.map(|(part, value)| (format!("address_{part}"), value.clone())));
        let document = documents.iter();
        facts.extend(document.map(|it| (format!("document_{}", it.sha256), it.title.clone())));
        facts
    }
}

fn spoken(name: &str, text: &Text) -> Vec<(String, String)> {
    let all = [("ky", &text.ky), ("ru", &text.ru), ("en", &text.en)];
    let named = |(language, text): (&str, &Option<String>)| {
        text.clone().map(|text| (format!("{name}_{language}"), text))
    };
    all.into_iter().filter_map(named).collect()
}
