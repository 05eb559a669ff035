//! A phone of a benchmark: a real core that signed in in an earlier life, with its secrets in a
//! file, so that a process of its own can wake up with them.

use crate::world::seed::SeededBidder;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;
use toruk_mobile_core::api::{Core, CoreConfig};
use toruk_mobile_core::platform::{Clock, Passkeys, Platform, PlatformError, SecureStore};
use toruk_mobile_core::platform::{SystemEntropy, system_entropy};
use toruk_mobile_core::store::{Seal, SqliteStore, Store as _, Table, Write};
use toruk_mobile_core::transport::Transport;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::Actor;
use toruk_sync::protocol::identity::Session;

const SECRETS: &str = "secrets.json";
/// The key of the phone's stores.
const KEY: [u8; 32] = [7; 32];
/// The phone's number in its person's account, as seeded.
const ACTOR: Actor = 1;

/// Makes what signing in leaves in `folder`: secrets, the list of accounts, the person's store.
///
/// # Errors
/// When the disk fails.
pub fn sign_in(folder: &Path, seat: &SeededBidder) -> anyhow::Result<()> {
    let (person, device) = (seat.person, seat.device);
    let own = |name: &str| format!("{name}/{person}");
    let secrets = BTreeMap::from([
        ("store_key".to_owned(), KEY.to_vec()),
        (own("store_key"), KEY.to_vec()),
        (own("session_token"), seat.token.clone().into_bytes()),
        (own("device_id"), device.0.as_bytes().to_vec()),
        (format!("device_key/{device}"), KEY.to_vec()),
    ]);
    std::fs::write(folder.join(SECRETS), serde_json::to_vec(&secrets)?)?;
    let open = |file: PathBuf| SqliteStore::open(&file, Seal::new(&KEY, Arc::new(SystemEntropy)));
    let known = serde_json::json!([{ "person": person, "name": "Айгүл", "credential_id": "" }]);
    let accounts = Write::json(Table::Meta, "accounts", &known);
    let current = Write::json(Table::Meta, "account", &person);
    open(folder.join("phone.db"))?.apply(&[accounts, current])?;
    let profile = Session {
        token: String::new(),
        person,
        name: "Айгүл".to_owned(),
        device,
        actor: ACTOR,
        expires_at: Timestamp(i64::MAX),
        rp_id: "localhost".to_owned(),
        origin: "http://localhost".to_owned(),
        credential_id: String::new(),
        receipt_key: String::new(),
        former_receipt_keys: Vec::new(),
    };
    let rows = [
        Write::json(Table::Meta, "profile", &profile),
        Write::json(Table::Meta, "device_id", &device),
        Write::json(Table::Meta, "catalogue", &true),
    ];
    Ok(open(folder.join("accounts").join(format!("{person}.db")))?.apply(&rows)?)
}

/// Opens the phone's core.
///
/// # Errors
/// When it does not open.
pub fn open(
    folder: &Path,
    server: &str,
    clock: Arc<HandClock>,
    transport: Option<Arc<dyn Transport>>,
) -> anyhow::Result<Arc<Core>> {
    let secrets = std::fs::read(folder.join(SECRETS)).context("no secrets")?;
    let secrets = Arc::new(BenchSecrets(Mutex::new(serde_json::from_slice(&secrets)?)));
    let platform = Platform {
        entropy: system_entropy(),
        transport,
        ..Platform::new(secrets, Arc::new(NoFinger), clock)
    };
    let config = CoreConfig {
        server_url: server.to_owned(),
        data_dir: folder.display().to_string(),
        language: "ky".to_owned(),
        pins: vec![],
    };
    Ok(Core::open(config, platform)?)
}

struct BenchSecrets(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecureStore for BenchSecrets {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned())
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, value);
        Ok(())
    }
}

/// Nobody signs in during a benchmark.
struct NoFinger;

#[async_trait::async_trait]
impl Passkeys for NoFinger {
    async fn register(&self, _: String) -> Result<String, PlatformError> {
        Err(PlatformError::Cancelled)
    }

    async fn assert(&self, _: String) -> Result<String, PlatformError> {
        Err(PlatformError::Cancelled)
    }
}

/// Real time, and what a benchmark puts on top of it.
pub struct HandClock {
    began: Instant,
    skipped_us: AtomicI64,
}

impl HandClock {
    pub fn start() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), skipped_us: AtomicI64::new(0) })
    }

    /// So much time has passed at once.
    pub fn skip_us(&self, skipped_us: i64) {
        self.skipped_us.fetch_add(skipped_us, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn monotonic_us(&self) -> i64 {
        let real = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        real + self.skipped_us.load(Ordering::Relaxed)
    }

    fn wall_us(&self) -> i64 {
        self.monotonic_us()
    }
}
