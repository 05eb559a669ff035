//! All routes, and the layers that every request passes through.

mod bounds;
mod caller_limits;
mod document;

use self::caller_limits::AddressId;
use crate::push;
use crate::web::content_encoding;
use crate::web::problem::Problem;
use crate::web::response::{self, REQUEST_ID};
use crate::web::unchanged::Unchanged;
use crate::{
    AppState, application, auction, blob, catalogue, console, deposit, feed, identity, metrics,
    signature, site,
};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use std::any::Any;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionView};
use toruk_sync::protocol::limits::BODY_BYTES_MAX;
use toruk_sync::protocol::operations::{ApplicationView, DraftView};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::OutcomeView;
use toruk_sync::protocol::push_hint::PushHint;
use toruk_sync::protocol::web_push::WebPushNotice;
use toruk_sync::receipt::ApplicationReceipt;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{
    DefaultPredicate, NotForContentType, Predicate, SizeAbove,
};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Time after which a request without a response is aborted. Long enough for the largest file on a
/// slow line; an interrupted upload continues from its last byte.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// What is as fast whole as it is compressed: less than one packet has place for.
const PACKET_BYTES: u64 = 1_400;

#[derive(OpenApi)]
#[openapi(info(
    title = "Toruk",
    description = "The API of phones and observers. Times are Unix microseconds (UTC), money is \
        tyiyn (1/100 som). What the requests mean, and what is signed, is in sync/README.md.",
    contact(name = "Toruk")
), components(schemas(AuctionCard, AuctionView, ApplicationView, DraftView, OutcomeView,
    ApplicationReceipt, PushHint, WebPushNotice)), servers((url = "/", description = "The server that sent this document")),
security(("session" = [])),
tags(
    (name = "identity", description = "Registration, sign-in, passkeys and devices"),
    (name = "push", description = "Where notices of this phone are sent to"),
    (name = "catalogue", description = "Published auctions, their documents and logs; public"),
    (name = "files", description = "Resumable uploads (tus 1.0.0)"),
    (name = "sync", description = "A phone's operations and its copy of the server's data"),
    (name = "payments", description = "Guarantee deposits"),
    (name = "bids", description = "Bids and their receipts"),
    (name = "award", description = "The result, and the winner's answer"),
    (name = "live", description = "Auctions as they happen, and the server's time; public"),
))]
struct ApiDoc;

/// The router of the whole server.
pub fn router(state: AppState, stop: CancellationToken) -> Router {
    let (api, document) = api().split_for_parts();
    let document = Json(document::completed(document));
    let answered = DefaultOnResponse::new().level(tracing::Level::INFO);
    let trace = TraceLayer::new_for_http().make_span_with(span).on_response(answered);
    let layers = ServiceBuilder::new()
        .layer(trace)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(Extension(stop))
        .layer(Extension(Unchanged::new(&state.context)))
        .layer(from_fn(content_encoding::reject_compressed))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    Router::new()
        .merge(api.layer(compression()))
        .nest("/console", console::routes(&state))
        .merge(console::eid::routes())
        .merge(site::routes(&state).layer(compression()))
        .route("/livez", get(|| async { StatusCode::NO_CONTENT }))
        .merge(well_known(&state))
        .route("/api/openapi.json", get(|| async move { document }))
        .fallback(|| async { Problem::new(ProblemCode::NotFound) })
        .layer(layers)
        // Outside of the log: a flood that is refused fills no disk.
        .layer(from_fn_with_state(state.clone(), caller_limits::enforce))
        .layer(from_fn_with_state(state.context.clone(), response::finalize))
        .with_state(state)
}

/// Compresses JSON that does not fit into one packet, for clients that ask for it. Pages of the
/// console are never compressed: they hold a form's secret beside words that a stranger may have
/// typed, and their length would tell of both.
///
/// # Why at the lowest level
/// Everybody may ask for public pages as often as their address allows, and bids are decided on the
/// same processors. It is level 1 of zstd, which is preferred where a client takes both: about as
/// small as gzip's first level, in a third of the time.
fn compression() -> CompressionLayer<impl Predicate> {
    let pays_off = DefaultPredicate::new()
        .and(SizeAbove::new(PACKET_BYTES))
        .and(NotForContentType::const_new("application/pdf"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(pays_off)
}

/// What platforms fetch to learn which apps and origins are this server's; a document without
/// content is not there.
fn well_known(state: &AppState) -> Router<AppState> {
    let config = &state.context.config;
    let documents = [
        ("/.well-known/assetlinks.json", signature::asset_links(config)),
        ("/.well-known/apple-app-site-association", signature::app_site_association(config)),
        ("/.well-known/webauthn", signature::related_origins(config)),
    ];
    let there = documents.into_iter().filter_map(|(path, content)| Some((path, Json(content?))));
    there.fold(Router::new(), |router, (path, content)| {
        router.route(path, get(move || async move { content }))
    })
}

/// Returns `true` if a request may be a bid, by its head. It does not matter if it is none.
pub fn may_be_bid<B>(request: &Request<B>) -> bool {
    *request.method() == Method::POST && request.uri().path().ends_with("/bids")
}

/// The routes of the second listener, for those who run the server: they need no session, so the
/// public must not reach them.
pub fn operations_router(state: AppState) -> Router {
    Router::new()
        .route("/livez", get(|| async { StatusCode::NO_CONTENT }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|| async { metrics::recorder().render() }))
        .fallback(|| async { Problem::new(ProblemCode::NotFound) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.context.clone(), response::finalize))
        .with_state(state)
}

/// The API's description, as committed in `server/openapi.json`.
pub fn openapi() -> serde_json::Value {
    document::completed(api().into_openapi())
}

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .merge(identity::routes::routes())
        .merge(push::routes::routes())
        .merge(catalogue::routes::routes())
        .merge(blob::routes::routes())
        .merge(application::routes::routes())
        .merge(deposit::routes::routes())
        .merge(auction::routes::routes())
        .merge(feed::routes::routes())
}

/// Readiness: the clock is trusted, and the database accepts writes.
async fn ready(State(state): State<AppState>) -> Response {
    if !state.context.ports.clock.is_trusted() {
        return Problem::new(ProblemCode::Busy).into_response();
    }
    match state.context.db.probe().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            Problem::internal(&error);
            Problem::new(ProblemCode::Busy).into_response()
        }
    }
}

/// One log line per request, with the route's pattern, the id of the client's address and, once it
/// is known, the caller's id; never the path itself, which may contain an invitation's secret.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str);
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("");
    let address = request.extensions().get::<AddressId>().map_or("unknown", |id| id.0.as_str());
    let person = tracing::field::Empty;
    tracing::info_span!("request", method = %request.method(), route, id, address, person)
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = text, "a handler panicked");
    let mut response = Problem::new(ProblemCode::Internal).into_response();
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}
