//! Routes with which a phone pulls and follows.

use super::pull::PulledReply;
use super::service::{Error, OBSERVERS_RETRY_S, Service};
use crate::address::ClientAddress;
use crate::context::Context;
use crate::identity::{self, Bidder, StreamViewer};
use crate::web::problem::{Body, Problem, Repeated};
use crate::web::protocol_version::ProtocolVersion;
use axum::body::Body as Streamed;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Deserialize;
use std::sync::Arc;
use toruk_sync::protocol::identity::ServerTime;
use toruk_sync::protocol::live::{Follow, LiveFrame, NotFollowed, follow_list};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::{Pull, PullReply};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Longest name that a client of a stream gives itself.
const VIEWER_CHARS_MAX: usize = 64;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
    Arc<Context>: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(pull)).routes(routes!(live)).routes(routes!(time))
}

/// The next page of changes for the caller, on the calling phone. A cookie with an unusable
/// position is no error: the scopes are sent again from nothing, and the reply says why.
#[utoipa::path(post, path = "/v1/sync/pull", tag = "sync",
    operation_id = "pull_changes", request_body = Pull,
    params(("Sync-Protocol" = Option<u32>, Header, description = "The phone's protocol")),
    responses((status = 200, body = PullReply)))]
async fn pull(
    State(feed): State<Service>,
    bidder: Bidder,
    version: ProtocolVersion,
    Body(request): Body<Pull>,
) -> Result<Json<PulledReply>, Problem> {
    version.require_supported()?;
    Ok(Json(feed.pull(&bidder, &request).await?))
}

/// Query of a live stream.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LiveQuery {
    /// An auction's id, or `<id>:<seq>` to go on after a record; once per auction.
    #[serde(default)]
    follow: Vec<String>,
    /// A name of the client's choice, at most 64 letters, digits, `-`, `_`. With a session, the
    /// next stream under the same name replaces this one.
    viewer: Option<String>,
}

/// Follows auctions: server-sent events, each a `LiveFrame`, with `<auction>:<seq>` as its id.
///
/// `Last-Event-ID` counts for the auction it names when it is followed, instead of its `<seq>`.
/// Unpublished auctions are left out; heartbeats list the followed ones. A phone gets a poke when
/// there is something to pull, also when it follows no auction. With a session's token or cookie
/// the stream has a bidder's slot, and ends with the session.
#[utoipa::path(get, path = "/v1/live", tag = "live",
    operation_id = "follow_auctions", security((), ("session" = [])), params(LiveQuery),
    responses((status = 200, body = LiveFrame, content_type = "text/event-stream")))]
async fn live(
    State(feed): State<Service>,
    viewer: StreamViewer,
    address: Option<Extension<ClientAddress>>,
    Repeated(LiveQuery { follow, viewer: name }): Repeated<LiveQuery>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if !name.as_deref().is_none_or(is_name) {
        return Err(Problem::new(ProblemCode::Malformed).with("field", "viewer"));
    }
    // A phone may subscribe to pokes alone.
    let only_pokes = follow.is_empty() && matches!(viewer, StreamViewer::Bidder(..));
    let mut list = match only_pokes {
        true => Vec::new(),
        false => follow_list(follow.iter().map(String::as_str))?,
    };
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse::<Follow>().ok());
    if let Some(last) = last
        && let Some(follow) = list.iter_mut().find(|follow| follow.auction == last.auction)
    {
        follow.after = last.after.or(follow.after);
    }
    let address = address.map_or(ClientAddress::UNKNOWN, |Extension(address)| address);
    let frames = feed.follow(viewer, address, &list, name).await?;
    // Proxies must not buffer events.
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Streamed::from_stream(frames)))
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=VIEWER_CHARS_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// The server's time, for a four-timestamp exchange.
#[utoipa::path(get, path = "/v1/time", tag = "live",
    operation_id = "get_time", security(()), responses((status = 200, body = ServerTime)))]
async fn time(State(context): State<Arc<Context>>) -> Json<ServerTime> {
    let clock = &context.ports.clock;
    Json(ServerTime { received_at: clock.now(), sent_at: clock.now() })
}

impl From<NotFollowed> for Problem {
    fn from(refusal: NotFollowed) -> Self {
        let code = match refusal {
            NotFollowed::TooMany => ProblemCode::LimitReached,
            NotFollowed::Malformed | NotFollowed::Twice | NotFollowed::Nothing => {
                ProblemCode::Malformed
            }
        };
        Self::new(code).with("detail", refusal)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TooManyStreams => Self::new(ProblemCode::Busy),
            Error::TooManyObservers => Self::new(ProblemCode::Busy).retry_after(OBSERVERS_RETRY_S),
            Error::AddressLimit(exceeded) | Error::SessionLimit(exceeded) => exceeded.into(),
            Error::TooManyAcked => Self::new(ProblemCode::TooLarge),
            Error::Identity(error) => error.into(),
            Error::Catalogue(error) => error.into(),
            Error::Application(error) => error.into(),
            Error::Deposit(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}
