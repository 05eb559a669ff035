//! Search in the console's lists.
//!
//! # Why rows are read instead of asked for
//! SQLite knows no case beyond ASCII, and neither database takes «ө» for «о» as people type it. The
//! lists of officials are some thousand rows; they are read page by page, up to a limit.

use super::rows::{AuctionName, AuctionRow, LotRow};
use super::service::{Error, PAGE, Service};
use super::store;
use crate::db::StoreError;
use crate::identity::Official;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::text::SearchWords;

/// Most pages that one search reads: 5 000 rows.
const PAGES_MAX: usize = 100;

impl Service {
    /// The newest lots in whose titles, address or cadastral number every word of `text` occurs, at
    /// most a page.
    ///
    /// # Errors
    /// As [`Self::lots`].
    pub async fn find_lots(&self, by: &Official, text: &str) -> Result<Vec<LotRow>, Error> {
        let page = |after: Option<String>| async move { self.lots(by, after.as_deref()).await };
        find(text, page, of_lot).await
    }

    /// Numbers and titles of these auctions, published or not; unknown ids are absent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn names(
        &self,
        auctions: &BTreeSet<AuctionId>,
    ) -> Result<BTreeMap<AuctionId, AuctionName>, StoreError> {
        store::names(self.context.db.read(), auctions).await
    }

    /// The newest auctions in whose number, titles or settlement every word of `text` occurs, at
    /// most a page.
    ///
    /// # Errors
    /// As [`Self::auctions`].
    pub async fn find_auctions(&self, by: &Official, text: &str) -> Result<Vec<AuctionRow>, Error> {
        let page = |after: Option<String>| async move { self.auctions(by, after.as_deref()).await };
        find(text, page, of_auction).await
    }
}

/// The rows of a list in whose texts every word of `text` occurs, at most a page. `page` reads the
/// list from where the former page ended.
async fn find<T, P>(
    text: &str,
    page: impl Fn(Option<String>) -> P,
    texts: impl Fn(&T) -> Vec<&str>,
) -> Result<Vec<T>, Error>
where
    P: Future<Output = Result<(Vec<T>, Option<String>), Error>>,
{
    let words = SearchWords::new(text);
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let (rows, next) = page(after).await?;
        found.extend(rows.into_iter().filter(|row| words.are_in(texts(row))));
        if next.is_none() || is_full(&found) {
            break;
        }
        after = next;
    }
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    Ok(found)
}

fn is_full<T>(found: &[T]) -> bool {
    found.len() as u64 >= PAGE
}

fn of_lot(row: &LotRow) -> Vec<&str> {
    let mut texts = titles(&row.lot.title);
    texts.extend(row.lot.address.values().map(String::as_str));
    texts.extend(row.lot.cadastral_number.as_deref());
    texts
}

fn of_auction(row: &AuctionRow) -> Vec<&str> {
    let mut texts = titles(&row.card.title);
    texts.push(&row.card.number);
    texts.extend(row.card.settlement.as_deref());
    texts
}

fn titles(title: &Text) -> Vec<&str> {
    [&title.ky, &title.ru, &title.en].into_iter().filter_map(|title| title.as_deref()).collect()
}
