//! A phone whose store or clock fails, tested through the app's interface.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use toruk_mobile_core::api::{CatalogueQuery, SyncReason};
use toruk_mobile_core::events::{CoreEvent, EventKind};
use toruk_mobile_core::platform::{
    Clock, Observer, Passkeys, Platform, PlatformError, SecureStore, SystemEntropy,
};
use toruk_mobile_core::store::{Seal, SqliteStore, Store as _, Table, Write};
use toruk_mobile_core::{Core, CoreConfig, CoreError};

/// An auction of the kept sample.
const AUCTION: &str = "00000000-0000-0000-0000-000000000001";
const PERSON: &str = "00000000-0000-0000-0000-000000000100";
const DEVICE: &str = "00000000-0000-0000-0000-000000000200";
const KEY: [u8; 32] = [7; 32];
const YEAR_US: i64 = 365 * 86_400 * 1_000_000;

/// A platform whose clocks and secrets the test sets.
#[derive(Default)]
pub struct StoredPhone {
    secrets: Mutex<BTreeMap<String, Vec<u8>>>,
    monotonic_us: AtomicI64,
    wall_us: AtomicI64,
    heard: Mutex<Vec<EventKind>>,
    changed: Condvar,
}

impl SecureStore for StoredPhone {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.secrets.lock().unwrap().get(&name).cloned())
    }
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        self.secrets.lock().unwrap().insert(name, value);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Passkeys for StoredPhone {
    async fn register(&self, _: String) -> Result<String, PlatformError> {
        Err(PlatformError::Cancelled)
    }
    async fn assert(&self, _: String) -> Result<String, PlatformError> {
        Err(PlatformError::Cancelled)
    }
}

impl Clock for StoredPhone {
    fn monotonic_us(&self) -> i64 {
        self.monotonic_us.fetch_add(1_000, SeqCst)
    }
    fn wall_us(&self) -> i64 {
        self.wall_us.load(SeqCst)
    }
}

struct EventRecorder(Arc<StoredPhone>);

impl Observer for EventRecorder {
    fn on_event(&self, event: CoreEvent) {
        self.0.heard.lock().unwrap().push(event.what);
        self.0.changed.notify_all();
    }
}

impl StoredPhone {
    /// A phone with a session, and `cards` cards of the catalogue.
    pub fn signed_in(folder: &Path, cards: usize) -> Arc<Self> {
        let phone = Arc::new(Self::default());
        let own = |name: &str| format!("{name}/{PERSON}");
        for (name, value) in [
            ("store_key".to_owned(), KEY.to_vec()),
            (own("store_key"), KEY.to_vec()),
            (own("session_token"), b"token".to_vec()),
            (own("device_id"), hex::decode(DEVICE.replace('-', "")).unwrap()),
            (format!("device_key/{DEVICE}"), KEY.to_vec()),
        ] {
            phone.set(name, value).unwrap();
        }
        let known = serde_json::json!([{ "person": PERSON, "name": "Айгүл", "credential_id": "" }]);
        let guest = [
            Write::json(Table::Meta, "account", &PERSON),
            Write::json(Table::Meta, "accounts", &known),
        ];
        store(&folder.join("phone.db")).apply(&guest).unwrap();
        let profile = serde_json::json!({
            "token": "", "person": PERSON, "name": "Айгүл", "device": DEVICE, "actor": 1,
            "expires_at": 0, "rp_id": "localhost", "origin": "", "credential_id": "",
            "receipt_key": "",
        });
        let heads = serde_json::json!({ "catalogue": cards });
        let pulled = serde_json::json!({
            "epoch": null, "cookie": "c", "heads": heads, "as_of": 1, "compared_at": null,
            "repaired_at": null, "compared_by": "",
        });
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores/rows.json");
        let sample = std::fs::read(sample).unwrap();
        let sample: serde_json::Value = serde_json::from_slice(&sample).unwrap();
        let mut rows = vec![
            Write::json(Table::Cache, AUCTION, &sample["cache"][AUCTION]),
            Write::json(Table::Meta, "profile", &profile),
            Write::json(Table::Meta, "device_id", &DEVICE),
            Write::json(Table::Meta, "pulled", &pulled),
        ];
        rows.extend((0..cards).map(card));
        store(&account(folder)).apply(&rows).unwrap();
        phone
    }

