//! Services that throw, block, call back or return nonsense; calls in every order and from many
//! threads. Each gets a typed answer, and saved data stays.
#![allow(clippy::disallowed_methods)] // Plays the platform, whose clock is real.

use super::script::{AUCTION, ScriptedPhone, SystemClock};
use super::twisted::{Twist, Twisted};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use toruk_mobile_core::api::{Cancel, SyncReason};
use toruk_mobile_core::events::{CoreEvent, EventKind};
use toruk_mobile_core::logging::{LogLevel, Logger, set_logger};
use toruk_mobile_core::platform::{
    BackgroundTransfers, Clock, Entropy, Observer, Platform, PlatformError, SecureStore, UploadJob,
};
use toruk_mobile_core::transport::{Transport, TransportError};
use toruk_mobile_core::{Core, CoreConfig, CoreError};

/// The longest wait in these tests.
const PATIENCE: Duration = Duration::from_secs(10);

fn platform(phone: &Arc<ScriptedPhone>, way: Arc<dyn Transport>) -> Platform {
    let clock = Arc::new(SystemClock(Instant::now()));
    Platform { transport: Some(way), ..Platform::new(phone.clone(), phone.clone(), clock) }
}

fn open(folder: &std::path::Path, platform: Platform) -> Result<Arc<Core>, CoreError> {
    let data_dir = folder.display().to_string();
    let server_url = "https://auction.example".to_owned();
    Core::open(
        CoreConfig { server_url, data_dir, language: "ky".to_owned(), pins: vec![] },
        platform,
    )
}

fn set(core: &Core, field: &str, value: &str) -> Result<(), CoreError> {
    core.draft_set(AUCTION.to_owned(), field.to_owned(), Some(value.to_owned()))
}

fn is_typed(error: &CoreError) -> bool {
    !matches!(error, CoreError::Internal { detail } if detail.contains("panic"))
}

fn twist() -> impl Strategy<Value = Twist> {
    let error = prop_oneof![
        Just(TransportError::NotSent { reason: String::new() }),
        Just(TransportError::Lost { reason: String::new() }),
    ];
    let number = prop_oneof!["-?[0-9]{1,25}", Just("1e400".to_owned()), Just("null".to_owned())];
    prop_oneof![
        3 => Just(Twist::None),
        1 => (100_u16..600).prop_map(Twist::Status),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Twist::Byte(at, byte)),
        1 => any::<usize>().prop_map(Twist::Cut),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Twist::Body),
        3 => (any::<usize>(), number).prop_map(|(which, to)| Twist::Number(which, to)),
        1 => error.prop_map(Twist::Error),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_a_server_says_every_call_returns_and_nothing_saved_is_lost(
        twists in proptest::collection::vec(twist(), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let phone = Arc::new(ScriptedPhone::default());
            let (hostile, kind) = (Twisted::new(twists), Twisted::new(Vec::new()));
            let core = open(folder.path(), platform(&phone, hostile.clone())).unwrap();
            let registered = core.register("Aida".to_owned()).await;
            prop_assert!(registered.as_ref().err().is_none_or(is_typed), "{registered:?}");
            let saved = set(&core, "phone", "+1").is_ok();
            let auctions = core.auctions().await.map(drop);
            let view = core.auction(AUCTION.to_owned()).await.map(drop);
            let synced = core.sync_now(SyncReason::Foreground, 50, None).await.map(drop);
            let mine = core.my_auctions().await.map(drop);
            for answer in [auctions, view, synced, mine] {
                prop_assert!(answer.as_ref().err().is_none_or(is_typed), "{answer:?}");
            }
            let person = core.account();
            core.close();
            let core = open(folder.path(), platform(&phone, kind.clone())).unwrap();
            prop_assert_eq!(core.account().map(|a| a.person), person.map(|a| a.person));
            if saved {
                core.sync_now(SyncReason::Foreground, 50, None).await.unwrap();
                let arrived = [&hostile, &kind].iter().any(|way| way.has_heard("+1"));
                let is_here = core.overview().waiting > 0 || !core.attention().is_empty();
                prop_assert!(arrived || is_here, "neither here nor there");
            }
            Ok(())
        })?;
    }
}

/// A clock, an entropy and a secure store that throw on command.
#[derive(Default)]
struct Thrower {
    throws: AtomicUsize,
    phone: ScriptedPhone,
}

impl Thrower {
    fn at(&self, bit: usize) {
        assert!(self.throws.load(SeqCst) & bit == 0, "thrown on purpose");
    }
}

const CLOCK: usize = 1;
const ENTROPY: usize = 2;
const SECRETS: usize = 4;
const LISTENER: usize = 8;

impl Clock for Thrower {
    fn monotonic_us(&self) -> i64 {
        self.at(CLOCK);
        1_000_000
    }
    fn wall_us(&self) -> i64 {
        self.at(CLOCK);
        0
    }
}

impl Entropy for Thrower {
    fn bytes(&self, count: u32) -> Vec<u8> {
        self.at(ENTROPY);
        vec![7; count as usize]
    }
}

