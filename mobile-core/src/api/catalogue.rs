//! Published auctions, also without a connection.

use super::lots::{AuctionDetail, AuctionList, AuctionSummary};
use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::engine::{Failure, Input};
use crate::error::CoreError;
use crate::store::{CardCursor, CardQuery, CardRow, Table, Write, cards};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionPage, AuctionView};
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::protocol::pull::{Entity, Row, Scope, kind};

/// The key of the fetched list in [`Table::Cache`].
const CARDS: &str = "cards";
/// The most pages that one call fetches.
const PAGES_MAX: usize = 20;
/// The most cards in a list, fetched or kept.
const LIST_MAX: usize = PAGES_MAX * PAGE_MAX as usize;

/// A search in the catalogue kept on this phone. Empty lists and `None` match everything.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CatalogueQuery {
    /// Words that must all occur in a title of any language, in the number or in the settlement; at
    /// most 8 words of at most 60 characters are used. Case does not matter, and `о у н е` also
    /// match `ө ү ң ё`.
    pub text: Option<String>,
    /// Kinds of lots: `land`, `premises`, `building`, `vehicle`, `other`.
    pub kinds: Vec<String>,
    /// Statuses, such as `tendering` or `bidding`.
    pub statuses: Vec<String>,
    /// The settlement, exactly as in `AuctionSummary`.
    pub settlement: Option<String>,
    /// `true` for the earliest opening first, `false` for the latest first.
    pub soonest_first: bool,
}

/// One page of a search in the kept catalogue.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CataloguePage {
    /// The auctions, ordered by the time at which bidding opens.
    pub items: Vec<AuctionSummary>,
    /// Pass this as `after` for the next page; absent on the last page.
    pub next: Option<String>,
    /// The server's time of this copy of the catalogue, Unix µs; absent if this phone never had a
    /// copy.
    pub as_of: Option<i64>,
}