    pub fn open(self: &Arc<Self>, folder: &Path) -> Result<Arc<Core>, CoreError> {
        let config = CoreConfig {
            server_url: "http://127.0.0.1:9".to_owned(),
            data_dir: folder.display().to_string(),
            language: "ky".to_owned(),
            pins: vec![],
        };
        let core = Core::open(config, Platform::new(self.clone(), self.clone(), self.clone()))?;
        core.set_online(false)?;
        self.heard.lock().unwrap().clear();
        core.listen(Arc::new(EventRecorder(Arc::clone(self))))?;
        Ok(core)
    }

    /// Waits until the app was notified of the repair.
    pub fn hears_of_a_repair(&self) {
        let heard = self.heard.lock().unwrap();
        let is_told = |heard: &mut Vec<EventKind>| heard.contains(&EventKind::StoreRepaired);
        let (_heard, late) = self
            .changed
            .wait_timeout_while(heard, Duration::from_secs(30), |heard| !is_told(heard))
            .unwrap();
        assert!(!late.timed_out(), "nobody told the app");
    }
}

pub fn account(folder: &Path) -> PathBuf {
    folder.join("accounts").join(format!("{PERSON}.db"))
}

fn store(file: &Path) -> SqliteStore {
    SqliteStore::open(file, Seal::new(&KEY, Arc::new(SystemEntropy))).unwrap()
}

fn card(no: usize) -> Write {
    let id = format!("{no:08}-0000-7000-8000-000000000000");
    let value = serde_json::json!({
        "id": id, "number": format!("TRK-{no}"), "title": { "ky": format!("Дүкөн {no}") },
        "kind": "premises", "settlement": "Ош", "object_of_price": "sale_price", "price": 100,
        "status": "tendering", "failure": null, "tender_end": 1, "start": no, "seq": no,
    });
    let row = serde_json::json!({ "s": "catalogue", "k": "card", "id": id, "seq": no, "v": value });
    Write::json(Table::Card, format!("card/{id}"), &row)
}

fn query(text: &str) -> CatalogueQuery {
    let (kinds, statuses) = (Vec::new(), Vec::new());
    let text = Some(text.to_owned());
    CatalogueQuery { text, kinds, statuses, settlement: None, soonest_first: false }
}

pub fn answers(core: &Core) -> BTreeMap<String, String> {
    core.draft_status(AUCTION.to_owned()).unwrap().answers.into_iter().collect()
}

pub fn answer(core: &Core, field: &str, value: &str) -> Result<(), CoreError> {
    core.draft_set(AUCTION.to_owned(), field.to_owned(), Some(value.to_owned()))
}

#[test]
fn the_first_screen_needs_no_connection_and_pages_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let core = StoredPhone::signed_in(folder.path(), 45).open(folder.path()).unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = core.catalogue_page(query(""), after, 20).unwrap();
        assert_eq!(page.as_of, Some(1));
        seen.extend(page.items.into_iter().map(|item| item.start));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..45).rev().collect::<Vec<i64>>());
    assert_eq!(core.catalogue_page(query("дукон 44"), None, 20).unwrap().items.len(), 1);
    let broken = core.catalogue_page(query(""), Some("nonsense".to_owned()), 20);
    assert!(matches!(broken, Err(CoreError::Refused { code, .. }) if code == "malformed"));
}

#[test]
fn a_lost_key_starts_a_new_store_and_is_reported_until_the_person_knows() {
    let folder = tempfile::tempdir().unwrap();
    let phone = StoredPhone::signed_in(folder.path(), 0);
    let core = phone.open(folder.path()).unwrap();
    answer(&core, "phone", "+996 555 000001").unwrap();
    core.close();
    phone.set(format!("store_key/{PERSON}"), vec![9; 32]).unwrap();
    for opening in 1..=2 {
        let core = phone.open(folder.path()).unwrap();
        phone.hears_of_a_repair();
        let repairs = core.store_repairs().unwrap();
        assert_eq!(repairs.len(), 1, "opening {opening}");
        assert!(repairs[0].key_lost && !repairs[0].certain);
        assert!(account(folder.path()).with_file_name(&repairs[0].kept_as).exists());
        assert!(!core.overview().signed_in, "nobody is signed in in an empty store");
        core.close();
    }
    let core = phone.open(folder.path()).unwrap();
    core.acknowledge_store_repairs().unwrap();
    assert!(core.store_repairs().unwrap().is_empty());
    core.close();
    phone.set(format!("store_key/{PERSON}"), Vec::new()).unwrap();
    assert!(phone.open(folder.path()).unwrap().store_repairs().unwrap()[0].key_lost);
}

