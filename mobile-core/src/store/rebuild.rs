//! A new file in place of another one: for another format, or out of what is left of a damaged one.
//!
//! It is built beside the old one under a name of its own, and says that it is whole with the last
//! thing written. Whatever dies in between: either the old file stands, or the new one is whole and
//! takes its place at the next start.

use super::commit_counter;
use super::files::{beside, file_name, remove};
use super::row_digest::RowDigest;
use super::rows::Writer;
use super::{FORMAT, Seal, StoreError, Table, schema};
use rusqlite::Connection;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Damaged files that are kept of one store; the oldest goes first.
const ASIDE_MAX: usize = 3;
const ASIDE: &str = "aside";

/// A file that is being built.
pub(super) struct FileBuilder<'a> {
    connection: Connection,
    seal: &'a Seal,
    /// What was put so far.
    pub digest: RowDigest,
}

impl<'a> FileBuilder<'a> {
    /// Begins a new file for the place of `file`.
    pub fn begin(file: &Path, seal: &'a Seal) -> Result<Self, StoreError> {
        let new = beside(file, ".new");
        remove(&new)?;
        remove(&beside(&new, "-journal"))?;
        File::create(&new)?;
        let connection = schema::connect(&new)?;
        schema::create(&connection)?;
        Ok(Self { connection, seal, digest: RowDigest::default() })
    }

    /// Puts a row; a later one of the same name replaces it.
    pub fn put(&mut self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.writer().put(table, key, value)
    }

    /// The file is whole.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.writer().write_digest()?;
        schema::finish(&self.connection)?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    fn writer(&mut self) -> Writer<'_> {
        Writer { connection: &self.connection, seal: self.seal, digest: &mut self.digest }
    }
}

/// Makes an empty store where there is none.
pub(super) fn create(file: &Path, seal: &Seal) -> Result<(), StoreError> {
    remove(&beside(file, commit_counter::END))?;
    FileBuilder::begin(file, seal)?.finish()?;
    replace_with_new(file)
}

/// Ends what an earlier process began: a whole new file takes its place, a part of one goes.
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

/// The new file takes the place of `file`, which is not there any more or has nothing in its log.
pub(super) fn replace_with_new(file: &Path) -> Result<(), StoreError> {
    // A log of another file would be taken for its own.
    remove(&beside(file, "-wal"))?;
    remove(&beside(file, "-shm"))?;
    fs::rename(beside(file, ".new"), file)?;
    if let Some(folder) = file.parent() {
        // So that the new name is on the disk as well.
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Puts a file aside with what SQLite left beside it. Answers under which name.
pub(super) fn put_aside(file: &Path) -> Result<String, StoreError> {
    let to = next_aside(file)?;
    let mut kept = aside(file)?;
    while kept.len() >= ASIDE_MAX {
        let (_, oldest) = kept.remove(0);
        remove(&beside(&oldest, "-wal"))?;
        remove(&oldest)?;
    }
    // The log first: alone it can be read, and a file without it would look whole.
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&to, "-wal"))?;
    }
    remove(&beside(file, "-shm"))?;
    fs::rename(file, &to)?;
    Ok(file_name(&to))
}

/// Where the next file goes that is put aside.
pub(super) fn next_aside(file: &Path) -> Result<PathBuf, StoreError> {
    let last = aside(file)?.last().map_or(0, |(number, _)| *number);
    Ok(beside(file, &format!(".{ASIDE}-{}", last + 1)))
}

/// All files of a store, with those put aside.
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

/// Files put aside, the oldest first.
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
