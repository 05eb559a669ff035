//! The catalogue's question as a form's address has it: every field may be absent, and a value that
//! means nothing narrows nothing.

use crate::catalogue::CatalogueQuery;
use crate::console::form;
use reqwest::Url;
use serde::Deserialize;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::lot::LotKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::catalogue::AuctionSort;
use toruk_sync::protocol::limits::CATALOGUE_TEXT_CHARS_MAX;

/// The form's fields as they were typed. What a form does not have is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Asked {
    /// Words to search for.
    #[serde(default)]
    pub q: String,
    /// One of [`STATES`], or empty.
    #[serde(default)]
    pub state: String,
    /// A kind of lot, or empty.
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub region: String,
    /// The lowest price, in som.
    #[serde(default)]
    pub price_from: String,
    /// The highest price, in som.
    #[serde(default)]
    pub price_to: String,
    /// The first day of the start, `2026-11-23`.
    #[serde(default)]
    pub start_from: String,
    /// The last day of the start.
    #[serde(default)]
    pub start_to: String,
    /// One of [`SORTS`], or empty for the newest first.
    #[serde(default)]
    pub sort: String,
    /// The place of the next page.
    #[serde(default)]
    pub after: String,
}

/// What an auction's state means to somebody who looks for one.
pub const STATES: [(&str, &[Status]); 4] = [
    ("open", &[Status::Rectification, Status::Tendering]),
    ("soon", &[Status::Waiting]),
    ("live", &[Status::Bidding]),
    (
        "over",
        &[
            Status::Qualification,
            Status::Awarded,
            Status::Complete,
            Status::Unsuccessful,
            Status::Cancelled,
        ],
    ),
];

/// The kinds of lots by their names in the form.
pub const KINDS: [(&str, LotKind); 5] = [
    ("land", LotKind::Land),
    ("premises", LotKind::Premises),
    ("building", LotKind::Building),
    ("vehicle", LotKind::Vehicle),
    ("other", LotKind::Other),
];

/// The orders by their names in the form.
pub const SORTS: [(&str, AuctionSort); 5] = [
    ("newest", AuctionSort::Newest),
    ("start-asc", AuctionSort::StartAsc),
    ("start-desc", AuctionSort::StartDesc),
    ("price-asc", AuctionSort::PriceAsc),
    ("price-desc", AuctionSort::PriceDesc),
];

impl Asked {
    /// What the catalogue is asked.
    pub fn query(&self) -> CatalogueQuery {
        let state = STATES.iter().find(|(name, _)| *name == self.state);
        let kind = KINDS.iter().find(|(name, _)| *name == self.kind);
        let sort = SORTS.iter().find(|(name, _)| *name == self.sort);
        CatalogueQuery {
            statuses: state.map(|(_, statuses)| statuses.to_vec()).unwrap_or_default(),
            kinds: kind.map(|(_, kind)| vec![*kind]).unwrap_or_default(),
            region: words(&self.region),
            price_from: form::som(&self.price_from),
            price_to: form::som(&self.price_to),
            start_from: day(&self.start_from),
            start_to: day(&self.start_to).map(|day| day + TimeSpan::days(1)),
            text: words(&self.q),
            sort: sort.map(|(_, sort)| *sort).unwrap_or_default(),
        }
    }

    /// The place of the page that is asked for; `None` for the first.
    pub fn after(&self) -> Option<&str> {
        Some(self.after.as_str()).filter(|after| !after.is_empty())
    }

    /// Returns `true` if anything but words narrows the list, so that the form shows it.
    pub fn is_narrowed(&self) -> bool {
        let fields = [&self.kind, &self.region, &self.price_from, &self.price_to];
        let more = [&self.start_from, &self.start_to];
        fields.into_iter().chain(more).any(|field| !field.is_empty())
    }

    /// Returns `true` if the list is not the whole one from its beginning.
    pub fn is_anything(&self) -> bool {
        *self != Self::default()
    }

    /// The question with another place, as an address has it: `?q=…&after=…`.
    pub fn at(&self, after: &str) -> String {
        let fields = [
            ("q", self.q.as_str()),
            ("state", &self.state),
            ("kind", &self.kind),
            ("region", &self.region),
            ("price_from", &self.price_from),
            ("price_to", &self.price_to),
            ("start_from", &self.start_from),
            ("start_to", &self.start_to),
            ("sort", &self.sort),
            ("after", after),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        // Only the query is taken from it.
        let url = Url::parse_with_params("http://localhost/", given);
        let url = url.ok();
        match url.as_ref().and_then(Url::query) {
            Some(query) if !query.is_empty() => format!("?{query}"),
            _ => String::new(),
        }
    }
}

/// A search as long as the catalogue takes; `None` if it has no words.
fn words(typed: &str) -> Option<String> {
    let short: String = typed.trim().chars().take(CATALOGUE_TEXT_CHARS_MAX).collect();
    Some(short).filter(|short| !short.is_empty())
}

/// The beginning of a day in Bishkek.
fn day(typed: &str) -> Option<Timestamp> {
    Timestamp::parse_bishkek(&format!("{typed}T00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::money::Tyiyn;

    #[test]
    fn what_means_nothing_narrows_nothing() {
        let typed = Asked {
            q: "  ".to_owned(),
            state: "sold".to_owned(),
            kind: "castle".to_owned(),
            price_from: "a lot".to_owned(),
            start_from: "31.12.2026".to_owned(),
            sort: "cheapest".to_owned(),
            ..Asked::default()
        };
        assert_eq!(typed.query(), CatalogueQuery::default());
    }

    #[test]
    fn a_form_is_what_the_catalogue_is_asked() {
        let typed = Asked {
            q: " дукон ".to_owned(),
            state: "open".to_owned(),
            kind: "land".to_owned(),
            price_to: "1 260 000,50".to_owned(),
            start_from: "2026-11-23".to_owned(),
            start_to: "2026-11-23".to_owned(),
            sort: "price-asc".to_owned(),
            ..Asked::default()
        };
        let asked = typed.query();
        assert_eq!(asked.text.as_deref(), Some("дукон"));
        assert_eq!(asked.statuses, [Status::Rectification, Status::Tendering]);
        assert_eq!(asked.kinds, [LotKind::Land]);
        assert_eq!(asked.price_to, Tyiyn::new(126_000_050).ok());
        assert_eq!(asked.start_from, Timestamp::parse("2026-11-23T00:00:00+06:00"));
        assert_eq!(asked.start_to, Timestamp::parse("2026-11-24T00:00:00+06:00"));
        assert_eq!(asked.sort, AuctionSort::PriceAsc);
        let long = Asked { q: "ө".repeat(500), ..Asked::default() };
        assert_eq!(long.query().text.map(|text| text.chars().count()), Some(200));
    }

    #[test]
    fn the_next_page_is_asked_with_the_same_question() {
        let typed = Asked { q: "a&b=ө".to_owned(), state: "open".to_owned(), ..Asked::default() };
        assert_eq!(typed.at("xyz"), "?q=a%26b%3D%D3%A9&state=open&after=xyz");
        assert_eq!(Asked::default().at(""), "");
    }
}
