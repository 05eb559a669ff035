//! Building a new file in place of another: for another format, or from the rest of a damaged one.
//!
//! It is built beside the old one under its own name, and is marked complete by the last write.
//! Whatever is interrupted: either the old file is still there, or the new one is complete and
//! replaces it at the next start.

use super::commit_counter;
use super::files::{beside, file_name, remove};
use super::row_digest::RowDigest;
use super::rows::Writer;
use super::{FORMAT, Seal, StoreError, Table, schema};
use rusqlite::Connection;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The most damaged files that are kept of one store; the oldest is removed first.
const ASIDE_MAX: usize = 3;
const ASIDE: &str = "aside";

/// A new file under construction.
pub(super) struct FileBuilder<'a> {
    connection: Connection,
    seal: &'a Seal,
    /// The digest of the rows written so far.
    pub digest: RowDigest,
}

impl<'a> FileBuilder<'a> {
    /// Starts a new file that will replace `file`.
    pub fn begin(file: &Path, seal: &'a Seal) -> Result<Self, StoreError> {
        let new = beside(file, ".new");
        remove(&new)?;
        remove(&beside(&new, "-journal"))?;
        File::create(&new)?;
        let connection = schema::connect(&new)?;
        schema::create(&connection)?;
        Ok(Self { connection, seal, digest: RowDigest::default() })
    }

    /// Writes a row; a later one of the same name replaces it.
    pub fn put(&mut self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.writer().put(table, key, value)
    }

    /// Marks the file complete and closes it.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.writer().write_digest()?;
        schema::finish(&self.connection)?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    fn writer(&mut self) -> Writer<'_> {
        Writer { connection: &self.connection, seal: self.seal, digest: &mut self.digest }
    }
}

/// Creates an empty store.
pub(super) fn create(file: &Path, seal: &Seal) -> Result<(), StoreError> {
    remove(&beside(file, commit_counter::END))?;
    FileBuilder::begin(file, seal)?.finish()?;
    replace_with_new(file)
}

/// Finishes an interrupted replacement: a complete new file replaces the old one, an incomplete one
/// is removed.
pub(super) fn finish_interrupted(file: &Path) -> Result<(), StoreError> {
    let new = beside(file, ".new");
    if !new.exists() {
        return Ok(());
    }
    let is_whole = schema::connect(&new)
        .and_then(|connection| Ok(schema::format(&connection)? == FORMAT))
        .unwrap_or(false);
    if is_whole {
        if file.exists() {
            put_aside(file)?;
        }
        return replace_with_new(file);
    }
    remove(&new)?;
    remove(&beside(&new, "-journal"))
}

/// Moves the new file to `file`, which no longer exists or has an empty log.
pub(super) fn replace_with_new(file: &Path) -> Result<(), StoreError> {
    // The log of another file would be taken for the new file's.
    remove(&beside(file, "-wal"))?;
    remove(&beside(file, "-shm"))?;
    fs::rename(beside(file, ".new"), file)?;
    if let Some(folder) = file.parent() {
        // Makes the new name durable as well.
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Puts a file and its log aside; returns the new file name.
pub(super) fn put_aside(file: &Path) -> Result<String, StoreError> {
    let to = next_aside(file)?;
    let mut kept = aside(file)?;
    while kept.len() >= ASIDE_MAX {
        let (_, oldest) = kept.remove(0);
        remove(&beside(&oldest, "-wal"))?;
        remove(&oldest)?;
    }
    // The log first: it can be read alone, and a file without its log would look intact.
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&to, "-wal"))?;
    }
    remove(&beside(file, "-shm"))?;
    fs::rename(file, &to)?;
    Ok(file_name(&to))
}

/// The path for the next file to be put aside.
pub(super) fn next_aside(file: &Path) -> Result<PathBuf, StoreError> {
    let last = aside(file)?.last().map_or(0, |(number, _)| *number);
    Ok(beside(file, &format!(".{ASIDE}-{}", last + 1)))
}

/// All files of a store, including those put aside.
pub(super) fn all_files(file: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files: Vec<PathBuf> = aside(file)?.into_iter().map(|(_, aside)| aside).collect();
    files.extend([file.to_owned(), beside(file, ".new"), beside(file, commit_counter::END)]);
    let logs = ["-wal", "-shm", "-journal"];
    let more: Vec<PathBuf> =
        files.iter().flat_map(|file| logs.map(|end| beside(file, end))).collect();
    files.extend(more);
    files.retain(|file| file.exists());
    Ok(files)
}

/// The files put aside, oldest first.
fn aside(file: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return Ok(Vec::new());
    };
    let prefix = format!("{}.{ASIDE}-", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(&prefix).and_then(|number| number.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    Ok(found)
}
