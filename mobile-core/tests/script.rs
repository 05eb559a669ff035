//! A server with a few scripted answers, and a phone to test against it.
#![allow(clippy::disallowed_methods)] // Plays the platform, whose clock is real.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use toruk_mobile_core::events::{CoreEvent, EventKind};
use toruk_mobile_core::platform::{
    Clock, Observer, Passkeys, Platform, PlatformError, SecureStore,
};
use toruk_mobile_core::{Core, CoreConfig};
use toruk_sync::protocol::identity::ChallengePurpose;
use toruk_sync::protocol::operations::{Operation, Push};

pub const AUCTION: &str = "00000000-0000-7000-8000-000000000001";

/// A ceremony's challenge, for its purpose alone.
fn challenge(purpose: ChallengePurpose) -> String {
    let bytes = [purpose.prefix().as_bytes(), &[7; 32]].concat();
    let (id, text) = ("00000000-0000-0000-0000-000000000009", URL_SAFE_NO_PAD.encode(bytes));
    format!(r#"{{"ceremony":"{id}","options":{{"publicKey":{{"challenge":"{text}"}}}}}}"#)
}

/// The body of a refusal.
fn problem(code: &str) -> String {
    format!(r#"{{"type":"urn:toruk:problem:{code}","title":"","status":401,"code":"{code}"}}"#)
}

/// The session's token of a request.
fn bearer(head: &str) -> String {
    head.lines().find_map(|line| line.split_once("Bearer ")).unwrap().1.to_owned()
}

/// The media type of the server's answers.
pub fn media_type(status: u16) -> &'static str {
    if status < 300 { "application/json" } else { "application/problem+json" }
}

/// A server that answers by path and loses its first reply to a push.
#[derive(Default)]
pub struct Script {
    pub pushes: Mutex<Vec<Push>>,
    pub lost: AtomicUsize,
    pub ended: AtomicBool,
    pub revoked: AtomicBool,
    /// The person who holds the passkey.
    pub person: AtomicUsize,
    /// The addresses for push messages, each with the session's token.
    pub addresses: Mutex<Vec<(String, String)>>,
    /// The tokens that came with pushes.
    pub tokens: Mutex<Vec<String>>,
}

impl Script {
    fn session(&self) -> Option<(u16, String)> {
        let person = self.person.load(SeqCst);
        Some((
            200,
            format!(
                r#"{{"token":"t{person}","person":"00000000-0000-0000-0000-00000000000{person}",
                "name":"Aida","device":"00000000-0000-0000-0000-000000000003","actor":1,
                "expires_at":0,"rp_id":"localhost","origin":"","credential_id":"",
                "receipt_key":""}}"#
            ),
        ))
    }

    pub fn answer(&self, path: &str, head: &str, body: &[u8]) -> Option<(u16, String)> {
        let ok = |body: &str| Some((200, body.to_owned()));
        if self.ended.load(SeqCst) {
            return Some((401, problem("signed_out")));
        }
        if self.revoked.load(SeqCst) {
            return Some((401, problem("device_revoked")));
        }
        match path {
            "/v1/registrations" => ok(&challenge(ChallengePurpose::Registration)),
            "/v1/sessions" => ok(&challenge(ChallengePurpose::SignIn)),
            "/v1/registrations/finish" | "/v1/sessions/finish" => self.session(),
            "/v1/sessions/current" => Some((204, String::new())),
            "/v1/time" => ok(r#"{"received_at":1790000000000000,"sent_at":1790000000000000}"#),
            "/v1/devices/current/push-token" => {
                let body: serde_json::Value = serde_json::from_slice(body).unwrap();
                let address = body["token"].as_str().unwrap_or_default().to_owned();
                self.addresses.lock().unwrap().push((bearer(head), address));
                Some((204, String::new()))
            }
            "/v1/blobs" => ok(""),
            "/v1/sync/pull" => {
                // The next number does not matter here; 0 states none.
                ok(r#"{"epoch":"00000000-0000-0000-0000-000000000001","server_time":1,
                "next_op_no":0,"rows":[],"more":false,"cookie":"c"}"#)
            }
            "/v1/sync/push" => {
                let push: Push = serde_json::from_slice(body).unwrap();
                let op = push.ops[0].clone();
                self.tokens.lock().unwrap().push(bearer(head));
                self.pushes.lock().unwrap().push(push);
                if self.lost.fetch_add(1, SeqCst) == 0 {
                    return None;
                }
                let Operation::EditDraft { part, .. } = op.operation else { return None };
                let part = serde_json::to_string(&part).unwrap();
                let (no, next) = (op.op_no, op.op_no + 1);
                ok(&format!(
                    r#"{{"outcomes":[{{"op_no":{no},"verdict":{{"merged":{{"draft":{part}}}}},
                    "decided_at":1}}],"next_op_no":{next},"server_time":1}}"#
                ))
            }
            _ => Some((404, String::new())),
        }
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        let (head, length) = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                let length: usize = length.unwrap_or(0);
                if bytes.len() >= head.len() + 4 + length {
                    break (head.to_owned(), length);
                }
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let path = head.split(' ').nth(1)?;
        let (status, body) = self.answer(path, &head, &bytes[bytes.len() - length..])?;
        let size = body.len();
        let reply = format!(
            "HTTP/1.1 {status} x\r\nsync-protocol: 1\r\ncontent-type: {}\r\n\
             content-length: {size}\r\nconnection: close\r\n\r\n{body}",
            media_type(status)
        );
        stream.write_all(reply.as_bytes()).await.ok()
    }
}

#[derive(Default)]
pub struct ScriptedPhone {
    pub secrets: Mutex<std::collections::HashMap<String, Vec<u8>>>,
    pub erased: tokio::sync::Notify,
}

impl SecureStore for ScriptedPhone {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.secrets.lock().unwrap().get(&name).cloned())
    }
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        self.secrets.lock().unwrap().insert(name, value);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Passkeys for ScriptedPhone {
    async fn register(&self, _: String) -> Result<String, PlatformError> {
        Ok("{}".to_owned())
    }
    async fn assert(&self, _: String) -> Result<String, PlatformError> {
        Ok("{}".to_owned())
    }
}

impl Observer for ScriptedPhone {
    fn on_event(&self, event: CoreEvent) {
        if event.what == EventKind::Erased {
            self.erased.notify_one();
        }
    }
}

pub struct SystemClock(pub Instant);

impl Clock for SystemClock {
    fn monotonic_us(&self) -> i64 {
        self.0.elapsed().as_micros() as i64
    }
    /// Wrong by a day, which must have no effect.
    fn wall_us(&self) -> i64 {
        86_400_000_000
    }
}

pub fn open(url: &str, folder: &std::path::Path, phone: &Arc<ScriptedPhone>) -> Arc<Core> {
    let platform =
        Platform::new(phone.clone(), phone.clone(), Arc::new(SystemClock(Instant::now())));
    let data_dir = folder.display().to_string();
    let config = CoreConfig {
        server_url: url.to_owned(),
        data_dir,
        language: "ky".to_owned(),
        pins: vec![],
    };
    let core = Core::open(config, platform).unwrap();
    core.listen(phone.clone()).unwrap();
    core
}

/// Starts a scripted server; returns its URL.
pub async fn served() -> (String, Arc<Script>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let script = Arc::new(Script { person: AtomicUsize::new(2), ..Script::default() });
    let serving = Arc::clone(&script);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&serving).serve(stream));
        }
    });
    (url, script)
}
