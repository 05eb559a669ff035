//! The object that an app holds. It has no rules of its own: they are in `toruk_sync` and the
//! engine.

pub mod accounts;
pub mod application;
pub mod attention;
pub mod award;
pub mod catalogue;
mod certificate;
mod confirm_by;
pub mod contract;
pub mod corrections;
pub mod deposit;
pub mod devices;
pub mod eid;
pub mod eid_confirmation;
mod files;
pub mod groups;
pub mod lifecycle;
pub mod live;
pub mod lots;
pub mod notifications;
pub mod papers;
pub mod passkeys;
pub mod push_check;
pub mod receipt;
pub mod records;
mod recovery;
pub mod reminders;
pub mod repairs;
pub mod session;
pub mod sync;
mod texts;
pub mod ways;

pub use crate::overview::Overview;
pub use accounts::Logout;
pub use application::{DraftFile, DraftStatus, SubmitStatus};
pub use attention::AttentionItem;
pub use award::{PricePart, ResultProtocol};
pub use catalogue::{CataloguePage, CatalogueQuery};
pub use contract::Contract;
pub use corrections::ChangedTerm;
pub use devices::{DeviceInfo, EndedPasskey};
pub use eid::EidPage;
pub use eid_confirmation::{EidAct, EidConfirmation};
pub use groups::DraftGroup;
pub use lifecycle::Cancel;
pub use live::{BidResult, BidState, LiveState, LiveSuspension, Quote};
pub use notifications::Notification;
pub use papers::{Paper, PaperList, PaperProgress};
pub use passkeys::{LinkingCode, PasskeyInfo};
pub use receipt::{ActReceipt, BidReceipt, LogPlace};
pub use reminders::LocalReminder;
pub use repairs::StoreRepair;
pub use sync::{SyncReason, SyncReport};

use crate::account_registry;
use crate::account_scope::AccountScope;
use crate::account_store::{open_account, open_store};
use crate::device::Device;
use crate::driver::http::Http;
use crate::driver::{Driver, OpenAccount};
use crate::engine::push_token::{PUSH_ADDRESS, PushAddress};
use crate::engine::{Engine, Input, Saved};
use crate::error::CoreError;
use crate::mutex::lock;
use crate::platform::{Platform, guarded};
use crate::store::{Store, Table, read};
use crate::transport::{Transport, is_safe};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::runtime::{Handle, Runtime};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;

/// Settings for opening a core.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CoreConfig {
    /// The server's address, `https://…`, without a path; `http://…` only of this machine.
    pub server_url: String,
    /// A folder that only this app uses, excluded from backups.
    pub data_dir: String,
    /// `ky`, `ru` or `en`: the language of notifications and slips.
    pub language: String,
    /// The keys that the server's certificate may have, besides being valid: `sha256/` and the
    /// base64 of SHA-256 of its `SubjectPublicKeyInfo`. Name the next key too, or the app can't
    /// connect after a change. Empty: any valid certificate. For the built-in transport; a
    /// platform's has its own pins, and these are an error with it.
    #[uniffi(default = [])]
    pub pins: Vec<String>,
}

/// The core of a bidder's app. Create one per app; dropping it ends everything as if the process
/// had ended.
#[derive(uniffi::Object)]
pub struct Core {
    driver: Arc<Driver>,
    /// The device of the open account.
    device: Mutex<Option<(AccountScope, Arc<Device>)>>,
    language: String,
    /// Digests of the protocols that were shown: only a protocol that was shown can be signed.
    shown: Mutex<HashMap<AuctionId, [u8; 32]>>,
    /// As [`Self::shown`], for contracts whose file was read.
    shown_contracts: Mutex<HashMap<AuctionId, [u8; 32]>>,
    /// Present if the caller has no runtime of their own.
    runtime: Option<Runtime>,
}

