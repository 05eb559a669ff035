//! How often the person's own rows were changed, in a small file beside the store.
//!
//! A log that was cut off or deleted leaves a store that is in order and older than it was. So after
//! each such change its number is written here, without waiting for the disk: the witness may know
//! less than the store, and never more, unless the store lost something.

use super::files::beside;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The end of the witness's name.
pub(super) const END: &str = ".commits";
const BYTES: usize = 16;

/// Writes numbers down.
pub(super) struct CommitCounter(Option<File>);

impl CommitCounter {
    /// Opens or makes the witness of `file`. One that can't be had says nothing.
    pub fn of(file: &Path) -> Self {
        let mut options = File::options();
        let opened = options.create(true).truncate(false).write(true).open(beside(file, END));
        Self(opened.ok())
    }

    /// So many changes are durable.
    pub fn record(&self, commits: u64) {
        let Some(mut file) = self.0.as_ref() else { return };
        let mut words = [0; BYTES];
        words[..8].copy_from_slice(&commits.to_le_bytes());
        words[8..].copy_from_slice(&(!commits).to_le_bytes());
        // A witness that can't write knows less, which it may.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&words));
    }
}

/// How many changes there were at least; 0 when nobody knows.
pub(super) fn recorded(file: &Path) -> u64 {
    let Ok(words) = std::fs::read(beside(file, END)) else { return 0 };
    let Some((commits, check)) = words.split_first_chunk::<8>() else { return 0 };
    let commits = u64::from_le_bytes(*commits);
    let is_whole = check == (!commits).to_le_bytes();
    if is_whole { commits } else { 0 }
}