impl SecureStore for Thrower {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        match self.throws.load(SeqCst) & SECRETS {
            0 => self.phone.get(name),
            _ => Err(PlatformError::Failed { reason: "locked".to_owned() }),
        }
    }
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        match self.throws.load(SeqCst) & SECRETS {
            0 => self.phone.set(name, value),
            _ => Err(PlatformError::Failed { reason: "locked".to_owned() }),
        }
    }
}

impl Observer for Thrower {
    fn on_event(&self, _: CoreEvent) {
        self.at(LISTENER);
    }
}

/// Keeps every message, and throws all the same.
struct Noisy(Arc<Mutex<Vec<String>>>);

impl Logger for Noisy {
    fn log(&self, level: LogLevel, target: String, message: String) {
        self.0.lock().unwrap().push(format!("{level:?} {target} {message}"));
        panic!("thrown on purpose");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_throw_are_typed_errors_and_the_core_goes_on_when_they_are_well_again() {
    let lines = Arc::default();
    assert!(set_logger(LogLevel::Warn, Arc::new(Noisy(Arc::clone(&lines)))));
    assert!(!set_logger(LogLevel::Debug, Arc::new(Noisy(Arc::default()))), "the first one stays");
    let folder = tempfile::tempdir().unwrap();
    let (thrower, phone) = (Arc::new(Thrower::default()), Arc::new(ScriptedPhone::default()));
    let held = || Platform {
        secure_store: thrower.clone(),
        clock: thrower.clone(),
        entropy: thrower.clone(),
        ..platform(&phone, Twisted::new(Vec::new()))
    };
    for (service, what) in [(ENTROPY, "entropy"), (SECRETS, "secure store")] {
        thrower.throws.store(service, SeqCst);
        let opened = open(folder.path(), held()).err();
        assert!(matches!(opened, Some(CoreError::Internal { .. })), "{what}: {opened:?}");
    }
    thrower.throws.store(CLOCK | LISTENER, SeqCst);
    let core = open(folder.path(), held()).unwrap();
    core.listen(thrower.clone()).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    set(&core, "phone", "+1").unwrap();
    thrower.throws.store(SECRETS, SeqCst);
    assert!(core.sign_out().await.is_ok(), "what can't be removed now is tried again, or harmless");
    thrower.throws.store(0, SeqCst);
    core.sign_in().await.unwrap();
    core.sync_now(SyncReason::Foreground, 10_000, None).await.unwrap();
    assert_eq!(core.overview().waiting, 0, "delivered by a clock that stood still");
    let lines = lines.lock().unwrap();
    let told = "Error toruk_mobile_core::platform::guarded a service of the app threw";
    assert!(lines.iter().any(|line| line == told), "{lines:?}");
}

/// Forwards events to a channel; calls the core from within, and waits on command.
struct Reentrant {
    core: Mutex<Option<Arc<Core>>>,
    heard: mpsc::Sender<CoreEvent>,
    gate: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Observer for Reentrant {
    fn on_event(&self, event: CoreEvent) {
        let core = self.core.lock().unwrap().clone();
        if let Some(core) = core {
            let _ = (core.overview(), core.account(), core.outcomes(), core.attention());
            set(&core, "address", "from within").unwrap();
        }
        if let Some(gate) = self.gate.lock().unwrap().take() {
            let _ = gate.recv();
        }
        let _ = self.heard.send(event);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_may_call_the_core_and_may_block_and_a_late_one_begins_with_how_things_are() {
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let way = Twisted::new(Vec::new());
    let core = open(folder.path(), platform(&phone, way.clone())).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    core.set_online(false).unwrap();
    let (release, gate) = mpsc::channel();
    let (heard, events) = mpsc::channel();
    let blocked = Arc::new(Reentrant {
        core: Mutex::new(Some(Arc::clone(&core))),
        heard,
        gate: Mutex::new(Some(gate)),
    });
    core.listen(blocked).unwrap();
    set(&core, "phone", "+1").unwrap();
    assert_eq!(core.overview().waiting, 1, "a blocked listener holds up nobody");
    release.send(()).unwrap();
    let first = events.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(first.what, EventKind::Snapshot { .. }), "{first:?}");

    let (heard, events) = mpsc::channel();
    let (core_, gate) = (Mutex::new(None), Mutex::new(None));
    core.listen(Arc::new(Reentrant { core: core_, heard, gate })).unwrap();
    let snapshot = events.recv_timeout(PATIENCE).unwrap();
    let EventKind::Snapshot { overview } = snapshot.what else { panic!("{snapshot:?}") };
    assert_eq!((overview.waiting, overview.signed_in, overview.online), (1, true, false));
    way.script.ended.store(true, SeqCst);
    core.set_online(true).unwrap();
    let mut number = snapshot.number;
    while let Ok(next) = events.recv_timeout(PATIENCE) {
        number += 1;
        assert_eq!(next.number, number, "nothing between a snapshot and what follows");
        if next.what == EventKind::SignedOut {
            return;
        }
    }
    panic!("the session's end was not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_gets_no_answer_ends_when_it_is_cancelled_or_the_connection_goes() {
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let way = Twisted::new(Vec::new());
    let core = open(folder.path(), platform(&phone, way.clone())).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    core.sync_now(SyncReason::Foreground, 10_000, None).await.unwrap();
    *way.twists.lock().unwrap() = vec![Twist::Silence; 64];
    set(&core, "phone", "+1").unwrap();
    let cancel = Cancel::new();
    let syncing = core.sync_now(SyncReason::Foreground, 600_000, Some(Arc::clone(&cancel)));
    let (report, ()) = tokio::join!(syncing, async { cancel.cancel() });
    assert_eq!(report.unwrap().waiting, 1, "what waits waits on");

    let asking = core.auction(AUCTION.to_owned());
    let (answer, gone) = tokio::join!(asking, async { core.set_online(false) });
    gone.unwrap();
    assert_eq!(answer.err(), Some(CoreError::Offline));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_from_many_threads_are_all_kept() {
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let way = Twisted::new(Vec::new());
    let held = platform(&phone, way.clone());
    let core = open(folder.path(), held.clone()).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    core.set_online(false).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let core = &core;
            scope.spawn(move || {
                for value in 0..20 {
                    set(core, &format!("field_{thread}"), &value.to_string()).unwrap();
                    let _ = core.overview();
                }
            });
        }
    });
    core.close();
    let reopened = open(folder.path(), held).unwrap();
    reopened.sync_now(SyncReason::Foreground, 10_000, None).await.unwrap();
    let pushed = way.heard();
    for thread in 0..8 {
        assert!(pushed.contains(&format!("field_{thread}")), "{thread} is missing in {pushed}");
    }
    // The script's pulls know no draft, so that the phone may send its answers once more.
    let pushes: Vec<serde_json::Value> = serde_json::from_str(&pushed).unwrap();
    for push in pushes {
        let push = push.to_string();
        let (last, all) = (push.matches("\"19\"").count(), push.matches("\"value\"").count());
        assert_eq!((last, all), (8, 8), "the last of each, and no other: {push}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_core_answers_that_it_is_closed() {
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let core = open(folder.path(), platform(&phone, Twisted::new(Vec::new()))).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    core.close();
    core.close();
    assert_eq!(set(&core, "phone", "+1"), Err(CoreError::Closed));
    assert_eq!(core.set_online(true), Err(CoreError::Closed));
    assert_eq!(core.resume(true), Err(CoreError::Closed));
    assert_eq!(core.suspend(0).await, Err(CoreError::Closed));
    let synced = core.sync_now(SyncReason::Foreground, 60_000, None).await;
    assert_eq!(synced.err(), Some(CoreError::Closed));
    let listener = Arc::new(Thrower::default());
    assert_eq!(core.listen(listener), Err(CoreError::Closed));
    assert!(core.account().is_some(), "what is known can still be looked at");
}

#[derive(Default)]
struct Transfers {
    taken: Mutex<Vec<UploadJob>>,
    ended: Mutex<Vec<String>>,
}

impl BackgroundTransfers for Transfers {
    fn enqueue(&self, job: UploadJob) -> Result<(), PlatformError> {
        self.taken.lock().unwrap().push(job);
        Ok(())
    }
    fn cancel(&self, id: String) {
        self.ended.lock().unwrap().push(id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asleep_nothing_leaves_and_the_system_has_the_rest_of_each_file() {
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let (way, transfers) = (Twisted::new(Vec::new()), Arc::new(Transfers::default()));
    let held = Platform { transfers: Some(transfers.clone()), ..platform(&phone, way.clone()) };
    let core = open(folder.path(), held).unwrap();
    core.register("Aida".to_owned()).await.unwrap();
    core.sync_now(SyncReason::Foreground, 10_000, None).await.unwrap();
    core.set_online(false).unwrap();
    let (slot, name, mime) = ("plan".to_owned(), "plan.pdf".to_owned(), "application/pdf".into());
    core.draft_attach(AUCTION.to_owned(), slot, name, mime, b"%PDF-0123456789".to_vec()).unwrap();
    core.suspend(0).await.unwrap();
    let job = transfers.taken.lock().unwrap().pop().expect("handed over");
    // The server of this test says that five bytes have arrived.
    assert_eq!(std::fs::read(&job.file).unwrap(), b"0123456789");
    assert_eq!((job.method.as_str(), job.size_bytes), ("PATCH", 10));
    let header = |name: &str| job.headers.iter().find(|header| header.name == name).unwrap();
    assert_eq!(header("upload-offset").value, "5");
    assert_eq!(header("authorization").value, "Bearer t2");

    let asked = way.requests();
    set(&core, "phone", "+1").unwrap();
    assert_eq!(core.auction(AUCTION.to_owned()).await.err(), Some(CoreError::Offline));
    assert_eq!(way.requests(), asked, "asleep, no request leaves");
    core.resume(true).unwrap();
    assert_eq!(*transfers.ended.lock().unwrap(), [job.id]);
    assert!(!std::path::Path::new(&job.file).exists(), "no file in clear is left behind");
    core.sync_now(SyncReason::Periodic, 10_000, None).await.unwrap();
    assert!(way.has_heard("+1"));
}
