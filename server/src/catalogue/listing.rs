//! The catalogue as readers filter, search, sort and page it.
//!
//! # Why a page begins after a value and not after a number of rows
//! Auctions are published while somebody reads. A page goes on after the last row of the one before
//! it, by that row's place in the order, so that a row in front moves none behind it. What changes
//! its own place meanwhile, as a price does, can be missed or seen twice.
//!
//! # Why the text is searched row by row
//! No index finds a part of a word on both databases without an extension. The rows of
//! [`catalogue_entry`](crate::entity::catalogue_entry) are narrow: ten thousand of them are read in
//! milliseconds, and a page ends when it is full.

use super::pulled::with_lots;
use super::rows::{Filters, Place, QueryFault};
use super::service::{Error, Service};
use super::store::listing::{name, region_key};
use super::store::{self, listing};
use crate::db::{StoreError, Txn};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::lot::LotKind;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::text::SearchWords;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionSort};
use toruk_sync::protocol::limits::{CATALOGUE_CURSOR_BYTES_MAX, CATALOGUE_TEXT_CHARS_MAX};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Bytes of the filters' hash in a cursor: it detects mistakes, and grants nothing.
const FILTER_HASH_BYTES: usize = 8;

/// What a reader asks for. Empty lists and `None` match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Statuses, one of which the auction has.
    pub statuses: Vec<Status>,
    /// Kinds, one of which the lot has.
    pub kinds: Vec<LotKind>,
    /// The region of the lot's address.
    pub region: Option<String>,
    /// The lowest current price.
    pub price_from: Option<Tyiyn>,
    /// The highest current price.
    pub price_to: Option<Tyiyn>,
    /// The first moment at which bidding may open.
    pub start_from: Option<Timestamp>,
    /// Bidding opens earlier than this.
    pub start_to: Option<Timestamp>,
    /// Words that all occur in the number, a title or the settlement.
    pub text: Option<String>,
    /// The order.
    pub sort: AuctionSort,
}

impl Service {
    /// A page of published auctions, and what [`after`](Self::page) has to be for the next one.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Store`].
    pub async fn page(
        &self,
        query: &CatalogueQuery,
        after: Option<&str>,
        limit: u64,
    ) -> Result<(Vec<AuctionCard>, Option<String>), Error> {
        let filters = Filters::of(query)?;
        let after = after.map(|after| place(after, query.sort, &filters)).transpose()?;
        let db = self.context.db.read();
        // One more than asked for tells whether there is a next page.
        let mut found = listing::page(db, &filters, query.sort, after, limit + 1).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().copied().filter(|_| has_more);
        let ids: Vec<AuctionId> = found.iter().map(|place| AuctionId(place.id)).collect();
        let texts = self.cards(db, &ids).await?;
        let card = |id: &AuctionId| {
            let card = serde_json::from_str(texts.get(id)?.get());
            Some(card.map_err(StoreError::damaged("catalogue_entry")))
        };
        let cards: Result<Vec<_>, _> = ids.iter().filter_map(card).collect();
        Ok((cards?, last.map(|last| cursor(last, query.sort, &filters))))
    }

    /// Writes what is searched of the lot of a published auction, as it is in this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn describe(&self, txn: &Txn, auction: AuctionId) -> Result<(), StoreError> {
        let loaded = store::published_by_id(txn, &[auction]).await?;
        listing::put(txn, &with_lots(txn, loaded).await?).await
    }
}

impl Filters {
    fn of(query: &CatalogueQuery) -> Result<Self, QueryFault> {
        for text in [&query.region, &query.text].into_iter().flatten() {
            if text.chars().count() > CATALOGUE_TEXT_CHARS_MAX {
                return Err(QueryFault::TextTooLong);
            }
        }
        let region = query.region.as_deref().map(region_key);
        let words = query.text.as_deref().map(SearchWords::new);
        Ok(Self {
            statuses: names(&query.statuses),
            kinds: names(&query.kinds),
            region: region.filter(|region| !region.is_empty()),
            price_from: query.price_from,
            price_to: query.price_to,
            start_from: query.start_from,
            start_to: query.start_to,
            words: words.map(|words| words.keys().to_vec()).unwrap_or_default(),
        })
    }

