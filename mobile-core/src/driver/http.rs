//! HTTP requests. Every failure says whether the request can have reached the server.

use crate::engine::Failure;
use crate::engine::answers::{self, AnswerHead};
use crate::engine::request_kind::{AnswerForm, RequestKind};
use crate::mutex::lock;
use crate::obstacle::Obstacle;
use crate::transport::{
    HttpBody, HttpHeader, HttpRequest, HttpResponse, RequestBody, ResponseBody, Transport,
    TransportError,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use toruk_sync::domain::file::FILE_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::{PROTOCOL, PROTOCOL_HEADER};

/// The timeout of requests other than bids and streams.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest response that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The longest problem document that is read.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;

/// The connection to the server, with the session's token.
pub struct Http {
    transport: Arc<dyn Transport>,
    base: String,
    token: Mutex<Option<String>>,
    online: watch::Sender<bool>,
    /// The obstacle that the last answer showed, if any.
    obstacle: watch::Sender<Option<Obstacle>>,
}

/// A successful response, read completely.
pub struct ApiResponse {
    /// Its head.
    pub head: AnswerHead,
    /// The whole body, at most [`ANSWER_BYTES_MAX`]; of a file [`FILE_BYTES_MAX`].
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
    /// Its kind, which has the method.
    pub kind: RequestKind,
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
    /// A request without a body, with the current token.
    pub fn new(kind: RequestKind, path: &'a str) -> Self {
        Self {
            kind,
            path,
            bearer: Bearer::Current,
            body: None,
            content: None,
            headers: Vec::new(),
            timeout: REQUEST_TIMEOUT,
        }
    }

    /// A request with a JSON body.
    pub fn json<T: serde::Serialize>(kind: RequestKind, path: &'a str, body: &T) -> Self {
        // The protocol's types always encode as JSON.
        let body = Some(serde_json::to_vec(body).unwrap_or_default());
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { body, headers, ..Self::new(kind, path) }
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
        let (online, obstacle) = (watch::Sender::new(true), watch::Sender::new(None));
        Self { transport, base, token: Mutex::new(None), online, obstacle }
    }

    /// The obstacle on the way to the server, as it changes.
    pub fn obstacle(&self) -> watch::Receiver<Option<Obstacle>> {
        self.obstacle.subscribe()
    }

    pub fn set_online(&self, online: bool) {
        self.online.send_replace(online);
        // Of another network, or of one that is gone.
        self.obstacle.send_replace(None);
    }

    pub fn set_token(&self, token: Option<String>) {
        *lock(&self.token) = token;
    }

    pub fn token(&self) -> Option<String> {
        lock(&self.token).clone()
    }

    /// Sends a request and reads the whole response.
    pub async fn ask(&self, mut ask: ApiRequest<'_>) -> Result<ApiResponse, Failure> {
        let (kind, timeout) = (ask.kind, ask.timeout);
        let taken = ask.content.as_ref().map(|content| content.taken.clone());
        let request = self.request(&mut ask)?;
        let exchange = async { read(self.send(request).await?, kind).await };
        let exchange = async {
            match taken {
                None => with_timeout(timeout, exchange).await,
                Some(taken) => with_progress_timeout(exchange, taken, timeout).await,
            }
        };
        let answer = self.while_online(exchange).await;
        self.note(&answer);
        answer
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
        answers::read(&self.ask(ask).await?.body)
    }

    /// Opens a stream with this token; the caller reads the response's body.
    pub async fn stream(&self, path: &str, token: Option<String>) -> Result<Rest, Failure> {
        let headers = vec![("accept", "text/event-stream".to_owned())];
        let bearer = if token.is_some() { Bearer::Of(token) } else { Bearer::Nobody };
        let kind = RequestKind::OpenStream;
        let mut ask = ApiRequest { headers, bearer, ..ApiRequest::new(kind, path) };
        let request = self.request(&mut ask)?;
        let opening = async {
            let response = self.send(request).await?;
            let head = head(&response);
            if head.is_success(kind) {
                return Ok(Rest(response.body));
            }
            Err(failure(&head, kind, response).await)
        };
        let opened = self.while_online(with_timeout(REQUEST_TIMEOUT, opening)).await;
        self.note(&opened);
        opened
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let answer = self.transport.send(request).await;
        if matches!(answer, Err(TransportError::Untrusted { .. })) {
            self.keep(Some(Obstacle::Interceptor));
        }
        Ok(answer?)
    }

    /// Keeps whether it was the server that answered. No answer tells nothing.
    fn note<T>(&self, answer: &Result<T, Failure>) {
        let obstacle = match answer {
            Ok(_) | Err(Failure::Problem { .. } | Failure::Malformed) => None,
            Err(Failure::NotReached(obstacle)) => Some(*obstacle),
            Err(Failure::NotSent | Failure::Lost) => return,
        };
        self.keep(obstacle);
    }

    fn keep(&self, obstacle: Option<Obstacle>) {
        self.obstacle.send_if_modified(|known| std::mem::replace(known, obstacle) != obstacle);
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
            headers.push(header(PROTOCOL_HEADER, PROTOCOL.to_string()));
        }
        let body = match (ask.content.take(), ask.body.take()) {
            (Some(Content { length, source, .. }), _) => HttpBody::Stream { length, source },
            (None, Some(bytes)) => HttpBody::Bytes { bytes },
            (None, None) => HttpBody::Empty,
        };
        let url = format!("{}{}", self.base, ask.path);
        Ok(HttpRequest { method: ask.kind.method().to_owned(), url, headers, body })
    }
}

/// The failure that the server would report; nothing was sent.
fn signed_out() -> Failure {
    let code = ProblemCode::SignedOut;
    Failure::Problem { status: 401, code, params: BTreeMap::new(), retry_after_s: None }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        tracing::debug!(%error, "no answer");
        match error {
            TransportError::NotSent { .. } | TransportError::Untrusted { .. } => Self::NotSent,
            TransportError::Lost { .. } => Self::Lost,
        }
    }
}

fn head(response: &HttpResponse) -> AnswerHead {
    let headers = response.headers.iter();
    let headers = headers.map(|header| (header.name.as_str(), header.value.as_str()));
    AnswerHead::new(response.status, headers)
}

async fn read(response: HttpResponse, kind: RequestKind) -> Result<ApiResponse, Failure> {
    let head = head(&response);
    if !head.is_success(kind) {
        return Err(failure(&head, kind, response).await);
    }
    let bytes_max = match kind.form() {
        AnswerForm::Document => FILE_BYTES_MAX as usize,
        _ => ANSWER_BYTES_MAX,
    };
    let body = bytes(Rest(response.body), bytes_max).await?;
    Ok(ApiResponse { head, body })
}

/// The failure that a response means; a page of someone else's is not read.
async fn failure(head: &AnswerHead, kind: RequestKind, response: HttpResponse) -> Failure {
    let rest = Rest(response.body);
    let body = match head.is_problem() {
        true => bytes(rest, PROBLEM_BYTES_MAX).await.unwrap_or_default(),
        false => Vec::new(),
    };
    head.failure(kind, &body)
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

async fn bytes(rest: Rest, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(piece) = rest.next().await? {
        if body.len() + piece.len() > bytes_max {
            return Err(Failure::Malformed);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
