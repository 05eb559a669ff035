//! Maps every rejection to its form in HTTP; no other module knows that form.

use crate::db::StoreError;
use crate::rate_limits::Exceeded;
use crate::web::body::TooSlow;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::error::Error;
use toruk_sync::protocol::problem::{PROBLEM_TYPE, ProblemBody, ProblemCode};

/// Seconds a client is asked to wait when the server is busy.
const RETRY_AFTER_S: u64 = 1;
/// How a caller says who they are: a session's token.
const AUTHENTICATE: HeaderValue = HeaderValue::from_static("Bearer realm=\"toruk\"");

/// A rejection or failure as HTTP sends it (RFC 9457).
#[derive(Debug)]
pub struct Problem {
    code: ProblemCode,
    status: Option<StatusCode>,
    params: BTreeMap<String, String>,
    retry_after_s: u64,
    exceeded: Option<Exceeded>,
}

impl Problem {
    /// Creates a problem of this kind, with the status that belongs to it.
    pub fn new(code: ProblemCode) -> Self {
        let (status, params, exceeded) = Default::default();
        Self { code, status, params, retry_after_s: RETRY_AFTER_S, exceeded }
    }

    /// Adds a parameter for the translation of the reason.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }

    /// Replaces the kind's usual status, where a protocol requires another one.
    #[must_use]
    pub fn at(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets `Retry-After`, in seconds, for the statuses that allow it.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = seconds;
        self
    }

    /// A defect: its source goes to the log, once, and never to the client.
    pub fn internal(source: &dyn Error) -> Self {
        let mut causes = vec![source.to_string()];
        let mut cause = source.source();
        while let Some(next) = cause {
            causes.push(next.to_string());
            cause = next.source();
        }
        tracing::error!(error = %causes.join(": "), "request failed");
        Self::new(ProblemCode::Internal)
    }

    fn status(&self) -> StatusCode {
        use ProblemCode as Code;
        match self.code {
            Code::Malformed => StatusCode::BAD_REQUEST,
            Code::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::SignedOut | Code::DeviceRevoked | Code::CeremonyFailed | Code::EidFailed => {
                StatusCode::UNAUTHORIZED
            }
            Code::Forbidden | Code::KeyCooldown | Code::ConflictOfInterest => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::WrongState | Code::SecondPersonNeeded | Code::DeadlinePassed | Code::IdReused => {
                StatusCode::CONFLICT
            }
            Code::Missing
            | Code::RuleBroken
            | Code::BadSignature
            | Code::ConfirmationExpired
            | Code::SignatureRefused
            | Code::SignatureAlgorithmUnsupported
            | Code::LimitReached => StatusCode::UNPROCESSABLE_ENTITY,
            Code::UploadMismatch => StatusCode::CONFLICT,
            // A status of its own, so that a HEAD response, which has no body, tells it as well.
            Code::Infected => StatusCode::GONE,
            Code::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
            Code::GatewayUnavailable
            | Code::EidUnavailable
            | Code::RevocationUnknown
            | Code::Busy
            | Code::Unknown => StatusCode::SERVICE_UNAVAILABLE,
            Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        use ProblemCode as Code;
        match self.code {
            Code::Malformed => "The request is not valid",
            Code::TooSlow => "The request arrived too slowly",
            Code::TooLarge => "The request is too large",
            Code::SignedOut => "Log in first",
            Code::DeviceRevoked => "This device no longer has access",
            Code::Forbidden => "Your account is not allowed to do this",
            Code::KeyCooldown => "A recovered account places no bid yet",
            Code::ConflictOfInterest => "A conflict of interest does not allow this",
            Code::NotFound => "Not found",
            Code::CeremonyFailed => "The passkey could not be verified",
            Code::EidFailed => "The state's sign-in (eID) did not prove who you are",
            Code::EidUnavailable => "The state's sign-in (eID) is not responding",
            Code::LimitReached => "Limit reached",
            Code::WrongState => "Not possible at this stage",
            Code::SecondPersonNeeded => "A second official must do this",
            Code::DeadlinePassed => "The deadline has passed",
            Code::Missing => "A required value is missing",
            Code::RuleBroken => "The rules do not allow this",
            Code::IdReused => "This id is already used for something else",
            Code::UploadMismatch => "The upload does not match what the server has",
            Code::Infected => "Malware was found in the file",
            Code::UnsupportedEncoding => "The request must not be compressed",
            Code::BadSignature => "The signature is not valid",
            Code::ConfirmationExpired => "The confirmation was used or is too old; confirm again",
            Code::SignatureRefused => "The certificate's signature is not accepted",
            Code::SignatureAlgorithmUnsupported => "Signatures of this kind are not accepted",
            Code::RevocationUnknown => "The certificate could not be checked; try again later",
            Code::GatewayUnavailable => "The payment system is not responding",
            Code::Busy => "The server is busy; try again",
            Code::TooManyRequests => "Too many requests from here; try again later",
            Code::Unknown => "Outcome unknown; ask again with the same id",
            Code::UpgradeRequired => "This app version is too old",
            Code::Internal => "Server error",
        }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        let problem = Self::new(ProblemCode::TooManyRequests).with("limit", exceeded.limit);
        Self { exceeded: Some(exceeded), ..problem }
    }
}

/// Adds the headers of a limit that is used up.
pub fn insert_limit(headers: &mut HeaderMap, exceeded: &Exceeded) {
    headers.insert(header::RETRY_AFTER, HeaderValue::from(exceeded.retry_after_s));
    for (name, value) in
        [("ratelimit-policy", exceeded.policy()), ("ratelimit", exceeded.remaining())]
    {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ProblemCode::NotFound),
            StoreError::Conflict => Self::new(ProblemCode::IdReused),
            StoreError::Unknown(_) => {
                Self::internal(&error);
                Self::new(ProblemCode::Unknown)
            }
            StoreError::Busy(_) | StoreError::Behind { .. } => {
                Self::internal(&error);
                Self::new(ProblemCode::Busy)
            }
            StoreError::Damaged { .. } | StoreError::Database(_) => Self::internal(&error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or_else(|| self.status());
        let code = serde_json::to_value(self.code).ok();
        let code = code.as_ref().and_then(|code| code.as_str()).unwrap_or_default();
        let body = ProblemBody {
            kind: format!("urn:toruk:problem:{code}"),
            title: self.title().to_owned(),
            status: status.as_u16(),
            code: self.code,
            params: self.params,
            trace_id: None,
        };
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE))];
        let mut response = (status, kind, problem_json(&body)).into_response();
        // The outermost layer adds the request's id, which a handler does not know.
        response.extensions_mut().insert(body);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(self.retry_after_s));
        }
        // RFC 9110 §15.5.2 and §15.5.22: what would be enough.
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, AUTHENTICATE);
        }
        if status == StatusCode::UPGRADE_REQUIRED {
            // RFC 9110 §7.8: who sends `Upgrade` also sends this.
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("sync-protocol"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        }
        if let Some(exceeded) = &self.exceeded {
            insert_limit(response.headers_mut(), exceeded);
        }
        response
    }
}

