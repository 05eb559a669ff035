//! Search among payments.

use super::console::{PaymentRow, READERS};
use super::service::{Error, Service};
use super::store;
use crate::identity::Official;
use toruk_sync::domain::text::SearchWords;
use toruk_sync::protocol::limits::PAGE_MAX;

/// Most pages that one search reads: 5 000 attempts to pay.
const PAGES_MAX: usize = 50;
const TYIYN_PER_SOM: i64 = 100;

impl Service {
    /// The newest attempts to pay in whose code, references, amount or auction every word of `text`
    /// occurs; at most a page. Nobody is found by name: the list has none.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn find_payments(&self, by: &Official, text: &str) -> Result<Vec<PaymentRow>, Error> {
        let reach = by.reach(&READERS)?;
        let words = SearchWords::new(text);
        let (mut found, mut before) = (Vec::new(), None);
        let limit = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
        for _ in 0..PAGES_MAX {
            let db = self.context.db.read();
            let page = store::newest_intents(db, reach.as_ref(), before, PAGE_MAX).await?;
            let is_last = page.len() < limit;
            before = page.last().map(|row| (row.created_at, row.intent.id));
            let rows = self.rows(page).await?.into_iter();
            found.extend(rows.filter(|row| fits(&words, row)));
            if is_last || found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn fits(words: &SearchWords, row: &PaymentRow) -> bool {
    // People type an amount with or without gaps: each part of it is in its digits.
    let som = (row.intent.amount.get() / TYIYN_PER_SOM).to_string();
    let id = row.intent.id.to_string();
    let code = row.intent.code.as_deref();
    let references = row.references.iter().map(String::as_str);
    words.are_in(row.auction_name.texts().chain([&*id, &*som]).chain(code).chain(references))
}