#[uniffi::export]
impl Core {
    /// Searches the catalogue kept on this phone (`keep_catalogue`), or else the list that was
    /// fetched last (`auctions`); needs no connection. A page has at most 100 auctions. Reads the
    /// disk for a few milliseconds: do not call it on the UI thread.
    ///
    /// # Errors
    /// `malformed` if `after` did not come from this call; [`CoreError::StoreRepaired`];
    /// [`CoreError::Closed`].
    pub fn catalogue_page(
        &self,
        query: CatalogueQuery,
        after: Option<String>,
        limit: u32,
    ) -> Result<CataloguePage, CoreError> {
        let after = after.map(|after| cursor(&after)).transpose()?;
        let limit = usize::try_from(u64::from(limit).clamp(1, PAGE_MAX)).unwrap_or(1);
        let query = CardQuery {
            lot_kinds: query.kinds,
            statuses: query.statuses,
            settlement: query.settlement,
            soonest_first: query.soonest_first,
            ..CardQuery::default().with_text(&query.text.unwrap_or_default())
        };
        let (mut rows, as_of) = self.kept_rows(&query, after.as_ref(), limit + 1)?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more);
        Ok(CataloguePage {
            next: last.map(|row| format!("{}:{}", row.cursor.start, row.cursor.id)),
            items: rows.iter().filter_map(card).map(|card| (&card).into()).collect(),
            as_of: as_of.map(|as_of| as_of.0),
        })
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The published auctions, newest first; without a connection, those fetched last.
    ///
    /// # Errors
    /// [`CoreError::Offline`] if they were never fetched.
    pub async fn auctions(&self) -> Result<AuctionList, CoreError> {
        match self.fetch_cards().await {
            Ok(page) => {
                self.driver.save(&[Write::json(Table::Cache, CARDS, &page)])?;
                Ok(list(&page, false))
            }
            Err(failure) if failure.is_connection() => {
                let (rows, as_of) = self.kept_rows(&CardQuery::default(), None, LIST_MAX)?;
                let server_time = as_of.ok_or(CoreError::Offline)?;
                let items = rows.iter().filter_map(card).collect();
                Ok(list(&AuctionPage { items, next: None, server_time }, true))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// One auction with its form; without a connection, as it was last seen.
    ///
    /// # Errors
    /// [`CoreError::Offline`] if it was never seen; `not_found`.
    pub async fn auction(&self, id: String) -> Result<AuctionDetail, CoreError> {
        let id = auction_id(&id)?;
        match self.fetch_view(id).await {
            Ok(view) => Ok(AuctionDetail::of(&view, false)),
            Err(CoreError::Offline) => {
                let kept = self.driver.read(|engine| engine.view(id).cloned());
                Ok(AuctionDetail::of(&kept.ok_or(CoreError::Offline)?, true))
            }
            Err(error) => Err(error),
        }
    }
}

impl Core {
    /// Fetches an auction and keeps it for use without a connection.
    pub(super) async fn fetch_view(&self, id: AuctionId) -> Result<AuctionView, CoreError> {
        let path = format!("/v1/auctions/{id}");
        let ask = ApiRequest::new(RequestKind::ReadAuction, &path).public();
        let view: AuctionView = self.driver.http.json(ask).await?;
        self.driver.input(Input::View(Box::new(view.clone())))?;
        Ok(view)
    }

    /// Cards from the pulled catalogue, or else from the fetched list, with the server's time of
    /// that copy; no time if there is neither.
    fn kept_rows(
        &self,
        query: &CardQuery,
        after: Option<&CardCursor>,
        limit: usize,
    ) -> Result<(Vec<CardRow>, Option<Timestamp>), CoreError> {
        let (is_pulled, as_of) = self.driver.read(|engine| {
            let pulls = engine.pulls();
            (pulls.has(Scope::Catalogue), pulls.state().as_of)
        });
        if is_pulled {
            let rows = self.driver.read_store(|store| store.cards(query, after, limit))?;
            return Ok((rows, as_of));
        }
        let kept = self.driver.read_store(|store| store.get(Table::Cache, CARDS))?;
        let page = kept.and_then(|kept| serde_json::from_slice::<AuctionPage>(&kept).ok());
        let Some(page) = page else { return Ok((Vec::new(), None)) };
        let rows = cards::page(page.items.iter().map(as_row), query, after, limit);
        Ok((rows, Some(page.server_time)))
    }

    async fn fetch_cards(&self) -> Result<AuctionPage, Failure> {
        let mut items: Vec<AuctionCard> = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let path = format!("/v1/auctions?limit={PAGE_MAX}{after}");
            let ask = ApiRequest::new(RequestKind::ReadAuctions, &path).public();
            let page: AuctionPage = self.driver.http.json(ask).await?;
            items.extend(page.items);
            let Some(next) = page.next else {
                return Ok(AuctionPage { items, next: None, server_time: page.server_time });
            };
            after = format!("&after={next}");
        }
        let server_time = self.label_time();
        Ok(AuctionPage { items, next: None, server_time })
    }
}

/// Parses a page's start, in the format of [`CataloguePage::next`].
fn cursor(after: &str) -> Result<CardCursor, CoreError> {
    let cursor = after.split_once(':').and_then(|(start, id)| {
        let (start, id) = (start.parse().ok()?, id.parse::<AuctionId>().ok()?);
        Some(CardCursor { start, id: id.to_string() })
    });
    cursor.ok_or_else(|| CoreError::refused("malformed"))
}

fn card(row: &CardRow) -> Option<AuctionCard> {
    match serde_json::from_slice::<Row>(&row.value).ok()?.entity()? {
        Entity::Card(card) => Some(card),
        _ => None,
    }
}

/// A fetched card in the form of a pulled row.
fn as_row(card: &AuctionCard) -> Vec<u8> {
    let row = Row {
        scope: Scope::Catalogue,
        kind: kind::CARD.to_owned(),
        id: card.id.to_string(),
        seq: card.seq,
        value: serde_json::to_value(card).ok(),
    };
    serde_json::to_vec(&row).unwrap_or_default()
}

fn list(page: &AuctionPage, stale: bool) -> AuctionList {
    let items = page.items.iter().map(Into::into).collect();
    AuctionList { items, as_of: page.server_time.0, stale }
}
