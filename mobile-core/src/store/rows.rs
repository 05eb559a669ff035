//! Reads and writes the rows of an open file.

use super::row_digest::{self, RowDigest, Tag, tag_of};
use super::schema::damaged;
use super::seal::HiddenName;
use super::{Seal, StoreError, Table, Write, card_table};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Writes rows and keeps the digest of the person's own.
pub(super) struct Writer<'a> {
    pub connection: &'a Connection,
    pub seal: &'a Seal,
    pub digest: &'a mut RowDigest,
}

impl Writer<'_> {
    /// Applies one change of the engine's.
    pub fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Put { table, key, value } => self.put(*table, key, value),
            Write::Delete { table, key } => self.delete(*table, key),
            Write::Clear { table } if table.is_sealed() => {
                self.digest.clear(*table);
                let delete = "DELETE FROM sealed WHERE room = ?1";
                self.connection.prepare_cached(delete)?.execute([table.name()])?;
                Ok(())
            }
            Write::Clear { table } => {
                self.connection.execute(&format!("DELETE FROM {}", table.name()), [])?;
                Ok(())
            }
            Write::PublishCards => card_table::publish(self.connection),
        }
    }

    /// Writes a row, sealed if its table is.
    pub fn put(&mut self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        if !table.is_sealed() {
            return card_table::put(self.connection, table, key, value);
        }
        let name = self.seal.hide(table.name(), key);
        let sealed = self.seal.seal(table.name(), key, value)?;
        if table.is_own() {
            self.forget(table, &name)?;
            self.digest.add(table, &name, tag_of(&sealed));
        }
        self.set(table.name(), &name, &sealed)
    }

    /// Writes the digest, after all other rows.
    pub fn write_digest(&self) -> Result<(), StoreError> {
        // This type is plain data with text keys, which always encodes as JSON.
        let value = serde_json::to_vec(&self.digest).unwrap_or_default();
        let sealed = self.seal.seal(row_digest::ROOM, "", &value)?;
        self.set(row_digest::ROOM, &self.seal.hide(row_digest::ROOM, ""), &sealed)
    }

    fn delete(&mut self, table: Table, key: &str) -> Result<(), StoreError> {
        if !table.is_sealed() {
            let sql = format!("DELETE FROM {} WHERE name = ?1", table.name());
            self.connection.prepare_cached(&sql)?.execute([key])?;
            return Ok(());
        }
        let name = self.seal.hide(table.name(), key);
        if table.is_own() {
            self.forget(table, &name)?;
        }
        let delete = "DELETE FROM sealed WHERE room = ?1 AND name = ?2";
        self.connection.prepare_cached(delete)?.execute(params![table.name(), name])?;
        Ok(())
    }

    fn set(&self, room: &str, name: &HiddenName, sealed: &[u8]) -> Result<(), StoreError> {
        let put = "INSERT INTO sealed (room, name, value) VALUES (?1, ?2, ?3)
                   ON CONFLICT (room, name) DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(put)?.execute(params![room, name, sealed])?;
        Ok(())
    }

    /// Removes the row of this name, if there is one, from the digest.
    fn forget(&mut self, table: Table, name: &HiddenName) -> Result<(), StoreError> {
        // The tag of a piece of a file is not counted, and not worth reading.
        let end = if table == Table::Content { "x''" } else { "substr(value, -16)" };
        let select = format!("SELECT {end} FROM sealed WHERE room = ?1 AND name = ?2");
        let mut select = self.connection.prepare_cached(&select)?;
        let tag: Option<Tag> =
            select.query_row(params![table.name(), name], |row| row.get(0)).optional()?;
        if let Some(tag) = tag {
            self.digest.remove(table, name, &tag);
        }
        Ok(())
    }
}

/// The value under `key` in a table.
pub(super) fn get(
    connection: &Connection,
    seal: &Seal,
    table: Table,
    key: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    if !table.is_sealed() {
        return card_table::get(connection, table, key);
    }
    open_one(connection, seal, table.name(), key)
}

fn open_one(
    connection: &Connection,
    seal: &Seal,
    room: &str,
    key: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let name = seal.hide(room, key);
    let mut select =
        connection.prepare_cached("SELECT value FROM sealed WHERE room = ?1 AND name = ?2")?;
    let sealed: Option<Vec<u8>> =
        select.query_row(params![room, name], |row| row.get(0)).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let opened = seal.open(room, &name, &sealed);
    opened.map(|(_, value)| Some(value)).ok_or_else(|| damaged(room))
}

/// All values of a table, ordered by name.
pub(super) fn list(
    connection: &Connection,
    seal: &Seal,
    table: Table,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    if !table.is_sealed() {
        return card_table::list(connection, table);
    }
    let mut values = Vec::new();
    each_sealed(connection, table, |name, sealed| {
        let sealing = StoreError::Sealed { table: table.name() };
        values.push(seal.open(table.name(), name, sealed).ok_or(sealing)?);
        Ok(())
    })?;
    values.sort_unstable();
    Ok(values)
}

fn each_sealed(
    connection: &Connection,
    table: Table,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut select = connection.prepare_cached("SELECT name, value FROM sealed WHERE room = ?1")?;
    let mut rows = select.query([table.name()])?;
    while let Some(row) = rows.next()? {
        let (name, value) = (row.get_ref(0)?, row.get_ref(1)?);
        let (name, value) = (name.as_blob().ok(), value.as_blob().ok());
        let (Some(name), Some(value)) = (name, value) else { return Err(damaged(table.name())) };
        take(name, value)?;
    }
    Ok(())
}

/// The digest as it was written last.
pub(super) fn read_digest(connection: &Connection, seal: &Seal) -> Result<RowDigest, StoreError> {
    let value = open_one(connection, seal, row_digest::ROOM, "")?;
    let digest = value.and_then(|value| serde_json::from_slice(&value).ok());
    digest.ok_or_else(|| damaged("the digest is missing"))
}

/// Opens every sealed value except files, and checks the person's own rows against the digest.
///
/// # Why this and not SQLite's `quick_check`
/// It reads what the start needs anyway, and finds more: a page may be consistent and have lost a
/// row. Files and the catalogue, most of the bytes, are checked when they are read.
pub(super) fn verify_rows(connection: &Connection, seal: &Seal) -> Result<RowDigest, StoreError> {
    let written = read_digest(connection, seal)?;
    let mut found = RowDigest::default();
    for table in Table::ALL.into_iter().filter(|table| table.is_sealed()) {
        if table == Table::Content {
            count_names(connection, &mut found)?;
            continue;
        }
        each_sealed(connection, table, |name, sealed| {
            let hidden: HiddenName = name.try_into().map_err(|_| damaged(table.name()))?;
            let sealing = StoreError::Sealed { table: table.name() };
            seal.open(table.name(), name, sealed).ok_or(sealing)?;
            if table.is_own() {
                found.add(table, &hidden, tag_of(sealed));
            }
            Ok(())
        })?;
    }
    if found.agrees(&written) { Ok(written) } else { Err(damaged("rows are missing")) }
}

fn count_names(connection: &Connection, found: &mut RowDigest) -> Result<(), StoreError> {
    let mut select = connection.prepare("SELECT name FROM sealed WHERE room = ?1")?;
    let mut rows = select.query([Table::Content.name()])?;
    while let Some(row) = rows.next()? {
        let name: Vec<u8> = row.get(0)?;
        let name: HiddenName = name.try_into().map_err(|_| damaged("content"))?;
        found.add(Table::Content, &name, &[]);
    }
    Ok(())
}
