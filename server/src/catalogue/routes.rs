//! Public routes: auctions and their logs.

use super::listing::CatalogueQuery;
use super::papers::Paper;
use super::service::{Error, Service};
use crate::context::Context;
use crate::web::file_answer::HashedFile;
use crate::web::problem::{Id, Params, Problem, Repeated};
use crate::web::public_json::{self, CURRENT, Kept};
use crate::web::unchanged;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::from_fn;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::lot::LotKind;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionPage, AuctionSort, AuctionView, PublishedDocuments};
use toruk_sync::protocol::limits::{PAGE_DEFAULT, PAGE_MAX};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Record;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most records of a log in one response.
pub const LOG_PAGE: u64 = 1_000;
/// Records behind a page from which on caches keep it for good. A database that has lost its latest
/// records and serves all the same (`--accept-loss`) writes others in their places.
const SETTLED_RECORDS: u64 = 100;

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
        .routes(routes!(thumbnail))
        .layer(public_json::readable_everywhere())
        .layer(from_fn(unchanged::answer))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// Only auctions in one of these statuses; the parameter may come several times.
    #[serde(default)]
    status: Vec<Status>,
    /// Only lots of one of these kinds; the parameter may come several times.
    #[serde(default)]
    kind: Vec<LotKind>,
    /// Only lots of this region, as the address has it; case and the letters that keyboards lack do
    /// not matter.
    #[param(max_length = 200)]
    region: Option<String>,
    /// The lowest current price, in tyiyn.
    price_from: Option<Tyiyn>,
    /// The highest current price, in tyiyn.
    price_to: Option<Tyiyn>,
    /// Bidding opens at this moment or later, in Unix microseconds.
    start_from: Option<Timestamp>,
    /// Bidding opens earlier than this moment, in Unix microseconds.
    start_to: Option<Timestamp>,
    /// Words that all occur in the number, a title or the settlement, in Kyrgyz, Russian or
    /// English; `о у н е` also find `ө ү ң ё`, and case does not matter. Eight words of 60
    /// characters count.
    #[param(max_length = 200)]
    text: Option<String>,
    /// The order, by default `newest`.
    #[serde(default)]
    #[param(inline)]
    sort: AuctionSort,
    /// Value of `next` of the previous page, asked for with the same filters and sort.
    #[param(max_length = 200)]
    after: Option<String>,
    /// Page size, from 1 to 100.
    limit: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    /// Only records after this position.
    #[serde(default)]
    after: u64,
    /// Most records, from 1 to 1 000, which it is by default.
    limit: Option<u64>,
}

/// Published auctions that match all filters, in the order of `sort`. While somebody reads page
/// after page, an auction comes once, whatever is published meanwhile; one whose own price or start
/// changes may be missed or come twice.
#[utoipa::path(get, path = "/v1/auctions", tag = "catalogue",
    operation_id = "list_auctions", security(()),
    params(PageQuery,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses((status = 200, body = AuctionPage), (status = 304, description = CURRENT)))]
async fn page(
    State(catalogue): State<Service>,
    State(context): State<Arc<Context>>,
    Repeated(asked_for): Repeated<PageQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let limit = page_size(asked_for.limit, PAGE_DEFAULT, PAGE_MAX)?;
    let after = asked_for.after.clone();
    let (items, next) = catalogue.page(&asked_for.into(), after.as_deref(), limit).await?;
    let page = AuctionPage { items, next, server_time: context.ports.clock.now() };
    public_json::answer(&asked, &page, Kept::Asked)
}

fn page_size(asked: Option<u64>, default: u64, most: u64) -> Result<u64, Problem> {
    let limit = asked.unwrap_or(default);
    match (1..=most).contains(&limit) {
        true => Ok(limit),
        false => Err(Problem::new(ProblemCode::Malformed).with("field", "limit")),
    }
}

/// All public data of an auction.
#[utoipa::path(get, path = "/v1/auctions/{id}", tag = "catalogue",
    operation_id = "get_auction", security(()),
    params(("id" = AuctionId, Path),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses((status = 200, body = AuctionView), (status = 304, description = CURRENT)))]
async fn view(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    public_json::answer(&asked, &catalogue.view(id).await?, Kept::Asked)
}

/// An auction's log: everything needed to recompute the winner. A full page names the next one by
/// `Link: <…>; rel="next"`.
#[utoipa::path(get, path = "/v1/auctions/{id}/log", tag = "catalogue",
    operation_id = "get_log", security(()),
    params(("id" = AuctionId, Path), LogQuery,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses((status = 200, body = Vec<Record>,
        description = "At most `limit` records, in the order of the log."),
        (status = 304, description = CURRENT)))]