/// The problem as JSON text.
pub(crate) fn problem_json(body: &ProblemBody) -> axum::body::Body {
    serde_json::to_vec(body).unwrap_or_default().into()
}

/// A JSON body; rejected with a [`Problem`] that names the fault in it.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_utf8(request.headers()) {
            return Err(
                malformed("JSON is UTF-8".to_owned()).at(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            );
        }
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::new(ProblemCode::TooLarge))
            }
            Err(rejection) if came_too_slowly(&rejection) => {
                Err(Problem::new(ProblemCode::TooSlow))
            }
            Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Err(malformed(rejection.body_text()).at(rejection.status()))
            }
            Err(rejection) => Err(malformed(rejection.body_text())),
        }
    }
}

/// Returns `true` unless the body's type names another encoding (RFC 8259, section 8.1).
fn is_utf8(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let parameters = kind.into_iter().flat_map(|kind| kind.split(';').skip(1));
    let mut named = parameters.filter_map(|parameter| parameter.trim().split_once('='));
    named.all(|(name, value)| {
        let value = value.trim_matches('"');
        !name.eq_ignore_ascii_case("charset") || value.eq_ignore_ascii_case("utf-8")
    })
}

/// Returns `true` if the body was rejected because it came too slowly.
pub fn came_too_slowly(rejection: &(dyn std::error::Error + 'static)) -> bool {
    let mut error = Some(rejection);
    while let Some(cause) = error {
        if cause.is::<TooSlow>() {
            return true;
        }
        error = cause.source();
    }
    false
}

/// An id from the path; rejected with a [`Problem`] when it is not of that kind.
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<T>::from_request_parts(parts, state).await;
        named.map(|Path(id)| Self(id)).map_err(|rejection| malformed(rejection.body_text()))
    }
}

/// A query; rejected with a [`Problem`] that names the fault in it.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        asked.map(|Query(query)| Self(query)).map_err(|rejection| malformed(rejection.body_text()))
    }
}

/// A query in which a name may come several times.
pub struct Repeated<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Repeated<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = axum_extra::extract::Query::<T>::from_request_parts(parts, state).await;
        let detail = |rejection: axum_extra::extract::QueryRejection| rejection.body_text();
        asked.map(|query| Self(query.0)).map_err(|rejection| malformed(detail(rejection)))
    }
}

fn malformed(detail: String) -> Problem {
    Problem::new(ProblemCode::Malformed).with("detail", detail)
}
