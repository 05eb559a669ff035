//! What a phone asks to pull and follow.

use super::service::{Error, Numbered};
use crate::AppState;
use crate::identity::Bidder;
use crate::problem::{Id, Problem};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::stream::{self, Stream, StreamExt as _};
use std::convert::Infallible;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::identity::ServerTime;
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::protocol::sync::Mine;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The feature's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(mine)).routes(routes!(live)).routes(routes!(time))
}

/// Everything the server holds of the person who asks.
#[utoipa::path(get, path = "/v1/mine", tag = "sync",
    responses((status = 200, body = Mine), (status = "default", body = ProblemBody)))]
async fn mine(State(state): State<AppState>, bidder: Bidder) -> Result<Json<Mine>, Problem> {
    Ok(Json(state.feed.mine(&bidder).await?))
}

/// Follows an auction: server-sent events, each a `LiveFrame`, numbered by log position.
#[utoipa::path(get, path = "/v1/auctions/{id}/live", tag = "live",
    params(("id" = AuctionId, Path)),
    responses((status = 200, body = LiveFrame, content_type = "text/event-stream"),
        (status = "default", body = ProblemBody)))]
async fn live(
    State(state): State<AppState>,
    Extension(stop): Extension<CancellationToken>,
    Id(id): Id<AuctionId>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let last_seen = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    let frames = state.feed.follow(id, last_seen, stop).await?;
    // Proxies must hand on each event as it comes.
    let unbuffered =
        [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events(frames))))
}

/// The server's time, for a four-stamp exchange.
#[utoipa::path(get, path = "/v1/time", tag = "live", responses((status = 200, body = ServerTime)))]
async fn time(State(state): State<AppState>) -> Json<ServerTime> {
    let clock = &state.shared.ports.clock;
    Json(ServerTime { received_at: clock.now(), sent_at: clock.now() })
}

fn events(frames: mpsc::Receiver<Numbered>) -> impl Stream<Item = Result<Event, Infallible>> {
    let frames = stream::unfold(frames, |mut frames| async move {
        let frame = frames.recv().await?;
        Some((frame, frames))
    });
    frames.filter_map(|(number, frame)| async move {
        let event = Event::default().json_data(&frame).ok()?;
        Some(Ok(match number {
            Some(number) => event.id(number.to_string()),
            None => event,
        }))
    })
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TooManyStreams => Self::new(ProblemCode::Busy),
            Error::Catalogue(error) => error.into(),
            Error::Application(error) => error.into(),
            Error::Deposit(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}
