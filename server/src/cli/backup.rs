//! `toruk backup`: a whole copy of a server's data, while it serves.
//!
//! # Why this order
//! A complete file never changes, and is removed only when nobody refers to it. Files that are
//! copied after the database are therefore at least those that its rows name.

use super::startup::require_data;
use crate::config::{PERSON_KEY, RECEIPT_KEY, WEB_PUSH_KEY};
use crate::db::backup::{check_sqlite, close_copy, copy_sqlite, open_copy};
use crate::db::place::sqlite_file;
use crate::person_keys;
use anyhow::{Context as _, ensure};
use clap::Args;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Folders of files, and how deep they are at most.
const FOLDERS: [&str; 2] = ["blobs", "documents"];
const DEPTH_MAX: usize = 4;
/// Extension of files that have not arrived completely.
const ARRIVING: &str = "part";
/// The file of people's keys in a copy.
const PERSON_KEYS: &str = "person-keys.jsonl";

/// Options of the command.
#[derive(Args)]
pub struct BackupOptions {
    /// Folder of files, keys and, by default, the database.
    #[arg(long, env = "TORUK_DATA_DIR", default_value = "toruk-data")]
    data_dir: PathBuf,
    /// `sqlite://FILE`; a file in the data folder by default.
    #[arg(long, env = "TORUK_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A new folder for the copy.
    #[arg(long)]
    to: PathBuf,
}

impl BackupOptions {
    /// A copy of the database in this folder, and of the rest of it.
    pub fn new(data_dir: &Path, to: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), database_url: None, to: to.to_owned() }
    }
}

/// The extent of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupSize {
    /// Files, the database and the key among them.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Copies everything, checks the copy, and only then gives the folder its name.
///
/// # Errors
/// When there is no data, the folder is not new, or the copy fails or is damaged.
pub async fn run(options: &BackupOptions) -> anyhow::Result<BackupSize> {
    let BackupOptions { data_dir, database_url, to } = options;
    require_data(data_dir, database_url.as_deref())?;
    let url = match database_url {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", data_dir.join("toruk.db").display()),
    };
    ensure!(
        sqlite_file(&url).is_some(),
        "--database-url is not SQLite's; back a PostgreSQL up with pg_dump without the rows of \
         person_key, export these by `toruk person export-keys`, and copy receipt.key, person.key, \
         web-push.key if there is one, blobs and documents of --data-dir after it"
    );
    ensure!(
        !to.exists(),
        "--to {}: it exists already; give the name of a new folder",
        to.display()
    );
    let mut name = to.file_name().context("--to is no folder's name")?.to_owned();
    name.push(".unfinished");
    let unfinished = to.with_file_name(name);
    // Left by a backup that was interrupted.
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    folder(&unfinished)?;
    let database = unfinished.join("toruk.db");
    copy_sqlite(&url, &database).await?;
    let keys = unfinished.join(PERSON_KEYS);
    keep_apart(&database, &keys).await?;
    check_sqlite(&database).await?;
    let bytes = fs::metadata(&database)?.len() + fs::metadata(&keys)?.len();
    let mut size = BackupSize { files: 2, bytes };
    // The last one is there only where browsers get pushes.
    let optional = data_dir.join(WEB_PUSH_KEY).exists().then_some(WEB_PUSH_KEY);
    for key in [RECEIPT_KEY, PERSON_KEY].into_iter().chain(optional) {
        copy(&data_dir.join(key), &unfinished.join(key), &mut size)?;
    }
    for name in FOLDERS {
        copy_folder(&data_dir.join(name), &unfinished.join(name), DEPTH_MAX, &mut size)?;
    }
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, to)?;
    if let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(size)
}

/// Moves people's keys from the copy of the database into a file of their own.
async fn keep_apart(database: &Path, keys: &Path) -> anyhow::Result<()> {
    let copy = open_copy(database).await?;
    person_keys::write(&copy, keys).await?;
    person_keys::take_out(&copy).await?;
    close_copy(copy).await?;
    File::open(database)?.sync_all()?;
    Ok(())
}

fn folder(path: &Path) -> anyhow::Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("the folder {} can't be made", path.display()))
}

/// A server without files has no folder for them.
fn copy_folder(from: &Path, to: &Path, depth: usize, size: &mut BackupSize) -> anyhow::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("{} can't be read", from.display()))?,
    };
    folder(to)?;
    for entry in entries {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            ensure!(depth > 0, "{} is deeper than a server's folders", from.display());
            copy_folder(&from, &to, depth - 1, size)?;
        } else if from.extension().is_none_or(|extension| extension != ARRIVING) {
            copy(&from, &to, size)?;
        }
    }
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Copies one file; one that was removed meanwhile is left out.
fn copy(from: &Path, to: &Path, size: &mut BackupSize) -> anyhow::Result<()> {
    let copied = || -> io::Result<Option<u64>> {
        let mut source = match File::open(from) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            source => source?,
        };
        let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        let bytes = io::copy(&mut source, &mut target)?;
        target.sync_all()?;
        Ok(Some(bytes))
    };
    let copied = copied().with_context(|| format!("{} can't be copied", from.display()))?;
    if let Some(bytes) = copied {
        size.files += 1;
        size.bytes += bytes;
    }
    Ok(())
}
