//! People's keys are backed up apart from the database, so that an older backup forgets with them.

use crate::erasure::{CANARY, planted};
use crate::postgres;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use std::path::{Path, PathBuf};
use toruk_server::cli::backup::{self, BackupOptions};
use toruk_server::config::Config;
use toruk_server::db::Db;
use toruk_server::entity::person_key;
use toruk_server::person_keys::{self, RestoredKeys};
use toruk_server::{AppState, state};
use toruk_sync::domain::id::PersonId;

/// A server that is backed up, and the person whose number it knows.
struct BackedUp {
    sale: crate::ground::sale::Sale,
    folder: tempfile::TempDir,
}

impl BackedUp {
    async fn new() -> Self {
        let (sale, folder) = (planted().await, tempfile::tempdir().unwrap());
        let this = Self { sale, folder };
        let options = BackupOptions::new(&this.live().context.config.data_dir, &this.copy());
        backup::run(&options).await.unwrap();
        this
    }

    fn live(&self) -> &AppState {
        self.sale.state()
    }

    fn person(&self) -> PersonId {
        self.sale.bidder.person
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("copy")
    }

    /// The keys of this moment, in a new file.
    async fn keys(&self, name: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        person_keys::write(self.live().context.db.read(), &file).await.unwrap();
        file
    }

    async fn database(&self) -> Db {
        Db::open(&self.config().database_url).await.unwrap()
    }

    fn config(&self) -> Config {
        Config { public_origin: "http://localhost".to_owned(), ..Config::local(&self.copy(), 0) }
    }

    /// A server on the copy.
    async fn served(&self) -> anyhow::Result<AppState> {
        state::open(self.config(), self.live().context.ports.clone()).await
    }
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn a_backup_is_served_with_its_keys_and_not_without() {
    if postgres::is_chosen() {
        return; // `pg_dump` is PostgreSQL's own.
    }
    let scene = BackedUp::new().await;
    let apart = scene.copy().join("person-keys.jsonl");
    let copied = scene.database().await;
    let with_key = person_key::Entity::find().all(copied.read()).await.unwrap();
    assert!(!with_key.is_empty() && with_key.iter().all(|row| row.wrapped.is_none()));
    let sealed = std::fs::read(scene.copy().join("toruk.db")).unwrap();
    let wrapped = person_key::Entity::find().all(scene.live().context.db.read()).await.unwrap();
    for key in wrapped.iter().filter_map(|row| row.wrapped.as_ref()) {
        assert!(!sealed.windows(key.len()).any(|bytes| bytes == key), "left in a free page");
    }
    copied.close().await.unwrap();
    let refused = scene.served().await.err().unwrap().to_string();
    assert!(refused.contains("restore-keys"), "{refused}");

    let copied = scene.database().await;
    let RestoredKeys { restored, forgotten } = person_keys::restore(&copied, &apart).await.unwrap();
    assert_eq!((restored, forgotten), (with_key.len(), Vec::new()));
    let again = person_keys::restore(&copied, &apart).await.unwrap();
    assert_eq!(again, RestoredKeys::default());
    copied.close().await.unwrap();
    let served = scene.served().await.unwrap();
    let pin = served.identity.pin_of(scene.person()).await.unwrap();
    assert_eq!(pin.unwrap().digits(), CANARY);
}

#[tokio::test]
async fn an_older_backup_forgets_with_the_newest_keys() {
    if postgres::is_chosen() {
        return;
    }
    let scene = BackedUp::new().await;
    let who = scene.person();
    scene.live().applications.forget(None, who).await.unwrap();
    let newest = scene.keys("newest").await;
    let line = |file: &Path| {
        let all = text(file);
        all.lines().find(|line| line.contains(&who.to_string())).unwrap().to_owned()
    };
    assert!(line(&scene.copy().join("person-keys.jsonl")).contains("wrapped"));
    assert!(!line(&newest).contains("wrapped"), "the key is in no newer file");

    let copied = scene.database().await;
    let restored = person_keys::restore(&copied, &newest).await.unwrap();
    assert_eq!(restored.forgotten, [who]);
    copied.close().await.unwrap();
    let served = scene.served().await.unwrap();
    assert!(served.identity.pin_of(who).await.unwrap().is_none(), "what it sealed is not read");
    served.applications.forget(None, who).await.unwrap();
    let name = served.identity.names(&[who]).await.unwrap();
    assert_eq!(name.get(&who).map(String::as_str), Some("—"));
}

#[tokio::test]
async fn keys_of_another_time_or_server_and_damaged_ones_are_refused_and_change_nothing() {
    if postgres::is_chosen() {
        return;
    }
    let scene = BackedUp::new().await;
    let good = text(&scene.copy().join("person-keys.jsonl"));
    let (header, rest) = good.split_once('\n').unwrap();
    let (rest, end) = rest.trim_end().rsplit_once('\n').unwrap();
    let other = header.replace("fingerprint\":\"", "fingerprint\":\"00");
    let first = rest.lines().next().unwrap();
    let one = |line: &str| format!("{header}\n{line}\n{{\"keys\":1}}\n");
    for (content, reason) in [
        (String::new(), "an empty file"),
        ("{}\n".to_owned(), "no file of people's keys"),
        (format!("{other}\n{rest}\n{end}\n"), "another server"),
        (format!("{header}\n{{\"keys\":0}}\n"), "older than the database"),
        (one("{\"person\":1}"), "line 2: damaged"),
        (one(&first.replace("wrapped\":\"", "wrapped\":\"*")), "damaged"),
        (one(&first[..first.len() / 2]), "damaged"),
        // Its disk was full, or its server was killed, while it was written.
        (format!("{header}\n{rest}\n"), "not written whole"),
        (format!("{header}\n{}", &first[..first.len() / 2]), "not written whole"),
        (format!("{header}\n"), "not written whole"),
        (one(&format!("{first}\n{first}")), "not written whole"),
    ] {
        let file = scene.folder.path().join("wrong");
        std::fs::write(&file, content).unwrap();
        let copied = scene.database().await;
        let refused = person_keys::restore(&copied, &file).await.unwrap_err();
        assert!(format!("{refused:#}").contains(reason), "{refused:#}, not {reason}");
        copied.close().await.unwrap();
    }
    let copied = scene.database().await;
    let keys = person_key::Entity::find().count(copied.read()).await.unwrap();
    assert!(keys > 0 && person_keys::require(&copied).await.is_err());
}

#[tokio::test]
async fn an_export_never_replaces_a_file() {
    let sale = planted().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, "the only copy").unwrap();
    assert!(person_keys::write(sale.state().context.db.read(), &file).await.is_err());
    assert_eq!(text(&file), "the only copy");
}

#[tokio::test]
async fn a_database_that_lacks_its_keys_exports_none() {
    if postgres::is_chosen() {
        return;
    }
    let scene = BackedUp::new().await;
    let copied = scene.database().await;
    let file = scene.folder.path().join("nothing");
    let refused = person_keys::write(copied.read(), &file).await.unwrap_err().to_string();
    assert!(refused.contains("restore them first"), "{refused}");
}