#[uniffi::export]
impl Core {
    /// Opens the data in the folder, or creates it there.
    ///
    /// # Errors
    /// [`CoreError::UnsafeAddress`]; [`CoreError::StoreTooNew`], [`CoreError::StoreInUse`],
    /// [`CoreError::StorageFull`]; [`CoreError::Internal`] if the folder, the secure store, TLS or
    /// a pin fails.
    #[uniffi::constructor]
    pub fn open(config: CoreConfig, platform: Platform) -> Result<Arc<Self>, CoreError> {
        let transport = transport(&config.server_url, &config.pins, platform.transport.as_ref())?;
        let platform = guarded(platform);
        let folder = PathBuf::from(&config.data_dir);
        let guest: Arc<dyn Store> = Arc::new(open_store(&platform, &folder, AccountScope::GUEST)?);
        recovery::recover_accounts(&platform, &folder, guest.as_ref())?;
        let http = Http::new(&config.server_url, transport);
        let scope = AccountScope(account_registry::current(guest.as_ref())?);
        let (store, token) = open_account(&platform, &folder, &guest, scope)?;
        http.set_token(token);
        let saved = Saved::read(store.as_ref(), http.token().is_some())?;
        let seed = platform.entropy.bytes(8).try_into().map_or(1, u64::from_le_bytes);
        let account = OpenAccount { engine: Engine::load(saved, seed), scope, store };
        let (handle, runtime) = runtime()?;
        let driver = Driver::start(account, guest, folder, platform, http, handle)?;
        driver.cancel_transfers();
        let address: Option<PushAddress> = read(driver.guest.as_ref(), Table::Meta, PUSH_ADDRESS)?;
        address.map_or(Ok(()), |address| driver.input(Input::PushAddress(address)))?;
        // Work that an earlier process left continues.
        driver.input(Input::Woken)?;
        Ok(Arc::new(Self {
            driver,
            device: Mutex::default(),
            language: config.language,
            shown: Mutex::default(),
            shown_contracts: Mutex::default(),
            runtime,
        }))
    }
}

impl Core {
    /// The device of the open account.
    fn device(&self) -> Result<Arc<Device>, CoreError> {
        let scope = self.driver.scope();
        let mut held = lock(&self.device);
        if let Some((_, device)) = held.as_ref().filter(|(of, _)| *of == scope) {
            return Ok(Arc::clone(device));
        }
        let device = Arc::new(Device::load(&self.driver.platform, scope)?);
        *held = Some((scope, Arc::clone(&device)));
        Ok(device)
    }

    /// The estimated server time; before the first clock exchange the wall clock's, good for labels
    /// only.
    fn label_time(&self) -> Timestamp {
        let now = self.driver.now();
        let known = self.driver.read(|engine| engine.server_now(now));
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

/// The platform's transport, or the built-in one, if the server's address is safe.
fn transport(
    server_url: &str,
    pins: &[String],
    platform: Option<&Arc<dyn Transport>>,
) -> Result<Arc<dyn Transport>, CoreError> {
    if !is_safe(server_url) {
        return Err(CoreError::UnsafeAddress);
    }
    match platform {
        Some(transport) if pins.is_empty() => Ok(Arc::clone(transport)),
        // Pins that nobody checks would only look like pins.
        Some(_) => Err(CoreError::internal("Platform.transport must check pins itself")),
        None => built_in(pins),
    }
}

#[cfg(feature = "http")]
fn built_in(pins: &[String]) -> Result<Arc<dyn Transport>, CoreError> {
    use crate::transport::{Builtin, Pin};
    let pins = Pin::read_all(pins).map_err(CoreError::internal)?;
    let built = if pins.is_empty() { Builtin::new() } else { Builtin::pinned(pins) };
    Ok(Arc::new(built.map_err(CoreError::internal)?))
}

#[cfg(not(feature = "http"))]
fn built_in(_: &[String]) -> Result<Arc<dyn Transport>, CoreError> {
    Err(CoreError::internal("this library has no HTTP of its own: Platform.transport is needed"))
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
