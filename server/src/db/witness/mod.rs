//! This server's own record of how long each auction's log was, outside of the database.
//!
//! # Why
//! A database can lose what it had confirmed: a file system that comes back torn, a WAL that is
//! gone, a failover to a standby that was behind, a backup that somebody put in place. What is left
//! is whole and says nothing of it, and bids that were acknowledged are gone without a word. So the
//! data folder holds the length and head of every log as this server last committed it. A server
//! whose database is behind that does not start, and an auction whose row falls behind while it
//! runs is neither decided nor closed.
//!
//! # Why no answer waits for it
//! A head is written after the commit, never before: a crash between the two leaves the witness
//! behind, which is no alarm, where the other order would leave it ahead. A thread of its own writes
//! whatever has gathered, and syncs once a second, so a commit costs no second wait for the disk and
//! a folder on a network does not hold up bids. After `kill -9` the file has all but the last
//! instant; after a power cut all but the last second. It shows nothing of what is lost with the
//! folder itself, of records that were made by a node with another folder, and of anything but the
//! auctions' logs.
//!
//! # Files
//! `witness/0`, `witness/1` and so on, one for each node that shares the folder; a node holds the
//! lock of the first that is free. Each line has an auction, its log's length, its head and a
//! check: a line that is torn is skipped, and a folder without a witness starts one.

mod head;
mod keeper;
mod line;

pub use self::head::{LogHead, LogHeads};

use self::head::note;
use self::keeper::{Keeper, Shared, WitnessState};
use super::error::StoreError;
use crate::lock::lock;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use uuid::Uuid;

/// Folder of the witnesses in the data folder.
const FOLDER: &str = "witness";
/// Most nodes that share a data folder.
const NODES_MAX: usize = 64;

/// The witness of a running server.
pub struct Witness {
    shared: Arc<Shared>,
    /// Ends when the witness is dropped, with everything written.
    thread: Option<JoinHandle<()>>,
    // Held for its lock.
    _lock: File,
}

/// What all nodes of this data folder have witnessed; empty if none has.
///
/// # Errors
/// When a file can't be read.
pub fn read(data_dir: &Path) -> io::Result<LogHeads> {
    let mut heads = LogHeads::new();
    for path in files(data_dir)? {
        let (found, torn) = line::read_all(&fs::read(&path)?);
        found.into_iter().for_each(|(auction, head)| note(&mut heads, auction, head));
        if torn > 0 {
            tracing::warn!(path = %path.display(), torn, "torn lines of a witness are skipped");
        }
    }
    Ok(heads)
}

/// The witnesses of a data folder on which no server runs.
pub struct IdleWitnesses(Vec<(PathBuf, File)>);

impl IdleWitnesses {
    /// Keeps servers from starting on the folder.
    ///
    /// # Errors
    /// When one runs already.
    pub fn hold(data_dir: &Path) -> io::Result<Self> {
        let mut held = Vec::new();
        for path in files(data_dir)? {
            let Some(lock) = try_lock(&path)? else {
                return Err(io::Error::other("a server runs on this data folder: stop it first"));
            };
            held.push((path, lock));
        }
        Ok(Self(held))
    }

    /// Removes them all; the next server starts a new one.
    ///
    /// # Errors
    /// When a file can't be removed.
    pub fn remove(self) -> io::Result<()> {
        self.0.iter().try_for_each(|(path, _)| fs::remove_file(path))
    }
}

