//! The driver on a real socket: a lost reply, then the same number again, then a 401.
#![allow(clippy::disallowed_methods)] // Plays the platform, whose clock is real.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::{
    Clock, Observer, Passkeys, Platform, PlatformError, SecureStore, SystemEntropy,
};
use toruk_mobile_core::{Core, CoreConfig, CoreError};
use toruk_sync::protocol::sync::{Operation, Push};

const AUCTION: &str = "00000000-0000-7000-8000-000000000001";

/// A server that answers by path and loses its first reply to a push.
#[derive(Default)]
struct Script {
    pushes: Mutex<Vec<Push>>,
    lost: AtomicUsize,
    ended: AtomicBool,
}

impl Script {
    fn answer(&self, path: &str, body: &[u8]) -> Option<(u16, String)> {
        let ok = |body: &str| Some((200, body.to_owned()));
        if self.ended.load(SeqCst) {
            return Some((401, String::new()));
        }
        match path {
            "/v1/registrations" => {
                ok(r#"{"ceremony":"00000000-0000-0000-0000-000000000009","options":{}}"#)
            }
            "/v1/registrations/finish" => ok(r#"{"token":"t","person":
                "00000000-0000-0000-0000-000000000002","name":"Aida","device":
                "00000000-0000-0000-0000-000000000003","actor":1,"expires_at":0,
                "rp_id":"localhost","origin":"","credential_id":"","receipt_key":""}"#),
            "/v1/time" => ok(r#"{"received_at":1790000000000000,"sent_at":1790000000000000}"#),
            "/v1/sync/pull" => {
                // What it expects next is of no interest here; 0 says nothing.
                ok(r#"{"epoch":"00000000-0000-0000-0000-000000000001","server_time":1,
                "next_op_no":0,"rows":[],"more":false,"cookie":"c"}"#)
            }
            "/v1/sync/push" => {
                let push: Push = serde_json::from_slice(body).unwrap();
                let op = push.ops[0].clone();
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
        let (status, body) = self.answer(path, &bytes[bytes.len() - length..])?;
        let size = body.len();
        let reply = format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(reply.as_bytes()).await.ok()
    }
}

#[derive(Default)]
struct Phone {
    secrets: Mutex<std::collections::HashMap<String, Vec<u8>>>,
}

impl SecureStore for Phone {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.secrets.lock().unwrap().get(&name).cloned())
    }
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        self.secrets.lock().unwrap().insert(name, value);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Passkeys for Phone {
    async fn register(&self, _: String) -> Result<String, PlatformError> {
        Ok("{}".to_owned())
    }
    async fn assert(&self, _: String) -> Result<String, PlatformError> {
        Err(PlatformError::Cancelled)
    }
}

impl Observer for Phone {
    fn on_event(&self, _: CoreEvent) {}
}

struct Real(Instant);

impl Clock for Real {
    fn monotonic_us(&self) -> i64 {
        self.0.elapsed().as_micros() as i64
    }
    /// A day wrong, and without effect.
    fn wall_us(&self) -> i64 {
        86_400_000_000
    }
}

fn open(url: &str, folder: &std::path::Path, phone: &Arc<Phone>) -> Arc<Core> {
    let platform = Platform {
        secure_store: phone.clone(),
        passkeys: phone.clone(),
        clock: Arc::new(Real(Instant::now())),
        observer: phone.clone(),
        entropy: Arc::new(SystemEntropy),
    };
    let data_dir = folder.display().to_string();
    let config = CoreConfig { server_url: url.to_owned(), data_dir, language: "ky".to_owned() };
    Core::open(config, platform).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_made_offline_survives_death_and_a_lost_reply_and_arrives_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let script = Arc::new(Script::default());
    let serving = Arc::clone(&script);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&serving).serve(stream));
        }
    });
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(Phone::default()));
    let core = open(&url, folder.path(), &phone);
    assert!(core.register("Aida".to_owned()).await.unwrap().signed_in);
    core.set_online(false).unwrap();
    let set = |core: &Core, value: &str| {
        core.draft_set(AUCTION.to_owned(), "phone".to_owned(), Some(value.to_owned()))
    };
    set(&core, "+1").unwrap();
    set(&core, "+2").unwrap();
    assert_eq!(core.sync_now(SyncReason::Foreground, 60_000).await.unwrap().state, "offline");
    assert!(script.pushes.lock().unwrap().is_empty(), "offline, no request leaves");
    drop(core);

    let core = open(&url, folder.path(), &phone);
    core.sync_now(SyncReason::Foreground, 60_000).await.unwrap();
    assert_eq!(core.sync_now(SyncReason::Foreground, 60_000).await.unwrap().state, "done");
    {
        let pushes = script.pushes.lock().unwrap();
        assert!(pushes.len() >= 2, "the lost one and another");
        assert!(pushes.iter().all(|push| *push == pushes[0]), "one number, one content");
        assert_eq!((pushes[0].ops.len(), pushes[0].ops[0].op_no), (1, 1));
    }

    script.ended.store(true, SeqCst);
    assert_eq!(core.my_auctions().await, Err(CoreError::SignedOut));
    assert!(!core.account().unwrap().signed_in);
    set(&core, "+3").unwrap();
    let report = core.sync_now(SyncReason::Foreground, 60_000).await.unwrap();
    assert_eq!((report.state.as_str(), report.waiting), ("signed_out", 1));
}
