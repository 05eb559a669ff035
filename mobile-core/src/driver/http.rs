//! HTTP requests. Every failure says whether the request can have reached the server.

use crate::engine::Failure;
use crate::mutex::lock;
use crate::transport::{
    HttpBody, HttpHeader, HttpRequest, HttpResponse, RequestBody, ResponseBody, Transport,
    TransportError,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use toruk_sync::protocol::problem::ProblemBody;
use toruk_sync::protocol::pull::PROTOCOL;

/// The timeout of requests other than bids and streams.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest response that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The connection to the server, with the session's token.
pub struct Http {
    transport: Arc<dyn Transport>,
    base: String,
    token: Mutex<Option<String>>,
    online: watch::Sender<bool>,
}

/// A successful response, read completely.
pub struct ApiResponse {
    /// The header `Upload-Offset`, bytes.
    pub upload_offset: Option<u64>,
    /// The header `Upload-State`, such as `scanning`.
    pub upload_state: Option<String>,
    /// The whole body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// The token that a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// No token: the request is public.
    Nobody,
    /// The token of the session at the time the request is sent.
    Current,
    /// The token of the session at the time the request was decided on, if there was one: an
    /// operation of one person is never sent with another's token.
    Of(Option<String>),
}

/// One request to the server's API.
pub struct ApiRequest<'a> {
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// Path and query, from `/v1`.
    pub path: &'a str,
    /// The token it carries.
    pub bearer: Bearer,
    /// The JSON body, already encoded.
    pub body: Option<Vec<u8>>,
    /// Part of a file, in place of a JSON body.
    pub content: Option<Content>,
    /// Headers besides the token's and the protocol's.
    pub headers: Vec<(&'static str, String)>,
    /// The whole request's timeout; with [`Content`], the longest pause between two pieces.
    pub timeout: Duration,
}

/// A request body that is read while it is sent.
pub struct Content {
    length: u64,
    source: Arc<RequestBody>,
    /// Changes whenever the connection takes a piece; closes after the last one.
    taken: watch::Receiver<()>,
}

impl Content {
    /// A body of `length` bytes, in pieces.
    pub fn stream(
        length: u64,
        pieces: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> Self {
        let (source, taken) = RequestBody::new(pieces);
        Self { length, source, taken }
    }
}

/// The rest of a response; dropping it frees the connection.
pub struct Rest(Arc<dyn ResponseBody>);

impl Rest {
    /// The next piece; `None` at the end.
    pub async fn next(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.0.next().await.map_err(Failure::from)
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<'a> ApiRequest<'a> {
    /// A GET request with the current token.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            bearer: Bearer::Current,
            body: None,
            content: None,
            headers: Vec::new(),
            timeout: REQUEST_TIMEOUT,
        }
    }

    /// A request with a JSON body.
    pub fn json<T: serde::Serialize>(method: &'static str, path: &'a str, body: &T) -> Self {
        // The protocol's types always encode as JSON.
        let body = Some(serde_json::to_vec(body).unwrap_or_default());
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method, body, headers, ..Self::get(path) }
    }

    /// A POST request with a JSON body.
    pub fn post<T: serde::Serialize>(path: &'a str, body: &T) -> Self {
        Self::json("POST", path, body)
    }

    /// Makes the request public.
    pub fn public(mut self) -> Self {
        self.bearer = Bearer::Nobody;
        self
    }

    /// Uses this token; `None` fails as signed out.
    pub fn of(mut self, token: Option<String>) -> Self {
        self.bearer = Bearer::Of(token);
        self
    }
}

impl Http {
    /// Connects to `base`, `https://…`, without a path.
    pub fn new(base: &str, transport: Arc<dyn Transport>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        let (online, _) = watch::channel(true);
        Self { transport, base, token: Mutex::new(None), online }
    }

    pub fn set_online(&self, online: bool) {
        self.online.send_replace(online);
    }

    pub fn set_token(&self, token: Option<String>) {
        *lock(&self.token) = token;
    }

    pub fn token(&self) -> Option<String> {
        lock(&self.token).clone()
    }

    /// Sends a request and reads the whole response.
    pub async fn ask(&self, mut ask: ApiRequest<'_>) -> Result<ApiResponse, Failure> {
        let timeout = ask.timeout;
        let taken = ask.content.as_ref().map(|content| content.taken.clone());
        let request = self.request(&mut ask)?;
        let exchange = async { read(self.transport.send(request).await?).await };
        let exchange = async {
            match taken {
                None => with_timeout(timeout, exchange).await,
                Some(taken) => with_progress_timeout(exchange, taken, timeout).await,
            }
        };
        self.while_online(exchange).await
    }

    /// The request as plain data, for the platform to send; `None` without a session.
    pub fn to_http_request(&self, mut ask: ApiRequest<'_>) -> Option<HttpRequest> {
        self.request(&mut ask).ok()
    }

    /// Sends a request and parses the JSON response.
    pub async fn json<T: serde::de::DeserializeOwned>(
        &self,
        ask: ApiRequest<'_>,
    ) -> Result<T, Failure> {
        let answer = self.ask(ask).await?;
        serde_json::from_slice(&answer.body).map_err(|_| Failure::Malformed)
    }

    /// Opens a stream with this token; the caller reads the response's body.
    pub async fn stream(&self, path: &str, token: Option<String>) -> Result<Rest, Failure> {
        let headers = vec![("accept", "text/event-stream".to_owned())];
        let bearer = if token.is_some() { Bearer::Of(token) } else { Bearer::Nobody };
        let request = self.request(&mut ApiRequest { headers, bearer, ..ApiRequest::get(path) })?;
        let opening = async {
            let response = self.transport.send(request).await?;
            if is_success(response.status) {
                return Ok(Rest(response.body));
            }
            Err(problem(response).await)
        };
        self.while_online(with_timeout(REQUEST_TIMEOUT, opening)).await
    }

    /// Gives up when the phone goes offline: a request sent by then may or may not have arrived.
    pub async fn while_online<T>(
        &self,
        exchange: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut online = self.online.subscribe();
        tokio::select! {
            answer = exchange => answer,
            _ = online.wait_for(|online| !online) => Err(Failure::Lost),
        }
    }

    fn request(&self, ask: &mut ApiRequest<'_>) -> Result<HttpRequest, Failure> {
        if !*self.online.borrow() {
            return Err(Failure::NotSent);
        }
        let header = |name: &str, value: String| HttpHeader { name: name.to_owned(), value };
        let headers = std::mem::take(&mut ask.headers).into_iter();
        let mut headers: Vec<_> = headers.map(|(name, value)| header(name, value)).collect();
        let token = match std::mem::replace(&mut ask.bearer, Bearer::Nobody) {
            Bearer::Nobody => None,
            Bearer::Current => Some(self.token().ok_or_else(signed_out)?),
            Bearer::Of(token) => Some(token.ok_or_else(signed_out)?),
        };
        if let Some(token) = token {
            headers.push(header("authorization", format!("Bearer {token}")));
            headers.push(header("sync-protocol", PROTOCOL.to_string()));
        }
        let body = match (ask.content.take(), ask.body.take()) {
            (Some(Content { length, source, .. }), _) => HttpBody::Stream { length, source },
            (None, Some(bytes)) => HttpBody::Bytes { bytes },
            (None, None) => HttpBody::Empty,
        };
        let url = format!("{}{}", self.base, ask.path);
        Ok(HttpRequest { method: ask.method.to_owned(), url, headers, body })
    }
}

/// The failure that the server would report; nothing was sent.
fn signed_out() -> Failure {
    let code = "signed_out".to_owned();
    Failure::Problem { status: 401, code, params: BTreeMap::new(), retry_after_s: None }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        tracing::debug!(%error, "no answer");
        match error {
            TransportError::NotSent { .. } => Self::NotSent,
            TransportError::Lost { .. } => Self::Lost,
        }
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

async fn read(response: HttpResponse) -> Result<ApiResponse, Failure> {
    if !is_success(response.status) {
        return Err(problem(response).await);
    }
    let upload_offset = number(&response, "upload-offset");
    let upload_state = header(&response, "upload-state").map(str::to_owned);
    let body = bytes(Rest(response.body)).await?;
    Ok(ApiResponse { upload_offset, upload_state, body })
}

async fn with_timeout<T>(
    limit: Duration,
    exchange: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, exchange).await.unwrap_or(Err(Failure::Lost))
}

/// Gives up after `silence` without either a piece taken or a response: a large file on a slow line
/// may take long, a dead connection must not.
async fn with_progress_timeout<T>(
    exchange: impl Future<Output = Result<T, Failure>>,
    mut taken: watch::Receiver<()>,
    silence: Duration,
) -> Result<T, Failure> {
    let mut exchange = std::pin::pin!(exchange);
    let mut is_leaving = true;
    loop {
        let moved =
            async { if is_leaving { taken.changed().await } else { std::future::pending().await } };
        tokio::select! {
            answer = &mut exchange => return answer,
            moved = tokio::time::timeout(silence, moved) => match moved {
                Ok(Ok(())) => {}
                // All of it is sent; the response gets the same time again.
                Ok(Err(_)) => is_leaving = false,
                Err(_) => return Err(Failure::Lost),
            },
        }
    }
}

async fn problem(response: HttpResponse) -> Failure {
    let status = response.status;
    let retry_after_s = number(&response, "retry-after");
    let body = bytes(Rest(response.body)).await.unwrap_or_default();
    let body = serde_json::from_slice::<ProblemBody>(&body).ok();
    let code = body.as_ref().and_then(|body| serde_json::to_value(body.code).ok());
    let code = code.and_then(|code| code.as_str().map(str::to_owned));
    // A proxy's response, or one to HEAD, has no body with a code.
    let code = code.unwrap_or_else(|| by_status(status).to_owned());
    let params = body.map(|body| body.params).unwrap_or_default();
    Failure::Problem { status, code, params, retry_after_s }
}

fn by_status(status: u16) -> &'static str {
    match status {
        401 => "signed_out",
        403 => "forbidden",
        404 => "not_found",
        413 => "too_large",
        426 => "upgrade_required",
        429 => "busy",
        400..=499 => "malformed",
        _ => "unknown",
    }
}

async fn bytes(rest: Rest) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(piece) = rest.next().await? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(Failure::Malformed);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    found.map(|header| header.value.as_str())
}

fn number(response: &HttpResponse, name: &str) -> Option<u64> {
    header(response, name)?.trim().parse().ok()
}
