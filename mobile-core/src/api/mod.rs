//! The object an app holds. Thin: every rule is in `toruk_sync` or in the engine.

pub mod application;
pub mod attention;
pub mod catalogue;
pub mod deposit;
pub mod groups;
pub mod live;
pub mod notifications;
pub mod records;
pub mod session;
pub mod sync;
mod texts;

pub use application::{DraftFile, DraftStatus, SubmitStatus};
pub use attention::AttentionItem;
pub use groups::DraftGroup;
pub use live::{BidReceipt, BidResult, BidState, LiveState, LiveSuspension, Quote, ResultProtocol};
pub use notifications::Notification;
pub use sync::{SyncReason, SyncReport};

use crate::device::{Device, open_store};
use crate::driver::http::Http;
use crate::driver::{Driver, TOKEN};
use crate::engine::{Engine, Input, Saved};
use crate::error::CoreError;
use crate::platform::Platform;
use crate::store::{Store, Table, Write, read};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Handle, Runtime};
use toruk_sync::domain::id::{AuctionId, DeviceId};
use toruk_sync::domain::time::Timestamp;

/// Which installation the store belongs to, in [`Table::Meta`].
const STORE_OF: &str = "device_id";

/// How to open a core.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CoreConfig {
    /// `https://…`, without a path.
    pub server_url: String,
    /// A folder of the app's own, excluded from backups.
    pub data_dir: String,
    /// `ky`, `ru` or `en`: the language of notifications and slips.
    pub language: String,
}

/// A bidder's phone. One per app; dropping it is like ending the process.
#[derive(uniffi::Object)]
pub struct Core {
    driver: Arc<Driver>,
    device: Mutex<Arc<Device>>,
    language: String,
    /// The protocols that were shown: only what was shown is signed.
    shown: Mutex<HashMap<AuctionId, [u8; 32]>>,
    /// Where there is none of the caller's.
    runtime: Option<Runtime>,
}

#[uniffi::export]
impl Core {
    /// Opens what is in the folder, or begins there.
    ///
    /// # Errors
    /// [`CoreError::Internal`] when the folder, the secure store or TLS fails.
    #[uniffi::constructor]
    pub fn open(config: CoreConfig, platform: Platform) -> Result<Arc<Self>, CoreError> {
        let store = Arc::new(open_store(&platform, Path::new(&config.data_dir))?);
        let http = Http::new(&config.server_url).map_err(CoreError::internal)?;
        let token = platform.secure_store.get(TOKEN.to_owned())?;
        let token = token.and_then(|token| String::from_utf8(token).ok());
        let token = token.filter(|token| !token.is_empty());
        let mut device = Device::load(&platform)?;
        let owner: Option<DeviceId> = read(store.as_ref(), Table::Meta, STORE_OF)?;
        let moved = owner.is_some_and(|owner| owner != device.id);
        if moved {
            // Counters of another installation must not go on under this one's name.
            device = Device::create(&platform)?;
            platform.secure_store.set(TOKEN.to_owned(), Vec::new())?;
        }
        if owner != Some(device.id) {
            store.apply(&[Write::json(Table::Meta, STORE_OF, &device.id)])?;
        }
        http.set_token(token.filter(|_| !moved));
        let saved = Saved::read(store.as_ref(), http.token().is_some())?;
        let seed = platform.entropy.bytes(8).try_into().map_or(1, u64::from_le_bytes);
        let engine = Engine::load(saved, seed);
        let (handle, runtime) = runtime()?;
        let driver = Driver::start(engine, store, platform, http, handle);
        // What an earlier process left goes on by itself.
        driver.feed(Input::Woken)?;
        let device = Mutex::new(Arc::new(device));
        Ok(Arc::new(Self {
            driver,
            device,
            language: config.language,
            shown: Mutex::default(),
            runtime,
        }))
    }

    /// Ends everything at once. What was saved is there at the next `open`.
    pub fn close(&self) {
        self.driver.close();
    }

    /// Reports connectivity: the platform's callback. Offline, no request leaves.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn set_online(&self, online: bool) -> Result<(), CoreError> {
        self.driver.http.set_online(online);
        self.driver.feed(Input::Online(online))
    }
}

impl Core {
    fn device(&self) -> Arc<Device> {
        Arc::clone(&self.lock_device())
    }

    fn lock_device(&self) -> MutexGuard<'_, Arc<Device>> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server's time as well as it is known; the wall clock's only before the first exchange,
    /// and then for labels.
    fn label_time(&self) -> Timestamp {
        let now = self.driver.now();
        let known = self.driver.look(|engine| engine.server_now(now));
        known.map_or_else(
            || Timestamp(self.driver.platform.clock.wall_us()),
            |estimate| estimate.time,
        )
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.driver.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime() -> Result<(Handle, Option<Runtime>), CoreError> {
    if let Ok(handle) = Handle::try_current() {
        return Ok((handle, None));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .thread_name("toruk")
        .build()
        .map_err(CoreError::internal)?;
    Ok((runtime.handle().clone(), Some(runtime)))
}

fn auction_id(text: &str) -> Result<AuctionId, CoreError> {
    text.parse().map_err(|_| CoreError::refused("malformed"))
}
