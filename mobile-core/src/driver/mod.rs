//! Performs the engine's effects and gives their results back to it as inputs.
//!
//! The engine's lock is held while it plans and while the result is made durable, never across an
//! `await`. Dropping the core is like the death of the process: no state that matters is only here.

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

/// Bounds of one wait of the timer: a clock that jumps is noticed within the longer, and the
/// shorter keeps a due moment from spinning.
const TIMER_MAX: Duration = Duration::from_secs(30);
const TIMER_MIN: Duration = Duration::from_millis(5);

struct Active {
    engine: Engine,
    /// The open account, and the store that holds it.
    scope: AccountScope,
    store: Arc<dyn Store>,
    /// Grows by one with each switch of accounts: results for an earlier one are ignored.
    account_generation: u64,
    /// The latest time given to the engine, so that its time never goes back.
    latest: Mono,
    closed: bool,
}

/// Performs effects for one account, with the token of the time at which they were decided on.
#[derive(Clone)]
struct EffectTask {
    driver: Arc<Driver>,
    account_generation: u64,
    token: Option<String>,
}

/// An opened account, ready to run.
pub struct OpenAccount {
    /// The engine, loaded from `store`.
    pub engine: Engine,
    /// The account's scope on this phone.
    pub scope: AccountScope,
    /// The account's sealed store.
    pub store: Arc<dyn Store>,
}

/// Runs the engine: effects, timer, store and events.
pub struct Driver {
    active: Mutex<Active>,
    /// The guest's store: public data, and the list of accounts.
    pub guest: Arc<dyn Store>,
    folder: PathBuf,
    /// The platform's services.
    pub platform: Platform,
    /// The connection to the server.
    pub http: Http,
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
    /// The open stream's task, by account generation and stream generation.
    stream: Mutex<Option<((u64, u64), AbortHandle)>>,
    events: Arc<EventDispatcher>,
    wake: watch::Sender<Option<Mono>>,
    changed: watch::Sender<u64>,
}

impl Driver {
    /// Starts the timer and the dispatcher's thread.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the system has no thread left.
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
        driver.spawn(Arc::clone(&driver).watch_obstacles());
        Ok(driver)
    }

    /// The platform's monotonic clock.
    pub fn now(&self) -> Mono {
        self.platform.clock.monotonic_us()
    }

    /// Registers the app's listener. It gets a snapshot first, then the repairs that are not
    /// acknowledged.
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

    /// Runs work that blocks on a thread of the runtime's own for that.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the work panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CoreError> {
        self.runtime.spawn_blocking(work).await.map_err(CoreError::internal)
    }

    /// The current account's generation; see [`Self::update_as`].
    pub fn account_generation(&self) -> u64 {
        lock(&self.active).account_generation
    }

    /// Reads from the engine under its lock.
    pub fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&lock(&self.active).engine)
    }

    /// Gives an input to the engine and performs the effects.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the result could not be made durable; the engine is then
    /// unchanged.
    pub fn input(self: &Arc<Self>, input: Input) -> Result<(), CoreError> {
        self.update(|engine, now| Ok(((), engine.handle(input, now))))
    }

    /// The scope of the open account.
    pub fn scope(&self) -> AccountScope {
        lock(&self.active).scope
    }

    /// The folder with all files of this core.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store of the open account.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&lock(&self.active).store)
    }

    /// Switches to another account. Results for the previous one are ignored, and nothing of it is
    /// sent with the new token.
    ///
    /// # Errors
    /// [`CoreError::Internal`] if the store can't be read; nothing changed.
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

    /// Destroys the open account's data. After that the phone is a guest's.
    ///
    /// # Errors
    /// [`CoreError::Internal`].
    pub fn erase(self: &Arc<Self>) -> Result<(), CoreError> {
        let scope = self.scope();
        // Closed first: SQLite cleans up files by name, and the name may soon be another file's.
        let store = self.store();
        store
            .suspend()
            .unwrap_or_else(|error| tracing::warn!(%error, "the log was not written back"));
        if scope != AccountScope::GUEST {
            // For good: a response that arrives now must not create the file again.
            store.close();
        }
        erase(&self.platform, &self.folder, scope)?;
        if let Some(person) = scope.0 {
            account_registry::forget(self.guest.as_ref(), person)?;
        }
        self.switch_account(AccountScope::GUEST, Arc::clone(&self.guest), None, Input::Erased)
    }

    /// Executes a person's command; it is durable when this returns.
    ///
    /// # Errors
    /// [`CoreError::Refused`] by the phone's own rules; [`CoreError::Internal`] as in `input`.
    pub fn execute(self: &Arc<Self>, command: UserCommand) -> Result<u64, CoreError> {
        self.update(|engine, now| Ok(engine.execute(command, now)?))
    }

    /// Changes the engine, makes the result durable, and performs the effects. They come from a
    /// whole plan: the timer is set from them alone. `change` may fail only before it changed
    /// anything.
    ///
    /// # Errors
    /// The error of `change`, or [`CoreError::Internal`].
    pub fn update<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Engine, Mono) -> Result<(T, Vec<Effect>), CoreError>,
    ) -> Result<T, CoreError> {
        self.update_as(None, change)
    }

    /// As [`Self::update`], unless the account was switched since.
    ///
    /// # Errors
    /// [`CoreError::SignedOut`] if it was; otherwise as `update`.
    pub fn update_as<T>(
        self: &Arc<Self>,
        account_generation: Option<u64>,
        change: impl FnOnce(&mut Engine, Mono) -> Result<(T, Vec<Effect>), CoreError>,
    ) -> Result<T, CoreError> {
        // The app's clock is never called under the lock.
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
                // Under the lock, to keep the engine's order.
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

    /// Writes single values that the engine does not own.
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

    /// Waits for a condition on the engine, at most `limit`; returns `true` if it holds.
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

    /// Ends everything; tasks in progress are dropped as if the process had died.
    pub fn close(&self) {
        let store = {
            let mut active = lock(&self.active);
            active.closed = true;
            Arc::clone(&active.store)
        };
        lock(&self.tasks).abort_all();
        // Even if a task still holds the stores, the files are free for another core.
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
                    tracing::error!(%error, "due work could not be started");
                },
            }
        }
    }
}
