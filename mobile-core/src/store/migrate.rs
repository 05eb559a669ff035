//! Migrates stores of earlier formats, read by the version that replaces them.
//!
//! A format is never changed in place: all rows of the old file are written into a new one, which
//! replaces it when it is complete. So an earlier format needs only a way to be read. Samples of
//! all of them are kept in `mobile-core/tests/stores`.
//!
//! | Format | What was different |
//! | --- | --- |
//! | 1 | Names stood in clear; the catalogue was sealed like everything else; no ledger. |

use super::rebuild::{FileBuilder, replace_with_new};
use super::{Seal, StoreError, Table, schema};
use rusqlite::Connection;
use std::path::Path;

/// Migrates `file`, which is open in an earlier format, to the current one.
pub(super) fn migrate(
    file: &Path,
    connection: Connection,
    format: u32,
    seal: &Seal,
) -> Result<(), StoreError> {
    let mut builder = FileBuilder::begin(file, seal)?;
    match format {
        1 => read_1(&connection, seal, |table, key, value| builder.put(table, key, value))?,
        _ => return Err(schema::damaged("it has no tables")),
    }
    builder.finish()?;
    // The old file's log must be written back first, so that it can be removed.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    replace_with_new(file)
}

fn read_1(
    connection: &Connection,
    seal: &Seal,
    mut take: impl FnMut(Table, &str, &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut select = connection.prepare("SELECT room, name, value FROM sealed")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (room, key): (String, String) = (row.get(0)?, row.get(1)?);
        let sealed: Vec<u8> = row.get(2)?;
        let table = Table::named(&room).ok_or_else(|| schema::damaged("an unknown table"))?;
        let sealing = StoreError::Sealed { table: table.name() };
        let value = seal.open_v1(&room, &key, &sealed).ok_or(sealing)?;
        take(table, &key, &value)?;
    }
    Ok(())
}
