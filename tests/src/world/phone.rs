//! A phone: a real core on a platform made for tests and the demo.

use crate::outside::fcm::{Fcm, Registration};
use crate::world::World;
use crate::world::clock::Clock;
use crate::world::passkey::SoftPasskeys;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use toruk_mobile_core::api::{Core, CoreConfig};
use toruk_mobile_core::events::CoreEvent;
use toruk_mobile_core::platform::{
    self, CertificateSigner, Observer, Passkeys, Platform, PlatformError, SecureStore,
};
use toruk_mobile_core::transport::Transport;

/// Events a test may leave unread.
const EVENTS_UNREAD_MAX: usize = 4_096;

/// A phone with the app on it.
pub struct Phone {
    /// The name of the person who holds it.
    pub name: String,
    /// The app's core, opened on the phone's folder.
    pub core: Arc<Core>,
    /// Push messages that FCM delivers.
    pub pushes: Registration,
    /// Events from the core to the app.
    pub events: mpsc::Receiver<CoreEvent>,
    /// Pushes a test has taken out of [`Self::pushes`].
    pub read: u64,
    body: Body,
}

/// The parts of a phone that survive the end of the app.
#[derive(Clone)]
struct Body {
    server: String,
    folder: PathBuf,
    clock: Arc<PhoneClock>,
    secrets: Arc<Secrets>,
    passkeys: Arc<Finger>,
    /// The way to the server; `None` for the core's own.
    transport: Option<Arc<dyn Transport>>,
    /// The person's token; `None` without one.
    token: Option<Arc<dyn CertificateSigner>>,
}

impl Phone {
    /// Switches on a new phone and opens the app.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn switch_on(
        name: &str,
        server: &str,
        folder: &Path,
        clock: Arc<dyn Clock>,
        speed: u32,
        fcm: &Fcm,
    ) -> anyhow::Result<Self> {
        Self::switch_on_behind(name, server, server, folder, clock, speed, fcm)
    }

    /// As [`Self::switch_on`], for a phone that reaches the server of `origin` through `server`,
    /// which is another place. A passkey knows only the origin.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn switch_on_behind(
        name: &str,
        server: &str,
        origin: &str,
        folder: &Path,
        clock: Arc<dyn Clock>,
        speed: u32,
        fcm: &Fcm,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let body = Body {
            server: server.to_owned(),
            folder: folder.to_owned(),
            clock: Arc::new(PhoneClock { clock, speed, wall_error_us: Mutex::new(0) }),
            secrets: Arc::default(),
            passkeys: Arc::new(Finger(SoftPasskeys::new(origin)?)),
            transport: None,
            token: None,
        };
        let (core, events) = body.open()?;
        Ok(Self { name: name.to_owned(), core, pushes: fcm.register(), events, read: 0, body })
    }

    /// Closes the app and opens it again with another way to the server.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn reopen_with(&mut self, transport: Arc<dyn Transport>) -> anyhow::Result<()> {
        self.body.transport = Some(transport);
        self.kill_and_reopen()
    }

    /// Closes the app and opens it again with the person's token in the phone.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn reopen_with_token(&mut self, token: Arc<dyn CertificateSigner>) -> anyhow::Result<()> {
        self.body.token = Some(token);
        self.kill_and_reopen()
    }

    /// Another phone of the same person: it has the person's passkeys, as platforms share them, and
    /// nothing else.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn another(&self, world: &World, name: &str) -> anyhow::Result<Self> {
        let folder = self.body.folder.with_file_name(name);
        std::fs::create_dir_all(&folder)?;
        let body = Body { folder, secrets: Arc::default(), ..self.body.clone() };
        let (core, events) = body.open()?;
        let (name, pushes) = (name.to_owned(), world.fcm.register());
        Ok(Self { name, core, pushes, events, read: 0, body })
    }

    /// Kills the app without a word and opens it again on what it had saved.
    ///
    /// # Errors
    /// When the core can't open its folder.
    pub fn kill_and_reopen(&mut self) -> anyhow::Result<()> {
        self.core.close();
        (self.core, self.events) = self.body.open()?;
        Ok(())
    }

    /// The newest passkey on this phone, when there is one.
    pub fn passkey(&self) -> Option<String> {
        self.body.passkeys.0.credential_id()
    }

    /// Counts pushes that were taken.
    pub fn taken(&mut self, count: u64) {
        self.read += count;
    }

    /// Sets the wall clock wrong by so much. Nothing but labels may notice.
    pub fn set_wall_error_us(&self, error_us: i64) {
        *lock(&self.body.clock.wall_error_us) = error_us;
    }
}

impl Body {
    fn open(&self) -> anyhow::Result<(Arc<Core>, mpsc::Receiver<CoreEvent>)> {
        let (ear, events) = mpsc::channel(EVENTS_UNREAD_MAX);
        let (secrets, passkeys) = (self.secrets.clone(), self.passkeys.clone());
        let transport = self.transport.clone();
        let platform = Platform::new(secrets, passkeys, self.clock.clone());
        let certificates = self.token.clone();
        let platform = Platform { transport, certificates, ..platform };
        let config = CoreConfig {
            server_url: self.server.clone(),
            data_dir: self.folder.display().to_string(),
            language: "ky".to_owned(),
            pins: vec![],
        };
        let core = Core::open(config, platform)?;
        core.listen(Arc::new(Ear(ear)))?;
        Ok((core, events))
    }
}

#[derive(Default)]
struct Secrets(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecureStore for Secrets {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(lock(&self.0).get(&name).cloned())
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        lock(&self.0).insert(name, value);
        Ok(())
    }
}

struct Finger(SoftPasskeys);

#[async_trait::async_trait]
impl Passkeys for Finger {
    async fn register(&self, options_json: String) -> Result<String, PlatformError> {
        self.0.register(&options_json).map_err(failed)
    }

    async fn assert(&self, options_json: String) -> Result<String, PlatformError> {
        self.0.assert(&options_json).map_err(failed)
    }
}

struct PhoneClock {
    clock: Arc<dyn Clock>,
    speed: u32,
    wall_error_us: Mutex<i64>,
}

impl platform::Clock for PhoneClock {
    /// Counts real time from an origin of its own, as since a boot: a phone knows nothing of a
    /// sandbox whose clock runs faster.
    fn monotonic_us(&self) -> i64 {
        const BOOTED_AT_US: i64 = 1_700_000_000_000_000;
        (self.clock.now().0 - BOOTED_AT_US) / i64::from(self.speed)
    }

    fn wall_us(&self) -> i64 {
        self.clock.now().0 + *lock(&self.wall_error_us)
    }
}

struct Ear(mpsc::Sender<CoreEvent>);

impl Observer for Ear {
    fn on_event(&self, event: CoreEvent) {
        // A test that does not listen loses events, as an app in the background does.
        let _ = self.0.try_send(event);
    }
}

fn failed(error: anyhow::Error) -> PlatformError {
    PlatformError::Failed { reason: format!("{error:#}") }
}

fn lock<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
