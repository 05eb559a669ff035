//! Auctions as published, also without a connection.

use super::lots::{AuctionDetail, AuctionList, AuctionSummary};
use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::{Failure, Input};
use crate::error::CoreError;
use crate::store::{CardCursor, CardQuery, CardRow, Table, Write, cards};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionPage, AuctionView};
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::protocol::pull::{Entity, Row, Scope, kind};

/// The name of the list in [`Table::Cache`].
const CARDS: &str = "cards";
/// Pages of a list that are fetched.
const PAGES_MAX: usize = 20;
/// Cards of a list, fetched or kept.
const LIST_MAX: usize = PAGES_MAX * PAGE_MAX as usize;

/// Which auctions of the kept catalogue are wanted. Empty lists and `None` ask for all.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CatalogueQuery {
    /// Words that all must be in a title of any language, in the number or in the settlement; at
    /// most 8 of at most 60 characters count. Capitals do not matter, and `о у н е` also find
    /// `ө ү ң ё`.
    pub text: Option<String>,
    /// Kinds of lots: `land`, `premises`, `building`, `vehicle`, `other`.
    pub kinds: Vec<String>,
    /// Statuses, such as `tendering` or `bidding`.
    pub statuses: Vec<String>,
    /// The settlement, as `AuctionSummary` has it.
    pub settlement: Option<String>,
    /// Whether the auction that opens first comes first; otherwise the one that opens last.
    pub soonest_first: bool,
}

/// A page of the kept catalogue.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CataloguePage {
    /// The auctions, by the time at which bidding opens.
    pub items: Vec<AuctionSummary>,
    /// Ask with this for the next page; absent on the last.
    pub next: Option<String>,
    /// The server's time when the catalogue was like this, Unix microseconds; absent when this
    /// phone never had it.
    pub as_of: Option<i64>,
}

#[uniffi::export]
impl Core {
    /// Auctions of the catalogue that is kept on this phone (`keep_catalogue`), or of the list that
    /// was fetched last (`auctions`); needs no connection. At most 100 a page. Reads the disk for a
    /// few milliseconds: not on the thread that draws.
    ///
    /// # Errors
    /// `malformed` when `after` is none of ours; [`CoreError::StoreRepaired`];
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
    /// The published auctions, the newest first; without a connection, those of the last time.
    ///
    /// # Errors
    /// [`CoreError::Offline`] when there never was a connection.
    pub async fn auctions(&self) -> Result<AuctionList, CoreError> {
        match self.fetch_cards().await {
            Ok(page) => {
                self.driver.save(&[Write::json(Table::Cache, CARDS, &page)])?;
                Ok(list(&page, false))
            }
            Err(Failure::NotSent | Failure::Lost) => {
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
    /// [`CoreError::Offline`] when it was never seen; `not_found`.
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
    /// Fetches an auction and keeps it for later.
    pub(super) async fn fetch_view(&self, id: AuctionId) -> Result<AuctionView, CoreError> {
        let path = format!("/v1/auctions/{id}");
        let view: AuctionView = self.driver.http.json(ApiRequest::get(&path).public()).await?;
        self.driver.input(Input::View(Box::new(view.clone())))?;
        Ok(view)
    }

    /// Cards of the catalogue as it was pulled, or else of the list as it was fetched; and as of
    /// when, unless there is neither.
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
            let page: AuctionPage = self.driver.http.json(ApiRequest::get(&path).public()).await?;
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

/// Where a page begins, as [`CataloguePage::next`] says it.
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

/// A card as it would have been pulled.
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
