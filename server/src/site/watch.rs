//! An auction as it happens, for everybody: the same board as the officials' monitor, without their
//! acts. Without scripts it is a page that can be loaded again.

use super::lot::latest;
use super::page::Site;
use crate::AppState;
use crate::console::layout::{Page, render};
use crate::console::live::{Board, LiveFragment, compose, refusals};
use crate::console::refusal::Refusal;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;

/// Page of an auction as it happens.
#[derive(Template)]
#[template(path = "site-watch.html")]
pub struct WatchPage {
    pub site: Site,
    pub page: Page,
    pub board: Board,
    /// Pairs of a rejection's key and text, for the script.
    pub refusals: Vec<(&'static str, String)>,
    /// Set for a screen on the wall: figures that are read from afar.
    pub is_big: bool,
}

/// How the page is shown.
#[derive(Debug, Default, Deserialize)]
pub struct Look {
    /// `big` for a screen on the wall.
    #[serde(default)]
    screen: String,
}

/// `GET /watch/{id}`: the auction as it happens.
pub async fn show(
    State(state): State<AppState>,
    site: Site,
    Path(id): Path<AuctionId>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let board = load(&state, &site, id).await?;
    let (page, refusals) = (site.page.clone(), refusals(&site.page));
    let is_big = look.screen == "big";
    site.answer(&headers, &WatchPage { site: site.clone(), page, board, refusals, is_big })
}

/// `GET /watch/{id}/board`: the board alone, which the page's script asks for.
pub async fn board(
    State(state): State<AppState>,
    site: Site,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let board = load(&state, &site, id).await?;
    render(&LiveFragment { page: site.page, board })
}

async fn load(state: &AppState, site: &Site, id: AuctionId) -> Result<Board, Refusal> {
    let view: AuctionView = state.catalogue.view(id).await?;
    let log = latest(state, &view, RECORDS_MAX).await?;
    Ok(compose(&site.page, &view, &log, state.context.ports.clock.now()))
}

/// Most records of the log in which the board looks for bids.
const RECORDS_MAX: u64 = 60;
