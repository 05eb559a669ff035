//! The hands: performs what the engine says and feeds back what came of it.
//!
//! The engine's lock is held while it thinks and while the result is made durable, never across
//! an `await`. Dropping the core is like the death of the process: nothing that matters is here.

mod event_dispatcher;
mod health;
pub mod http;
mod perform;
mod sleep;
mod upload;

use crate::account_registry;
use crate::account_scope::AccountScope;
use crate::account_store::erase;
use crate::engine::clock::Mono;
use crate::engine::{Effect, Engine, Input, Saved, UserCommand};
use crate::error::CoreError;
use crate::events::{CoreEvent, EventKind};
use crate::mutex::lock;
use crate::platform::{Observer, Platform};
use crate::store::{Store, Write};
use event_dispatcher::EventDispatcher;
use http::Http;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// The timer looks again after this long at the latest, and never sooner than after the other.
const TIMER_MAX: Duration = Duration::from_secs(30);
const TIMER_MIN: Duration = Duration::from_millis(5);

struct Active {
    engine: Engine,
    /// Whose data it thinks about, and where that survives.
    scope: AccountScope,
    store: Arc<dyn Store>,
    /// Grows with each change of hands: what an earlier one asked for is not heard any more.
    account_generation: u64,
    /// The latest moment it has thought at.
    latest: Mono,
    closed: bool,
}

/// What the driver does for one account; it carries the token that was there when it was decided
/// on.
#[derive(Clone)]
struct EffectTask {
    driver: Arc<Driver>,
    account_generation: u64,
    token: Option<String>,
}

/// An account that is opened.
pub struct OpenAccount {
    /// Its mind.
    pub engine: Engine,
    /// Whose it is.
    pub scope: AccountScope,
    /// Its store.
    pub store: Arc<dyn Store>,
}

/// Performs effects.
pub struct Driver {
    active: Mutex<Active>,
    /// What anybody may see, and who uses this phone.
    pub guest: Arc<dyn Store>,
    folder: PathBuf,
    /// The phone.
    pub platform: Platform,
    /// The way to the server.
    pub http: Http,
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
    /// By hands and generation.
    stream: Mutex<Option<((u64, u64), AbortHandle)>>,
    events: Arc<EventDispatcher>,
    wake: watch::Sender<Option<Mono>>,
    changed: watch::Sender<u64>,
}

impl Driver {
    /// Starts the timer and the listener's thread.
    ///
    /// # Errors
    /// [`CoreError::Internal`] when the system has no thread left.
    pub fn start(
        account: OpenAccount,
        guest: Arc<dyn Store>,
        folder: PathBuf,
        platform: Platform,
        http: Http,
        runtime: Handle,
    ) -> Result<Arc<Self>, CoreError> {
        let OpenAccount { engine, scope, store } = account;
        let events = EventDispatcher::start().map_err(CoreError::internal)?;
        let driver = Arc::new(Self {
            active: Mutex::new(Active {
                engine,
                scope,
                store,
                account_generation: 0,
                latest: Mono::MIN,
                closed: false,
            }),
            guest,
            folder,
            platform,
            http,
            runtime,
            tasks: Mutex::new(JoinSet::new()),
            stream: Mutex::new(None),
            events,
            wake: watch::Sender::new(None),
            changed: watch::Sender::new(0),
        });
        driver.spawn(Arc::clone(&driver).run_timer());
        Ok(driver)
    }

    /// The phone's monotonic clock.
    pub fn now(&self) -> Mono {
        self.platform.clock.monotonic_us()
    }

    /// Lets the app hear what happens from now on, beginning with how everything is now, and with
    /// repairs of which it has not said that it knows them.
    ///
    /// # Errors
    /// [`CoreError::Closed`].
    pub fn listen(self: &Arc<Self>, observer: Arc<dyn Observer>) -> Result<(), CoreError> {
        let active = lock(&self.active);
        if active.closed {
            return Err(CoreError::Closed);
        }
        let what = EventKind::Snapshot { overview: active.engine.overview() };
        let first = CoreEvent { number: active.engine.event_number(), auction: None, what };
        self.events.listen(observer, first);
        drop(active);
        self.notify_repairs();
        Ok(())
    }

