//! The tables of the file, its format, and SQLite's settings.
//!
//! # Why these settings
//! * `synchronous = FULL`, `fullfsync`: what the person typed must survive a sudden loss of power.
//!   On Apple a plain sync does not reach the flash; elsewhere the setting does nothing.
//! * `locking_mode = EXCLUSIVE`: one process owns the file, and a second one gets an error instead
//!   of being a second writer. There is no shared memory beside the file, which iOS may make
//!   unreadable while the phone is locked.
//! * An iOS app that is suspended with a lock on a file of an app group is killed. So the file is
//!   in the app's own container, extensions never open it, and [`super::Store::suspend`] closes it.
//! * `secure_delete`: deleted data is no longer on the disk, and a repair finds no old rows.
//! * The log of changes is written back at 1 MB and truncated to that, so that the next start has
//!   little to read. No memory map: a page that can't be read must be an error, not a signal.

use super::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The format that this version writes.
pub const FORMAT: u32 = 2;
/// "tork", which marks the files of this app.
const APPLICATION: i32 = 0x746f_726b;
/// Time to wait for the file while another process is ending.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -1024;
    PRAGMA wal_autocheckpoint = 256;
    PRAGMA journal_size_limit = 1048576;";

const TABLES: &str = "
    CREATE TABLE sealed (
        room TEXT NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (room, name)
    ) WITHOUT ROWID;
    CREATE TABLE card (
        name TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL,
        kind TEXT, id TEXT, seq INTEGER,
        start INTEGER, lot_kind TEXT, status TEXT, settlement TEXT, search TEXT
    ) WITHOUT ROWID;
    CREATE TABLE staged_card (
        name TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL,
        kind TEXT, id TEXT, seq INTEGER,
        start INTEGER, lot_kind TEXT, status TEXT, settlement TEXT, search TEXT
    ) WITHOUT ROWID;
    CREATE INDEX card_by_start ON card (start, id, status, lot_kind, settlement, search);";

/// Opens an existing file for this process alone. Until the file is known to be intact, closing it
/// changes nothing: its log may be a newer app's, or damaged.
pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // This must precede the first read: otherwise memory is shared through a file beside it.
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;")?;
    Ok(connection)
}

/// Applies the store's settings to a connection; locks the file for this process.
pub(super) fn set_up(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(SETTINGS)?)
}

/// Creates the tables of a new file. Its format is written last, when it is complete.
pub(super) fn create(connection: &Connection) -> Result<(), StoreError> {
    // Nobody reads the file while it is built, and it counts only when it is complete.
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA fullfsync = ON;")?;
    connection.execute_batch("PRAGMA page_size = 4096; PRAGMA secure_delete = ON; BEGIN;")?;
    Ok(connection.execute_batch(TABLES)?)
}

/// Marks a new file complete.
pub(super) fn finish(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(connection.execute_batch("COMMIT;")?)
}

/// The format of a file; 0 if it has none of the store's tables. Format 1 did not record its
/// number.
pub(super) fn format(connection: &Connection) -> Result<u32, StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    if application == APPLICATION {
        return u32::try_from(version).map_err(|_| damaged("a format below zero"));
    }
    let has_rows = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'sealed'";
    let has_rows: i64 = connection.query_row(has_rows, [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) => Ok(u32::from(has_rows > 0)),
        _ => Err(damaged("not a store of this app")),
    }
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