impl Witness {
    /// Starts from these heads, which are added to the file. On a full disk that is tried again and
    /// again.
    ///
    /// # Errors
    /// When the lock can't be made, or too many nodes share the folder.
    pub fn start(data_dir: &Path, heads: LogHeads) -> io::Result<Self> {
        fs::create_dir_all(data_dir.join(FOLDER))?;
        let paths = (0..NODES_MAX).map(|no| data_dir.join(FOLDER).join(no.to_string()));
        let mut own = None;
        for path in paths {
            if let Some(held) = try_lock(&path)? {
                own = Some((path, held));
                break;
            }
        }
        let (path, held) = own.ok_or_else(|| io::Error::other("too many nodes on one folder"))?;
        let state = WitnessState { heads, ..WitnessState::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let kept = shared.clone();
        let work = move || Keeper::new(path).keep(&kept);
        let thread = std::thread::Builder::new().name("witness".to_owned()).spawn(work)?;
        Ok(Self { shared, thread: Some(thread), _lock: held })
    }

    /// Takes in that a log was committed up to here.
    pub(super) fn grown(&self, auction: Uuid, head: LogHead) {
        let mut state = lock(&self.shared.state);
        note(&mut state.heads, auction, head);
        state.unwritten.insert(auction);
        self.shared.changed.notify_one();
    }

    /// Passes if a log is no shorter than it was, and the same.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    pub(super) fn check(&self, auction: Uuid, found: LogHead) -> Result<(), StoreError> {
        let known = lock(&self.shared.state).heads.get(&auction).copied();
        match known {
            Some(known) if found.seq < known.seq || found.seq == known.seq && found != known => {
                Err(StoreError::Behind { auction, known: known.seq, found: found.seq })
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        lock(&self.shared.state).ended = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by itself.
            let _ = thread.join();
        }
    }
}

fn files(data_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = data_dir.join(FOLDER);
    let all = (0..NODES_MAX).map(|no| folder.join(no.to_string()));
    let mut found = Vec::new();
    for path in all {
        if path.try_exists()? {
            found.push(path);
        }
    }
    Ok(found)
}

/// The lock of a witness's file; `None` if another process has it.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = File::create(path.with_extension("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn head(seq: u64) -> LogHead {
        LogHead { seq, hash: [u8::try_from(seq % 256).unwrap(); 32] }
    }

    #[test]
    fn the_longest_log_of_all_nodes_is_found_again_and_a_torn_line_is_skipped() {
        let folder = TempDir::new().unwrap();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(read(folder.path()).unwrap().is_empty());
        let first = Witness::start(folder.path(), LogHeads::from([(one, head(3))])).unwrap();
        let second = Witness::start(folder.path(), LogHeads::new()).unwrap();
        for seq in 4..300 {
            first.grown(one, head(seq));
        }
        second.grown(one, head(7));
        second.grown(two, head(1));
        drop((first, second));
        let expected = LogHeads::from([(one, head(299)), (two, head(1))]);
        assert_eq!(read(folder.path()).unwrap(), expected);
        let path = folder.path().join(FOLDER).join("1");
        let mut text = fs::read(&path).unwrap();
        text.truncate(text.len() - 20);
        fs::write(&path, &text).unwrap();
        assert_eq!(read(folder.path()).unwrap(), LogHeads::from([(one, head(299))]));
    }

    #[test]
    fn a_log_that_is_shorter_or_another_one_is_behind() {
        let folder = TempDir::new().unwrap();
        let auction = Uuid::from_u128(1);
        let witness = Witness::start(folder.path(), LogHeads::new()).unwrap();
        assert!(witness.check(auction, head(1)).is_ok());
        witness.grown(auction, head(5));
        assert!(witness.check(auction, head(5)).is_ok() && witness.check(auction, head(6)).is_ok());
        assert!(witness.check(auction, head(4)).is_err());
        assert!(witness.check(auction, LogHead { seq: 5, hash: [9; 32] }).is_err());
    }

    #[test]
    fn a_witness_is_only_removed_when_no_server_runs() {
        let folder = TempDir::new().unwrap();
        let heads = LogHeads::from([(Uuid::from_u128(1), head(2))]);
        let witness = Witness::start(folder.path(), heads.clone()).unwrap();
        while read(folder.path()).unwrap().is_empty() {
            std::thread::yield_now();
        }
        assert!(IdleWitnesses::hold(folder.path()).is_err());
        drop(witness);
        assert_eq!(read(folder.path()).unwrap(), heads);
        IdleWitnesses::hold(folder.path()).unwrap().remove().unwrap();
        assert!(read(folder.path()).unwrap().is_empty());
    }
}
