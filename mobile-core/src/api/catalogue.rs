//! Auctions as published, also without a connection.

use super::lots::{AuctionDetail, AuctionList};
use super::{Core, auction_id};
use crate::driver::http::Ask;
use crate::engine::{Failure, Input};
use crate::error::CoreError;
use crate::store::{Table, Write};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionPage, AuctionView};
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::protocol::pull::{Entity, Row};

/// The name of the list in [`Table::Cache`].
const CARDS: &str = "cards";
/// Pages of a list that are fetched.
const PAGES_MAX: usize = 20;

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The published auctions, the newest first; without a connection, those of the last time.
    ///
    /// # Errors
    /// [`CoreError::Offline`] when there never was a connection.
    pub async fn auctions(&self) -> Result<AuctionList, CoreError> {
        match self.fetch_cards().await {
            Ok(page) => {
                self.driver.keep(&[Write::json(Table::Cache, CARDS, &page)])?;
                Ok(list(&page, false))
            }
            Err(Failure::NotSent | Failure::Lost) => {
                Ok(list(&self.kept_cards()?.ok_or(CoreError::Offline)?, true))
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
                let kept = self.driver.look(|engine| engine.view(id).cloned());
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
        let view: AuctionView = self.driver.http.json(Ask::get(&path).public()).await?;
        self.driver.feed(Input::View(Box::new(view.clone())))?;
        Ok(view)
    }

    /// The catalogue as it was pulled, the newest first, or the list as it was fetched.
    fn kept_cards(&self) -> Result<Option<AuctionPage>, CoreError> {
        let as_of = self.driver.look(|engine| engine.pulls().known().as_of);
        let rows = self.driver.store().list(Table::Card)?;
        if let (false, Some(server_time)) = (rows.is_empty(), as_of) {
            let card = |(_, row): &(String, Vec<u8>)| match serde_json::from_slice::<Row>(row)
                .ok()?
                .entity()?
            {
                Entity::Card(card) => Some(card),
                _ => None,
            };
            let mut items: Vec<AuctionCard> = rows.iter().filter_map(card).collect();
            items.sort_by_key(|card| std::cmp::Reverse((card.start, card.id)));
            return Ok(Some(AuctionPage { items, next: None, server_time }));
        }
        let kept = self.driver.store().get(Table::Cache, CARDS)?;
        Ok(kept.and_then(|kept| serde_json::from_slice::<AuctionPage>(&kept).ok()))
    }

    async fn fetch_cards(&self) -> Result<AuctionPage, Failure> {
        let mut items: Vec<AuctionCard> = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let path = format!("/v1/auctions?limit={PAGE_MAX}{after}");
            let page: AuctionPage = self.driver.http.json(Ask::get(&path).public()).await?;
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

fn list(page: &AuctionPage, stale: bool) -> AuctionList {
    let items = page.items.iter().map(Into::into).collect();
    AuctionList { items, as_of: page.server_time.0, stale }
}
