//! A counter of changes to the person's own rows, in a small file beside the store.
//!
//! A log that was cut off or deleted leaves a store that is intact but older. So the number of each
//! such change is also written here, without waiting for the disk: the counter may lag behind the
//! store, and is never ahead of it unless the store lost something.

use super::files::beside;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The suffix of the counter's file name.
pub(super) const END: &str = ".commits";
const BYTES: usize = 16;

/// The open file of the counter; `None` if it can't be written.
pub(super) struct CommitCounter(Option<File>);

impl CommitCounter {
    /// Opens or creates the counter of `file`. If that fails, nothing is recorded.
    pub fn of(file: &Path) -> Self {
        let mut options = File::options();
        let opened = options.create(true).truncate(false).write(true).open(beside(file, END));
        Self(opened.ok())
    }

    /// Records the number of durable changes.
    pub fn record(&self, commits: u64) {
        let Some(mut file) = self.0.as_ref() else { return };
        let mut words = [0; BYTES];
        words[..8].copy_from_slice(&commits.to_le_bytes());
        words[8..].copy_from_slice(&(!commits).to_le_bytes());
        // If this write fails the counter lags behind, which is allowed.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&words));
    }
}

/// The least number of changes that were durable once; 0 if unknown.
pub(super) fn recorded(file: &Path) -> u64 {
    let Ok(words) = std::fs::read(beside(file, END)) else { return 0 };
    let Some((commits, check)) = words.split_first_chunk::<8>() else { return 0 };
    let commits = u64::from_le_bytes(*commits);
    let is_whole = check == (!commits).to_le_bytes();
    if is_whole { commits } else { 0 }
}
