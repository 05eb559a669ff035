//! Search among applications.
//!
//! # Why nobody is found by name
//! Names and answers open only one by one, and each opening is recorded. A search that finds an
//! applicant by name would open them all without a record.

use super::console::{QueueRow, READERS};
use super::error::Error;
use super::service::Service;
use super::store;
use crate::identity::Official;
use toruk_sync::domain::text::SearchWords;
use toruk_sync::protocol::limits::PAGE_MAX;

/// Most pages that one search reads: 5 000 applications.
const PAGES_MAX: usize = 50;

impl Service {
    /// The newest applications, decided or not, in whose number or auction every word of `text`
    /// occurs; at most a page.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn find_applications(
        &self,
        by: &Official,
        text: &str,
    ) -> Result<Vec<QueueRow>, Error> {
        let reach = by.reach(&READERS)?;
        let words = SearchWords::new(text);
        let (mut found, mut before) = (Vec::new(), None);
        let limit = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
        for _ in 0..PAGES_MAX {
            let db = self.context.db.read();
            let page = store::newest(db, reach.as_ref(), before, PAGE_MAX).await?;
            let is_last = page.len() < limit;
            let last = page.last().map(|stored| &stored.application);
            before = last.map(|application| (application.received_at, application.id));
            let fits = |row: &QueueRow| {
                let id = row.application.id.to_string();
                words.are_in(row.auction.texts().chain([id.as_str()]))
            };
            found.extend(self.rows(page).await?.into_iter().filter(fits));
            if is_last || found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}
