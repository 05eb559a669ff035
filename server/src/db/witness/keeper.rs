//! Writes a witness's file.

use super::head::LogHeads;
use super::line;
use crate::lock::lock;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Pause between two syncs, and before the next attempt after a failed write.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Length from which a file is written again, if it is twice as long as it need be.
const REWRITE_BYTES: u64 = 4 * 1024 * 1024;

/// What is witnessed, between those who commit and the one who writes.
#[derive(Default)]
pub struct Shared {
    pub state: Mutex<WitnessState>,
    /// Notified when there is something to write.
    pub changed: Condvar,
}

/// The heads, and which of them are to be written.
#[derive(Default)]
pub struct WitnessState {
    pub heads: LogHeads,
    /// Auctions whose heads have changed since they were last written.
    pub unwritten: BTreeSet<Uuid>,
    /// Set when the witness is dropped.
    pub ended: bool,
}

/// One node's file, as far as it is written.
struct WitnessFile {
    file: File,
    bytes: u64,
    /// Length with one line for each auction.
    needed: u64,
    is_torn: bool,
}

impl WitnessFile {
    /// Goes on with the file, and adds the heads that it does not have.
    fn open(path: &Path, heads: &LogHeads) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let text = fs::read(path)?;
        let bytes = text.len() as u64;
        let (known, _) = line::read_all(&text);
        let needed = lines(heads).len() as u64;
        // The last line may be torn.
        let mut opened = Self { file, bytes, needed, is_torn: bytes > 0 };
        let mut missing = heads.clone();
        missing.retain(|auction, head| known.get(auction) != Some(head));
        opened.append(&lines(&missing))?;
        Ok(opened)
    }

    /// Replaces the file by one that holds these heads, on disk.
    fn write(path: &Path, heads: &LogHeads) -> io::Result<Self> {
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        let text = lines(heads);
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        let bytes = text.len() as u64;
        Ok(Self { file, bytes, needed: bytes, is_torn: false })
    }

    fn append(&mut self, lines: &str) -> io::Result<()> {
        // What a failed write has left stands alone.
        let start = if std::mem::replace(&mut self.is_torn, true) { "\n" } else { "" };
        self.file.write_all([start, lines].concat().as_bytes())?;
        self.is_torn = false;
        self.bytes += (start.len() + lines.len()) as u64;
        Ok(())
    }

    fn is_too_long(&self) -> bool {
        self.bytes > REWRITE_BYTES && self.bytes > self.needed.saturating_mul(2)
    }
}

/// Writes what gathers, on a thread of its own.
pub struct Keeper {
    path: PathBuf,
    /// `None` until it could be opened.
    file: Option<WitnessFile>,
    synced: Instant,
    is_synced: bool,
    has_failed: bool,
}

impl Keeper {
    /// For this file, of which nothing is written yet.
    pub fn new(path: PathBuf) -> Self {
        let (file, synced) = (None, Instant::now());
        Self { path, file, synced, is_synced: false, has_failed: false }
    }

    /// Writes until the witness is dropped.
    pub fn keep(mut self, shared: &Shared) {
        loop {
            let rests = |state: &mut WitnessState| {
                let is_idle = state.unwritten.is_empty() && self.file.is_some();
                !state.ended && (is_idle || self.has_failed)
            };
            let state = lock(&shared.state);
            let woken = shared.changed.wait_timeout_while(state, SYNC_EVERY, rests);
            let (mut state, _) = woken.unwrap_or_else(PoisonError::into_inner);
            let (ended, unwritten) = (state.ended, std::mem::take(&mut state.unwritten));
            let is_whole = self.file.as_ref().is_none_or(WitnessFile::is_too_long);
            let heads = match is_whole {
                true => state.heads.clone(),
                false => {
                    let head = |id: &Uuid| Some((*id, *state.heads.get(id)?));
                    unwritten.iter().filter_map(head).collect()
                }
            };
            drop(state);
            let done = if is_whole { self.renew(&heads) } else { self.append(&heads, ended) };
            if done.is_err() {
                lock(&shared.state).unwritten.extend(unwritten);
            }
            self.report(&done);
            if ended {
                return;
            }
        }
    }

    /// Opens the file, or replaces one that has grown too long.
    fn renew(&mut self, heads: &LogHeads) -> io::Result<()> {
        let is_open = self.file.is_some();
        self.file = Some(match is_open {
            true => WitnessFile::write(&self.path, heads)?,
            false => WitnessFile::open(&self.path, heads)?,
        });
        (self.synced, self.is_synced) = (Instant::now(), is_open);
        Ok(())
    }

    fn append(&mut self, heads: &LogHeads, is_last: bool) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if !heads.is_empty() {
            file.append(&lines(heads))?;
            self.is_synced = false;
        }
        if !self.is_synced && (is_last || self.synced.elapsed() >= SYNC_EVERY) {
            file.file.sync_data()?;
            (self.synced, self.is_synced) = (Instant::now(), true);
        }
        Ok(())
    }

    fn report(&mut self, done: &io::Result<()>) {
        let failed_before = std::mem::replace(&mut self.has_failed, done.is_err());
        match done {
            Err(error) if !failed_before => {
                tracing::error!(%error, "the witness of the logs can't be written; bids go on");
            }
            Ok(()) if failed_before => tracing::info!("the witness of the logs is written again"),
            _ => {}
        }
        metrics::gauge!("toruk_witness_failed").set(f64::from(u8::from(self.has_failed)));
    }
}

fn lines(heads: &LogHeads) -> String {
    heads.iter().map(|(auction, head)| line::write(*auction, head)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::head::LogHead;
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn what_a_failed_write_has_left_spoils_no_later_line() {
        let head = LogHead { seq: 2, hash: [2; 32] };
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("0");
        let mut file = WitnessFile::write(&path, &LogHeads::new()).unwrap();
        file.file.write_all(b"half a li").unwrap();
        file.is_torn = true;
        file.append(&line::write(Uuid::from_u128(1), &head)).unwrap();
        file.file.write_all(b"another ha").unwrap();
        let expected = LogHeads::from([1, 2].map(|id| (Uuid::from_u128(id), head)));
        drop(WitnessFile::open(&path, &expected).unwrap());
        assert_eq!(line::read_all(&fs::read(&path).unwrap()), (expected, 2));
    }
}
