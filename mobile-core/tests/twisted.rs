//! The scripted server without a socket, with responses that are altered on their way.

use super::script::{Script, media_type};
use async_trait::async_trait;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use toruk_mobile_core::transport::{
    HttpBody, HttpHeader, HttpRequest, HttpResponse, ResponseBody, Transport, TransportError,
};

/// An alteration of a response.
#[derive(Debug, Clone)]
pub enum Twist {
    /// The response arrives unaltered.
    None,
    /// The status is replaced.
    Status(u16),
    /// The byte at this position is replaced.
    Byte(usize, u8),
    /// The body ends after this many bytes.
    Cut(usize),
    /// The whole body is replaced.
    Body(Vec<u8>),
    /// One number in the body is replaced.
    Number(usize, String),
    /// The transport fails.
    Error(TransportError),
    /// No response ever arrives.
    Silence,
}

/// The scripted server, without a socket; each response is altered.
pub struct Twisted {
    pub script: Arc<Script>,
    asked: AtomicUsize,
    /// A stack: the last element is used next.
    pub twists: Mutex<Vec<Twist>>,
}

impl Twisted {
    pub fn new(twists: Vec<Twist>) -> Arc<Self> {
        // A reply to a push is lost by an alteration here, not by the script.
        let (person, lost) = (AtomicUsize::new(2), AtomicUsize::new(1));
        let script = Arc::new(Script { person, lost, ..Script::default() });
        let asked = AtomicUsize::new(0);
        Arc::new(Self { script, asked, twists: Mutex::new(twists) })
    }

    /// Returns `true` if an edit with this value has arrived.
    pub fn has_heard(&self, value: &str) -> bool {
        self.heard().contains(&format!("\"{value}\""))
    }

    /// The number of requests that arrived.
    pub fn requests(&self) -> usize {
        self.asked.load(SeqCst)
    }

    /// Everything that was pushed, as JSON.
    pub fn heard(&self) -> String {
        serde_json::to_string(&*self.script.pushes.lock().unwrap()).unwrap()
    }
}

#[async_trait]
impl Transport for Twisted {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.asked.fetch_add(1, SeqCst);
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let headers = request.headers.iter();
        let head: Vec<_> = headers.map(|one| format!("{}: {}", one.name, one.value)).collect();
        let body = match request.body {
            HttpBody::Bytes { bytes } => bytes,
            HttpBody::Empty | HttpBody::Stream { .. } => Vec::new(),
        };
        let answered = self.script.answer(&format!("/{path}"), &head.join("\n"), &body);
        let lost = || TransportError::Lost { reason: "no answer".to_owned() };
        let (mut status, body) = answered.ok_or_else(lost)?;
        let mut body = body.into_bytes();
        let twist = self.twists.lock().unwrap().pop().unwrap_or(Twist::None);
        match twist {
            Twist::None => {}
            Twist::Status(other) => status = other,
            Twist::Byte(at, byte) if !body.is_empty() => {
                let at = at % body.len();
                body[at] = byte;
            }
            Twist::Byte(..) => {}
            Twist::Cut(at) => body.truncate(at % (body.len() + 1)),
            Twist::Body(other) => body = other,
            Twist::Number(which, number) => body = renumbered(&body, which, &number),
            Twist::Error(error) => return Err(error),
            Twist::Silence => std::future::pending().await,
        }
        let body = Arc::new(Whole(Mutex::new(Some(body))));
        let header =
            |name: &str, value: &str| HttpHeader { name: name.into(), value: value.into() };
        let headers = vec![
            // The response to an upload: this many bytes have arrived.
            header("Upload-Offset", "5"),
            header("Sync-Protocol", "1"),
            header("Content-Type", media_type(status)),
        ];
        Ok(HttpResponse { status, headers, body })
    }
}

/// The same text with one of its numbers changed.
fn renumbered(body: &[u8], which: usize, number: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let starts: Vec<usize> = text
        .char_indices()
        .zip(std::iter::once(':').chain(text.chars()))
        .filter(|((_, now), before)| now.is_ascii_digit() && !before.is_ascii_alphanumeric())
        .map(|((at, _), _)| at)
        .collect();
    let Some(start) = starts.get(which % starts.len().max(1)).copied() else { return text.into() };
    let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| start + n);
    format!("{}{number}{}", &text[..start], &text[end..]).into_bytes()
}

struct Whole(Mutex<Option<Vec<u8>>>);

#[async_trait]
impl ResponseBody for Whole {
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(self.0.lock().unwrap().take())
    }

    fn close(&self) {}
}