    fn hash(&self) -> String {
        hex::encode(&Sha256::digest(canonical_json(self))[..FILTER_HASH_BYTES])
    }
}

fn names(values: &[impl Serialize]) -> Vec<String> {
    let mut names: Vec<String> = values.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn cursor(Place { value, id }: Place, sort: AuctionSort, filters: &Filters) -> String {
    let (sort, hash) = (name(&sort), filters.hash());
    URL_SAFE_NO_PAD.encode(format!("{sort}.{hash}.{value}.{id}"))
}

fn place(after: &str, sort: AuctionSort, filters: &Filters) -> Result<Place, QueryFault> {
    let unknown = QueryFault::UnknownPage;
    if after.len() > CATALOGUE_CURSOR_BYTES_MAX {
        return Err(unknown);
    }
    let text = URL_SAFE_NO_PAD.decode(after).ok().and_then(|text| String::from_utf8(text).ok());
    let text = text.ok_or(unknown)?;
    let mut parts = text.split('.');
    let mut part = || parts.next().ok_or(unknown);
    let (of_sort, of_filters, value, id) = (part()?, part()?, part()?, part()?);
    let value = value.parse().map_err(|_| unknown)?;
    let id = Uuid::try_parse(id).map_err(|_| unknown)?;
    if parts.next().is_some() {
        return Err(unknown);
    }
    if of_sort != name(&sort) {
        return Err(QueryFault::OtherSort);
    }
    if of_filters != filters.hash() {
        return Err(QueryFault::OtherFilters);
    }
    Ok(Place { value, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_only_of_its_own_sort_and_filters() {
        let asked = CatalogueQuery { text: Some("Дүкөн".into()), ..Default::default() };
        let filters = Filters::of(&asked).unwrap();
        let here = Place { value: -7, id: Uuid::from_u128(9) };
        let after = cursor(here, AuctionSort::PriceAsc, &filters);
        assert!(after.len() <= CATALOGUE_CURSOR_BYTES_MAX);
        // The same words by another keyboard are the same filters.
        let alike = CatalogueQuery { text: Some("дукон ".into()), ..Default::default() };
        let alike = Filters::of(&alike).unwrap();
        let (low, high) = (AuctionSort::PriceAsc, AuctionSort::PriceDesc);
        for (after, sort, filters, expected) in [
            (&*after, low, &filters, Ok(here)),
            (&*after, low, &alike, Ok(here)),
            (&*after, high, &filters, Err(QueryFault::OtherSort)),
            (&*after, low, &Filters::default(), Err(QueryFault::OtherFilters)),
            (&after[1..], low, &filters, Err(QueryFault::UnknownPage)),
            ("", low, &filters, Err(QueryFault::UnknownPage)),
            (&"A".repeat(201), low, &filters, Err(QueryFault::UnknownPage)),
            (&Uuid::nil().to_string(), low, &filters, Err(QueryFault::UnknownPage)),
        ] {
            assert_eq!(place(after, sort, filters), expected, "{after}");
        }
    }

    #[test]
    fn a_text_of_a_book_is_no_search() {
        let long = |count| Some("ө".repeat(count));
        for (text, region, expected) in [
            (long(CATALOGUE_TEXT_CHARS_MAX), None, true),
            (long(CATALOGUE_TEXT_CHARS_MAX + 1), None, false),
            (None, long(CATALOGUE_TEXT_CHARS_MAX + 1), false),
        ] {
            let asked = CatalogueQuery { text, region, ..Default::default() };
            assert_eq!(Filters::of(&asked).is_ok(), expected);
        }
    }
}
