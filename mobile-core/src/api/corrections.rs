//! The terms that a correction has changed since the person signed: shown before they sign again.

use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use toruk_sync::domain::auction::{TermChange, editions};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::receipt::{GENESIS, Record, link};

/// The most pages of a log that are fetched: terms are corrected before anybody bids.
const LOG_PAGES_MAX: usize = 20;

/// A term that is another than when the person signed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ChangedTerm {
    /// The term: `start_price`, `minimal_step`, `guarantee` (tyiyn); `start`, `tender_end` (Unix
    /// µs); `object_of_price` (a code), `lease_duration` (ISO 8601); `title_ky` and so on,
    /// `description_ky` and so on; `area`, `cadastral_number`, `address_<part>`; `document_<hash>`
    /// with the document's title. A newer server may have others.
    pub term: String,
    /// The value that the person signed; absent if there was none.
    pub before: Option<String>,
    /// The value now; absent if there is none.
    pub after: Option<String>,
}

impl From<TermChange> for ChangedTerm {
    fn from(TermChange { term, before, after }: TermChange) -> Self {
        Self { term, before, after }
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The terms that have changed since the person signed their application, with the old and the
    /// new value of each, from the auction's public log, whose chain is checked up to the head that
    /// this phone knows. Empty if nothing has. Show it before `submit` signs again.
    ///
    /// # Errors
    /// `not_found` if the person has no application; `history_contradicted` if the log is not the
    /// one whose head was stated; [`CoreError::Offline`].
    pub async fn changed_terms(&self, auction: String) -> Result<Vec<ChangedTerm>, CoreError> {
        let auction = auction_id(&auction)?;
        let signed = self.driver.read(|engine| {
            let mine = engine.mine()?.applications.iter();
            let mut own = mine.filter(|view| view.application.auction == auction);
            own.next().map(|view| view.application.terms_version)
        });
        let signed = signed.ok_or_else(|| CoreError::refused("not_found"))?;
        let view = self.fetch_view(auction).await?;
        if view.auction.version == signed {
            return Ok(Vec::new());
        }
        let log = self.fetch_log(auction, view.seq).await?;
        let head = log.iter().fold(GENESIS, |head, record| link(&head, record));
        if hex::encode(head) != view.head {
            return Err(CoreError::refused("history_contradicted"));
        }
        let editions = editions(log.iter().map(|record| &record.event));
        let of = |version: u64| editions.iter().find(|edition| edition.version == version);
        let (Some(was), Some(now)) = (of(signed), of(view.auction.version)) else {
            return Err(CoreError::internal("the log has not the versions that it should"));
        };
        Ok(was.changes(now).into_iter().map(Into::into).collect())
    }
}

impl Core {
    /// The first `seq` records of a log.
    async fn fetch_log(&self, auction: AuctionId, seq: u64) -> Result<Vec<Record>, CoreError> {
        let mut log: Vec<Record> = Vec::new();
        for _ in 0..LOG_PAGES_MAX {
            let path = format!("/v1/auctions/{auction}/log?after={}", log.len());
            let ask = ApiRequest::new(RequestKind::ReadLog, &path).public();
            let page: Vec<Record> = self.driver.http.json(ask).await?;
            if page.is_empty() {
                break;
            }
            log.extend(page);
            if log.len() as u64 >= seq {
                log.truncate(usize::try_from(seq).unwrap_or(usize::MAX));
                break;
            }
        }
        Ok(log)
    }
}
