//! Requests. Every failure says whether the request can have reached the server.

use crate::engine::Failure;
use futures_util::{Stream, StreamExt as _};
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Method, RequestBuilder, Response};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use toruk_sync::protocol::problem::ProblemBody;
use toruk_sync::protocol::pull::PROTOCOL;

/// A request that is not a bid or a stream is given this long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The way to the server.
pub struct Http {
    client: reqwest::Client,
    base: String,
    token: Mutex<Option<String>>,
    online: watch::Sender<bool>,
}

/// An answer that counts.
pub struct Answer {
    /// The header `Upload-Offset`.
    pub upload_offset: Option<u64>,
    /// The header `Upload-State`.
    pub upload_state: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Whose token goes with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// None.
    Nobody,
    /// Whoever is signed in when it leaves.
    Current,
    /// The one who was signed in when it was decided on, if somebody was: what one person queued
    /// never leaves with another's token.
    Of(Option<String>),
}

/// One request.
pub struct Ask<'a> {
    /// HTTP's method.
    pub method: Method,
    /// Path and query, from `/v1`.
    pub path: &'a str,
    /// Whose token goes with it.
    pub bearer: Bearer,
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// A part of a file, instead of JSON.
    pub content: Option<Content>,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// How long it may take; with [`Content`], how long nothing of it may be taken.
    pub timeout: Duration,
}

/// Bytes that are read while they leave.
pub struct Content {
    length: u64,
    body: Body,
    /// Changes whenever the connection takes a piece; ends with the last one.
    taken: watch::Receiver<()>,
}

impl Content {
    /// So many bytes.
    pub fn stream(
        length: u64,
        pieces: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> Self {
        let (takes, taken) = watch::channel(());
        let pieces = pieces.inspect(move |_| {
            takes.send_replace(());
        });
        Self { length, body: Body::wrap_stream(pieces), taken }
    }
}

impl<'a> Ask<'a> {
    /// Reads.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            bearer: Bearer::Current,
            body: None,
            content: None,
            headers: Vec::new(),
            timeout: REQUEST_TIMEOUT,
        }
    }

    /// Sends JSON.
    pub fn json<T: serde::Serialize>(method: Method, path: &'a str, body: &T) -> Self {
        // The protocol's types always are JSON.
        let body = Some(serde_json::to_vec(body).unwrap_or_default());
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method, body, headers, ..Self::get(path) }
    }

    /// Posts JSON.
    pub fn post<T: serde::Serialize>(path: &'a str, body: &T) -> Self {
        Self::json(Method::POST, path, body)
    }

    /// Without the session's token.
    pub fn public(mut self) -> Self {
        self.bearer = Bearer::Nobody;
        self
    }

    /// With this token, or none.
    pub fn of(mut self, token: Option<String>) -> Self {
        self.bearer = Bearer::Of(token);
        self
    }
}

impl Http {
    /// Fails when there is no TLS on this machine.
    pub fn new(base: &str) -> Result<Self, reqwest::Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have been faster, with any provider: fine as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let base = base.trim_end_matches('/').to_owned();
        let (online, _) = watch::channel(true);
        Ok(Self { client, base, token: Mutex::new(None), online })
    }

    pub fn set_online(&self, online: bool) {
        self.online.send_replace(online);
    }

    pub fn set_token(&self, token: Option<String>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    pub fn token(&self) -> Option<String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends one request and reads the whole answer.
    pub async fn ask(&self, mut ask: Ask<'_>) -> Result<Answer, Failure> {
        let timeout = ask.timeout;
        let content = ask.content.take();
        let mut request = self.request(ask)?;
        let mut taken = None;
        match content {
            None => request = request.timeout(timeout),
            Some(content) => {
                request = request.header(CONTENT_LENGTH, content.length).body(content.body);
                taken = Some(content.taken);
            }
        }
        let exchange = async {
            let response = request.send().await.map_err(|error| failure(&error))?;
            read(response).await
        };
        let exchange = async {
            match taken {
                None => exchange.await,
                Some(taken) => while_taken(exchange, taken, timeout).await,
            }
        };
        self.while_online(exchange).await
    }

    /// Sends one request and reads JSON.
    pub async fn json<T: serde::de::DeserializeOwned>(&self, ask: Ask<'_>) -> Result<T, Failure> {
        let answer = self.ask(ask).await?;
        serde_json::from_slice(&answer.body).map_err(|_| Failure::Malformed)
    }

    /// Opens a stream, in the name of whose token this is; the answer's body is read by the caller.
    pub async fn stream(&self, path: &str, token: Option<String>) -> Result<Response, Failure> {
        let headers = vec![("accept", "text/event-stream".to_owned())];
        let bearer = if token.is_some() { Bearer::Of(token) } else { Bearer::Nobody };
        let request = self.request(Ask { headers, bearer, ..Ask::get(path) })?;
        let opening = async {
            let sending = tokio::time::timeout(REQUEST_TIMEOUT, request.send());
            let response = sending.await.map_err(|_| Failure::Lost)?;
            let response = response.map_err(|error| failure(&error))?;
            if response.status().is_success() { Ok(response) } else { Err(problem(response).await) }
        };
        self.while_online(opening).await
    }

    /// Gives up when connectivity goes: what was sent by then may or may not have arrived.
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

    fn request(&self, ask: Ask<'_>) -> Result<RequestBuilder, Failure> {
        if !*self.online.borrow() {
            return Err(Failure::NotSent);
        }
        let mut request = self.client.request(ask.method, format!("{}{}", self.base, ask.path));
        let token = match ask.bearer {
            Bearer::Nobody => None,
            Bearer::Current => Some(self.token().ok_or_else(signed_out)?),
            Bearer::Of(token) => Some(token.ok_or_else(signed_out)?),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token).header("sync-protocol", PROTOCOL);
        }
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        Ok(match ask.body {
            Some(body) => request.body(body),
            None => request,
        })
    }
}

/// As the server would say it; nothing left the phone.
fn signed_out() -> Failure {
    let code = "signed_out".to_owned();
    Failure::Problem { status: 401, code, params: BTreeMap::new(), retry_after_s: None }
}

fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() { Failure::NotSent } else { Failure::Lost }
}

async fn read(response: Response) -> Result<Answer, Failure> {
    if !response.status().is_success() {
        return Err(problem(response).await);
    }
    let upload_offset = number(&response, "upload-offset");
    let upload_state = response.headers().get("upload-state");
    let upload_state = upload_state.and_then(|state| state.to_str().ok()).map(str::to_owned);
    let body = bytes(response).await?;
    Ok(Answer { upload_offset, upload_state, body })
}

/// Gives up when for so long neither a piece was taken nor an answer came: a large file on a slow
/// line may take its time, a dead connection may not.
async fn while_taken<T>(
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
                // All of it has left; the answer has as long again.
                Ok(Err(_)) => is_leaving = false,
                Err(_) => return Err(Failure::Lost),
            },
        }
    }
}

async fn problem(response: Response) -> Failure {
    let status = response.status().as_u16();
    let retry_after_s = number(&response, "retry-after");
    let body = bytes(response).await.unwrap_or_default();
    let body = serde_json::from_slice::<ProblemBody>(&body).ok();
    let code = body.as_ref().and_then(|body| serde_json::to_value(body.code).ok());
    let code = code.and_then(|code| code.as_str().map(str::to_owned));
    // A proxy's answer, or HEAD's, has no body that says more.
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

async fn bytes(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Lost)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Failure::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn number(response: &Response, header: &str) -> Option<u64> {
    response.headers().get(header)?.to_str().ok()?.trim().parse().ok()
}