    /// Does what may take its time, and is not the runtime's to wait for.
    ///
    /// # Errors
    /// [`CoreError::Internal`] when it panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CoreError> {
        self.runtime.spawn_blocking(work).await.map_err(CoreError::internal)
    }

    /// Grows with each change of hands; see [`Self::update_as`].
    pub fn account_generation(&self) -> u64 {
        lock(&self.active).account_generation
    }

    /// Looks at the engine.
    pub fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&lock(&self.active).engine)
    }

    /// Feeds what happened and performs what follows.
    ///
    /// # Errors
    /// [`CoreError::Internal`] when it could not be made durable; the engine is as it was.
    pub fn input(self: &Arc<Self>, input: Input) -> Result<(), CoreError> {
        self.update(|engine, now| Ok(((), engine.handle(input, now))))
    }

    /// Whose data is open.
    pub fn scope(&self) -> AccountScope {
        lock(&self.active).scope
    }

    /// Where all files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it survives.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&lock(&self.active).store)
    }

    /// The phone changes hands. What the former account asked for is not heard any more, and
    /// nothing of it leaves with the new token.
    ///
    /// # Errors
    /// [`CoreError::Internal`] when the store can't be read; nothing changed.
    pub fn switch_account(
        self: &Arc<Self>,
        scope: AccountScope,
        store: Arc<dyn Store>,
        token: Option<String>,
        first: Input,
    ) -> Result<(), CoreError> {
        let saved = Saved::read(store.as_ref(), token.is_some())?;
        {
            let mut active = lock(&self.active);
            active.account_generation += 1;
            (active.scope, active.store) = (scope, store);
            active.engine.switch_account(saved);
            self.http.set_token(token);
        }
        self.input(first)?;
        self.notify_repairs();
        Ok(())
    }

    /// Destroys the open account's data. The phone is a guest's from then on.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn erase(self: &Arc<Self>) -> Result<(), CoreError> {
        let scope = self.scope();
        // Closed first: SQLite tidies up by names, which may soon be another file's.
        let store = self.store();
        store.suspend().unwrap_or_else(|error| tracing::warn!(%error, "not written back"));
        if scope != AccountScope::GUEST {
            // For good: an answer that comes now must not make the file anew.
            store.close();
        }
        erase(&self.platform, &self.folder, scope)?;
        if let Some(person) = scope.0 {
            account_registry::forget(self.guest.as_ref(), person)?;
        }
        self.switch_account(AccountScope::GUEST, Arc::clone(&self.guest), None, Input::Erased)
    }

    /// Does what the person wants; when this returns, it survives the process.
    ///
    /// # Errors
    /// [`CoreError::Refused`] by the phone's own rules; [`CoreError::Internal`] as for `input`.
    pub fn execute(self: &Arc<Self>, command: UserCommand) -> Result<u64, CoreError> {
        self.update(|engine, now| Ok(engine.execute(command, now)?))
    }

    /// Lets the engine think, makes durable, performs. The effects are those of a whole plan: the
    /// timer is set from them and from nothing else. The thought may fail only before it changed
    /// anything.
    ///
    /// # Errors
    /// The thought's, or [`CoreError::Internal`].
    pub fn update<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Engine, Mono) -> Result<(T, Vec<Effect>), CoreError>,
    ) -> Result<T, CoreError> {
        self.update_as(None, change)
    }

    /// As [`Self::update`], if the phone has not changed hands since.
    ///
    /// # Errors
    /// [`CoreError::SignedOut`] when it has; as for `update`.
    pub fn update_as<T>(
        self: &Arc<Self>,
        account_generation: Option<u64>,
        change: impl FnOnce(&mut Engine, Mono) -> Result<(T, Vec<Effect>), CoreError>,
    ) -> Result<T, CoreError> {
        // The app's clock is never asked under the lock.
        let now = self.now();
        let (answer, effects, task) = {
            let mut active = lock(&self.active);
            if active.closed {
                return Err(CoreError::Closed);
            }
            active.latest = active.latest.max(now);
            let now = active.latest;
            if account_generation
                .is_some_and(|account_generation| account_generation != active.account_generation)
            {
                return Err(CoreError::SignedOut);
            }
            let (driver, token) = (Arc::clone(self), self.http.token());
            let task = EffectTask { driver, account_generation: active.account_generation, token };
            let (answer, mut effects) = change(&mut active.engine, now)?;
            if let Some(Effect::Persist(writes)) = effects.first() {
                if let Err(error) = active.store.apply(writes) {
                    self.recover(&mut active, &error);
                    drop(active);
                    if error.is_damage() {
                        self.notify_repairs();
                    }
                    return Err(error.into());
                }
                effects.remove(0);
            }
            let mut wake = None;
            effects.retain(|effect| match effect {
                // Under the lock, so that the order is the engine's.
                Effect::Notify(event) => {
                    self.events.push(event.clone());
                    false
                }
                Effect::WakeAt(at) => {
                    wake = Some(*at);
                    false
                }
                _ => true,
            });
            self.wake.send_replace(wake);
            (answer, effects, task)
        };
        for effect in effects {
            task.clone().perform(effect);
        }
        self.changed.send_modify(|count| *count += 1);
        Ok(answer)
    }

    /// Writes what is not the engine's: single values beside it.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn save(&self, writes: &[Write]) -> Result<(), CoreError> {
        let mut active = lock(&self.active);
        if active.closed {
            return Err(CoreError::Closed);
        }
        let kept = active.store.apply(writes);
        if let Err(error) = &kept
            && error.is_damage()
        {
            self.recover(&mut active, error);
        }
        Ok(kept?)
    }

    /// Waits until the engine is as wanted, at most so long. Answers whether it is.
    pub async fn wait_until(&self, limit: Duration, wanted: impl Fn(&Engine) -> bool) -> bool {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            while !self.read(&wanted) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(limit, waiting).await;
        self.read(&wanted)
    }

    /// Ends everything; whatever is under way is dropped as if the process had died.
    pub fn close(&self) {
        let store = {
            let mut active = lock(&self.active);
            active.closed = true;
            Arc::clone(&active.store)
        };
        lock(&self.tasks).abort_all();
        // Whatever still holds them, the files are free for another core.
        store.close();
        self.guest.close();
        self.events.close();
    }

    fn run(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(task);
    }

    fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime)
    }

    async fn run_timer(self: Arc<Self>) {
        let mut wake = self.wake.subscribe();
        loop {
            let at = *wake.borrow_and_update();
            let Some(at) = at else {
                if wake.changed().await.is_err() {
                    return;
                }
                continue;
            };
            let wait = u64::try_from(at.saturating_sub(self.now())).unwrap_or(0);
            let pause = Duration::from_micros(wait).clamp(TIMER_MIN, TIMER_MAX);
            tokio::select! {
                changed = wake.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => if let Err(error) = self.input(Input::Woken) {
                    tracing::error!(%error, "what is due could not be begun");
                },
            }
        }
    }
}
