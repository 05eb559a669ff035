//! Search in the console's lists.
//!
//! # Why rows are read instead of asked for
//! SQLite knows no case beyond ASCII, and neither database takes «ө» for «о» as people type it. The
//! lists of officials are some thousand rows; they are read page by page, up to a limit.

use super::rows::{AuctionRow, LotRow};
use super::service::{Error, PAGE, Service};
use crate::identity::Official;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::text::search_key;

/// Most pages that one search reads: 5 000 rows.
const PAGES_MAX: usize = 100;
/// Most words of a search, and characters of one; the rest is ignored.
const WORDS_MAX: usize = 8;
const WORD_CHARS_MAX: usize = 64;

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
    texts: impl Fn(&T) -> String,
) -> Result<Vec<T>, Error>
where
    P: Future<Output = Result<(Vec<T>, Option<String>), Error>>,
{
    let words = words(text);
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let (rows, next) = page(after).await?;
        found.extend(rows.into_iter().filter(|row| fits(&words, &texts(row))));
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

fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace().take(WORDS_MAX);
    words.map(|word| search_key(&word.chars().take(WORD_CHARS_MAX).collect::<String>())).collect()
}

fn fits(words: &[String], texts: &str) -> bool {
    let texts = search_key(texts);
    words.iter().all(|word| texts.contains(word))
}

fn of_lot(row: &LotRow) -> String {
    let mut texts = titles(&row.lot.title);
    texts.extend(row.lot.address.values().map(String::as_str));
    texts.extend(row.lot.cadastral_number.as_deref());
    texts.join("\n")
}

fn of_auction(row: &AuctionRow) -> String {
    let mut texts = titles(&row.card.title);
    texts.push(&row.card.number);
    texts.extend(row.card.settlement.as_deref());
    texts.join("\n")
}

fn titles(title: &Text) -> Vec<&str> {
    [&title.ky, &title.ru, &title.en].into_iter().filter_map(|title| title.as_deref()).collect()
}
