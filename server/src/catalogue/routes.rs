//! Public routes: auctions and their logs.

use super::papers::Paper;
use super::service::{Error, Service};
use crate::context::Context;
use crate::web::file_answer::HashedFile;
use crate::web::problem::{Id, Params, Problem};
use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::{AuctionPage, AuctionView, PublishedDocuments};
use toruk_sync::protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::Record;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most records of a log in one response.
const LOG_PAGE: u64 = 1_000;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    Arc<Context>: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(view))
        .routes(routes!(log))
        .routes(routes!(documents))
        .routes(routes!(document))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// Value of `next` of the previous page.
    after: Option<String>,
    /// Page size, from 1 to 100.
    limit: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    /// Only records after this position.
    #[serde(default)]
    after: u64,
}

/// Published auctions, the newest first.
#[utoipa::path(get, path = "/v1/auctions", tag = "catalogue", params(PageQuery),
    responses((status = 200, body = AuctionPage), (status = "default", body = ProblemBody)))]
async fn page(
    State(catalogue): State<Service>,
    State(context): State<Arc<Context>>,
    Params(query): Params<PageQuery>,
) -> Result<Json<AuctionPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let (items, next) = catalogue.page(query.after.as_deref(), limit).await?;
    Ok(Json(AuctionPage { items, next, server_time: context.ports.clock.now() }))
}

/// All public data of an auction.
#[utoipa::path(get, path = "/v1/auctions/{id}", tag = "catalogue",
    params(("id" = AuctionId, Path)),
    responses((status = 200, body = AuctionView), (status = "default", body = ProblemBody)))]
async fn view(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
) -> Result<Json<AuctionView>, Problem> {
    Ok(Json(catalogue.view(id).await?))
}

/// An auction's log: everything needed to recompute the winner. At most 1 000 records; use `after`
/// for the next ones.
#[utoipa::path(get, path = "/v1/auctions/{id}/log", tag = "catalogue",
    params(("id" = AuctionId, Path), LogQuery),
    responses((status = 200, body = Vec<Record>), (status = "default", body = ProblemBody)))]
async fn log(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
    Params(query): Params<LogQuery>,
) -> Result<Json<Vec<Record>>, Problem> {
    catalogue.view(id).await?;
    Ok(Json(catalogue.log(id, query.after, LOG_PAGE).await?))
}

/// The documents that were published with an auction, also those that a correction withdrew.
#[utoipa::path(get, path = "/v1/auctions/{id}/documents", tag = "catalogue",
    params(("id" = AuctionId, Path)),
    responses((status = 200, body = PublishedDocuments),
        (status = "default", body = ProblemBody)))]
async fn documents(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
) -> Result<Json<PublishedDocuments>, Problem> {
    Ok(Json(PublishedDocuments { items: catalogue.papers(id).await? }))
}

/// The content of such a document, whole or in parts. It never changes: caches may keep it.
#[utoipa::path(get, path = "/v1/auctions/{id}/documents/{sha256}", tag = "catalogue",
    params(("id" = AuctionId, Path), ("sha256" = String, Path),
        ("Range" = Option<String>, Header, description = "`bytes=<first>-<last>`"),
        ("If-None-Match" = Option<String>, Header, description = "The document's hash, quoted.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The document: PDF, JPEG or PNG."),
        (status = 206, description = "The part that was asked for."),
        (status = 304, description = "What the client has is current."),
        (status = 416, description = "There is no such part."),
        (status = "default", body = ProblemBody)))]
async fn document(
    State(catalogue): State<Service>,
    Id((id, sha256)): Id<(AuctionId, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Paper { title: name, mime, sha256, path } = catalogue.paper(id, &sha256).await?;
    HashedFile { path, mime, sha256, name, is_public: true }.answer(&asked).await
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Frozen => Self::new(ProblemCode::RuleBroken).with("fault", "lot_frozen"),
            Error::TooManyDocuments => {
                Self::new(ProblemCode::RuleBroken).with("fault", "too_many_documents")
            }
            Error::Malformed(detail) => Self::new(ProblemCode::Malformed).with("detail", detail),
            Error::Text(fault) => {
                Self::new(ProblemCode::Malformed).with("detail", fault.to_string())
            }
            Error::Import(fault) => {
                Self::new(ProblemCode::Malformed).with("detail", fault.to_string())
            }
            Error::Document(damaged) => {
                Self::new(ProblemCode::Malformed).with("detail", damaged.to_string())
            }
            Error::Picture(fault) => {
                Self::new(ProblemCode::Malformed).with("detail", fault.to_string())
            }
            Error::Disk(error) => Self::internal(&error),
            Error::Store(error) => error.into(),
        }
    }
}
