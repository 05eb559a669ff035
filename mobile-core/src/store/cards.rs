//! The catalogue on the phone: cards that are searched by their columns.
//!
//! # Why cards are not sealed
//! A card is public. The catalogue is kept whole or not at all, so having it reveals nothing about
//! the person; the auctions that they follow, draft or viewed are sealed elsewhere. And a screen of
//! twenty cards out of ten thousand must not open ten thousand seals. Anyone who can write the file
//! could show a wrong price in a list, and nowhere else: signatures and bids are made from the
//! auction itself, whose log is proven.

use serde::Deserialize;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::text::SearchWords;
use toruk_sync::protocol::catalogue::AuctionCard;
use toruk_sync::protocol::pull::{Digest, kind};

/// A search: filters and order. Empty lists and no text match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardQuery {
    /// The search words, folded as [`Self::with_text`] does.
    pub words: Vec<String>,
    /// Kinds of lots, by their names on the wire.
    pub lot_kinds: Vec<String>,
    /// Statuses of auctions, by their names on the wire.
    pub statuses: Vec<String>,
    /// The settlement, as the card has it.
    pub settlement: Option<String>,
    /// `true` for the earliest start first, `false` for the latest first.
    pub soonest_first: bool,
}

impl CardQuery {
    /// Requires every word of `text` in a title of any language, in the number or in the
    /// settlement. Case does not matter, and Kyrgyz letters that a Russian keyboard lacks match
    /// their neighbours.
    pub fn with_text(mut self, text: &str) -> Self {
        self.words = SearchWords::new(text).keys().to_vec();
        self
    }

    fn fits(&self, card: &CardColumns) -> bool {
        let among =
            |wanted: &[String], one: &str| wanted.is_empty() || wanted.iter().any(|it| it == one);
        among(&self.lot_kinds, &card.lot_kind)
            && among(&self.statuses, &card.status)
            && (self.settlement.is_none() || self.settlement == card.settlement)
            && self.words.iter().all(|word| card.search.contains(word))
    }
}

/// A position in the list: the next page begins after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardCursor {
    /// The opening of bidding, Unix microseconds.
    pub start: i64,
    /// The auction's id, which orders auctions of the same start.
    pub id: String,
}

/// One card on a page of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The card's position in the list.
    pub cursor: CardCursor,
    /// The row as it was pulled, JSON.
    pub value: Vec<u8>,
}

/// The columns of a row: those of its digest, and those for searching if it is a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub counted: CountedRow,
    pub shown: Option<CardColumns>,
}

/// The fields that every row has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct CountedRow {
    #[serde(rename = "k")]
    pub kind: String,
    pub id: String,
    pub seq: u64,
}

/// The fields of a card by which it is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CardColumns {
    pub start: i64,
    pub lot_kind: String,
    pub status: String,
    pub settlement: Option<String>,
    /// All searchable text, folded.
    pub search: String,
}

/// The fields of a card that become columns: a newer server may send more, and other values.
#[derive(Deserialize)]
struct Card {
    number: String,
    title: Text,
    kind: String,
    settlement: Option<String>,
    status: String,
    start: i64,
}

#[derive(Deserialize)]
struct CardValue {
    #[serde(rename = "v")]
    value: Card,
}

impl Columns {
    /// The columns of a pulled row; `None` if it is no row.
    pub(super) fn of(row: &[u8]) -> Option<Self> {
        let counted: CountedRow = serde_json::from_slice(row).ok()?;
        let card = match counted.kind.as_str() {
            kind::CARD => serde_json::from_slice::<CardValue>(row).ok(),
            _ => None,
        };
        Some(Self { counted, shown: card.map(|card| CardColumns::of(card.value)) })
    }
}

impl CardColumns {
    fn of(card: Card) -> Self {
        let settlement = card.settlement.as_deref();
        let search = AuctionCard::search_text(&card.number, &card.title, settlement);
        Self {
            start: card.start,
            lot_kind: card.kind,
            status: card.status,
            settlement: card.settlement,
            search,
        }
    }
}

/// Selects one page out of all cards.
pub fn page(
    values: impl Iterator<Item = Vec<u8>>,
    query: &CardQuery,
    after: Option<&CardCursor>,
    limit: usize,
) -> Vec<CardRow> {
    let follows = |cursor: &CardCursor| match (after, query.soonest_first) {
        (None, _) => true,
        (Some(after), true) => cursor > after,
        (Some(after), false) => cursor < after,
    };
    let fitting = |value: Vec<u8>| {
        let Columns { counted, shown } = Columns::of(&value)?;
        let shown = shown.filter(|shown| query.fits(shown))?;
        let cursor = CardCursor { start: shown.start, id: counted.id };
        follows(&cursor).then_some(CardRow { cursor, value })
    };
    let mut rows: Vec<CardRow> = values.filter_map(fitting).collect();
    rows.sort_by(|a, b| a.cursor.cmp(&b.cursor));
    if !query.soonest_first {
        rows.reverse();
    }
    rows.truncate(limit);
    rows
}

/// Counts cards in the same way as the server.
pub fn count(values: impl Iterator<Item = Vec<u8>>) -> Digest {
    let mut digest = Digest::default();
    for row in values.filter_map(|row| serde_json::from_slice::<CountedRow>(&row).ok()) {
        digest.add(&row.kind, &row.id, row.seq);
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(no: u32, title: &str, kind: &str) -> Vec<u8> {
        let id = format!("0190000{no}-0000-7000-8000-000000000000");
        let title = serde_json::json!({ "ky": title, "ru": null, "en": "Shop" });
        let value = serde_json::json!({
            "number": format!("TRK-{no}"), "title": title, "kind": kind, "settlement": "Ош",
            "status": "tendering", "start": 100 - i64::from(no),
        });
        let row = serde_json::json!({
            "s": "catalogue", "k": "card", "id": id, "seq": no, "v": value,
        });
        row.to_string().into_bytes()
    }

    fn found(query: &CardQuery) -> Vec<i64> {
        let cards = [card(1, "Дүкөн", "premises"), card(2, "ЖЕР ТИЛКЕСИ", "land")];
        page(cards.into_iter(), query, None, 9).into_iter().map(|row| row.cursor.start).collect()
    }

    #[test]
    fn a_search_finds_all_words_in_any_language_and_without_kyrgyz_keys() {
        for (text, expected) in [
            ("", vec![99, 98]),
            ("дукон", vec![99]),
            ("ДҮКӨН", vec![99]),
            ("Shop ош", vec![99, 98]),
            ("жер trk-2", vec![98]),
            ("жер дукон", vec![]),
            ("%", vec![]),
        ] {
            assert_eq!(found(&CardQuery::default().with_text(text)), expected, "{text}");
        }
    }

    #[test]
    fn filters_and_order_are_as_asked() {
        let land = CardQuery { lot_kinds: vec!["land".to_owned()], ..CardQuery::default() };
        assert_eq!(found(&land), [98]);
        let elsewhere = CardQuery { settlement: Some("Нарын".into()), ..CardQuery::default() };
        assert_eq!(found(&elsewhere), [0_i64; 0]);
        let closed = CardQuery { statuses: vec!["awarded".to_owned()], ..CardQuery::default() };
        assert_eq!(found(&closed), [0_i64; 0]);
        assert_eq!(found(&CardQuery { soonest_first: true, ..CardQuery::default() }), [98, 99]);
    }
}