#[tokio::test]
async fn a_store_that_is_damaged_while_the_app_sleeps_is_repaired_when_it_wakes() {
    let folder = tempfile::tempdir().unwrap();
    let phone = StoredPhone::signed_in(folder.path(), 0);
    let core = phone.open(folder.path()).unwrap();
    answer(&core, "phone", "+996 555 000001").unwrap();
    core.suspend(0).await.unwrap();
    let file = account(folder.path());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..100].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    core.resume(false).unwrap();
    phone.hears_of_a_repair();
    let repairs = core.store_repairs().unwrap();
    assert!(!repairs[0].key_lost && repairs[0].certain && repairs[0].lost.is_empty());
    assert_eq!(answers(&core).get("phone").map(String::as_str), Some("+996555000001"));
    assert!(core.overview().signed_in, "no number is in doubt");
    answer(&core, "email", "a@example.kg").unwrap();
    core.close();
    let core = phone.open(folder.path()).unwrap();
    assert_eq!((answers(&core).len(), core.overview().waiting), (2, 1));
}

#[test]
fn a_catalogue_that_is_damaged_while_it_is_read_costs_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let phone = StoredPhone::signed_in(folder.path(), 4_000);
    let core = phone.open(folder.path()).unwrap();
    answer(&core, "phone", "+996 555 000001").unwrap();
    // Most of the file is the catalogue, which was written last.
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::File::options().write(true).open(account(folder.path())).unwrap();
    let length = file.metadata().unwrap().len();
    file.write_all_at(&vec![0x55; length as usize / 2], length / 4).unwrap();
    let first = core.catalogue_page(query("жок"), None, 20);
    assert_eq!(first, Err(CoreError::StoreRepaired));
    phone.hears_of_a_repair();
    assert!(
        core.catalogue_page(query(""), None, 20).unwrap().items.is_empty(),
        "it is fetched again"
    );
    assert_eq!(answers(&core).len(), 1);
    answer(&core, "email", "a@example.kg").unwrap();
    core.close();
    assert_eq!(answers(&phone.open(folder.path()).unwrap()).len(), 2);
}

#[test]
fn a_folder_that_is_open_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let phone = StoredPhone::signed_in(folder.path(), 0);
    let core = phone.open(folder.path()).unwrap();
    assert_eq!(phone.open(folder.path()).err(), Some(CoreError::StoreInUse));
    core.close();
    assert!(phone.open(folder.path()).is_ok());
}

#[tokio::test]
async fn a_wall_clock_that_jumps_and_a_phone_that_restarts_lose_and_delay_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let phone = StoredPhone::signed_in(folder.path(), 3);
    for (round, years) in [0, 10, -56, 1_000, 0].into_iter().enumerate() {
        // A restart: the monotonic clock starts from zero.
        phone.monotonic_us.store(0, SeqCst);
        phone.wall_us.store(1_790_000_000_000_000, SeqCst);
        let core = phone.open(folder.path()).unwrap();
        answer(&core, "phone", &format!("before {round}")).unwrap();
        phone.wall_us.store(1_790_000_000_000_000 + years * YEAR_US, SeqCst);
        assert_eq!(answers(&core).get("phone"), Some(&format!("before {round}")));
        answer(&core, &format!("f{round}"), "after").unwrap();
        assert_eq!(answers(&core).len(), round + 2);
        // Operations that an opening tried to send have numbers; later ones wait behind them.
        let waiting = core.overview().waiting;
        assert!((1..=2).contains(&waiting), "{waiting} operations for one draft");
        assert_eq!(core.catalogue_page(query(""), None, 20).unwrap().items.len(), 3);
        let report = core.sync_now(SyncReason::Foreground, 10_000, None).await.unwrap();
        assert_eq!((report.state.as_str(), report.waiting), ("offline", waiting));
        core.close();
    }
}