async fn log(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
    Params(query): Params<LogQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    if i64::try_from(query.after).is_err() {
        return Err(Problem::new(ProblemCode::Malformed).with("field", "after"));
    }
    let length = catalogue.view(id).await?.seq;
    let limit = page_size(query.limit, LOG_PAGE, LOG_PAGE)?;
    let records = catalogue.log(id, query.after, limit).await?;
    // Positions have no gaps.
    let full = query.after.saturating_add(limit);
    let next = records.last().map(|last| last.seq).filter(|seq| *seq == full);
    let mut response = public_json::answer(&asked, &records, kept(next, limit, length))?;
    if let Some(after) = next {
        let link = format!("</v1/auctions/{id}/log?after={after}&limit={limit}>; rel=\"next\"");
        let link = HeaderValue::try_from(link).map_err(|error| Problem::internal(&error))?;
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// How long a page of a log is kept whose last record is `last`, if it is full.
///
/// # Why not each full page for good
/// A page of one record is full as soon as it is written. Kept for a year, it would show the record
/// of a history that an accident has ended.
fn kept(last: Option<u64>, limit: u64, length: u64) -> Kept {
    match last {
        None => Kept::Asked,
        Some(last) if limit == LOG_PAGE && length >= last.saturating_add(SETTLED_RECORDS) => {
            Kept::Always
        }
        Some(_) => Kept::Briefly,
    }
}

/// The documents that were published with an auction, also those that a correction withdrew.
#[utoipa::path(get, path = "/v1/auctions/{id}/documents", tag = "catalogue",
    operation_id = "list_documents", security(()),
    params(("id" = AuctionId, Path),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses((status = 200, body = PublishedDocuments), (status = 304, description = CURRENT)))]
async fn documents(
    State(catalogue): State<Service>,
    Id(id): Id<AuctionId>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let documents = PublishedDocuments { items: catalogue.papers(id).await? };
    public_json::answer(&asked, &documents, Kept::Asked)
}

/// The content of such a document, whole or in parts. It never changes: caches may keep it.
#[utoipa::path(get, path = "/v1/auctions/{id}/documents/{sha256}", tag = "catalogue",
    operation_id = "get_document", security(()),
    params(("id" = AuctionId, Path), ("sha256" = String, Path),
        ("Range" = Option<String>, Header, description = "`bytes=<first>-<last>`"),
        ("If-None-Match" = Option<String>, Header, description = "The document's hash, quoted.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The document: PDF, JPEG or PNG."),
        (status = 206, description = "The part that was asked for."),
        (status = 304, description = CURRENT),
        (status = 416, description = "There is no such part.")))]
async fn document(
    State(catalogue): State<Service>,
    Id((id, sha256)): Id<(AuctionId, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Paper { title: name, mime, sha256, path } = catalogue.paper(id, &sha256).await?;
    HashedFile { path, mime, sha256, name, is_public: true }.answer(&asked).await
}

/// A small copy of such a document that is a picture: JPEG, at most 480 pixels a side. It never
/// changes: caches may keep it.
#[utoipa::path(get, path = "/v1/auctions/{id}/documents/{sha256}/thumbnail", tag = "catalogue",
    operation_id = "get_thumbnail", security(()),
    params(("id" = AuctionId, Path), ("sha256" = String, Path),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/jpeg",
            description = "The picture, upright."),
        (status = 304, description = CURRENT)))]
async fn thumbnail(
    State(catalogue): State<Service>,
    Id((id, sha256)): Id<(AuctionId, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let paper = catalogue.paper(id, &sha256).await?;
    let Paper { title: name, mime, sha256, path } = catalogue.thumbnail(paper).await?;
    HashedFile { path, mime, sha256, name, is_public: true }.answer(&asked).await
}

impl From<PageQuery> for CatalogueQuery {
    fn from(query: PageQuery) -> Self {
        Self {
            statuses: query.status,
            kinds: query.kind,
            region: query.region,
            price_from: query.price_from,
            price_to: query.price_to,
            start_from: query.start_from,
            start_to: query.start_to,
            text: query.text,
            sort: query.sort,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Busy => Self::new(ProblemCode::Busy),
            Error::Frozen => Self::new(ProblemCode::RuleBroken).with("fault", "lot_frozen"),
            Error::TooManyDocuments => {
                Self::new(ProblemCode::RuleBroken).with("fault", "too_many_documents")
            }
            Error::Query(fault) => Self::new(ProblemCode::Malformed)
                .with("detail", fault.to_string())
                .with("fault", fault.name()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_page_with_others_behind_it_is_kept_for_good() {
        for (last, limit, length, expected) in [
            (None, LOG_PAGE, 7, Kept::Asked),
            (Some(1_000), LOG_PAGE, 1_000, Kept::Briefly),
            (Some(1_000), LOG_PAGE, 1_099, Kept::Briefly),
            (Some(1_000), LOG_PAGE, 1_100, Kept::Always),
            (Some(1_000), 10, 5_000, Kept::Briefly),
            (Some(1), 1, 1, Kept::Briefly),
            // Records came after the length was read.
            (Some(1_000), LOG_PAGE, 990, Kept::Briefly),
        ] {
            assert_eq!(kept(last, limit, length), expected, "{last:?} by {limit} of {length}");
        }
    }
}
