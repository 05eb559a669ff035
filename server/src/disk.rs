//! Room on the data folder's disk: a floor below which nothing is taken in that can wait, and a
//! reserve that is kept for bids.
//!
//! # Why a reserve
//! Accounts are free, and so strangers can fill a disk. Below the floor uploads, new accounts and
//! drafts are answered "busy"; bids, payments and officials go on. If the disk fills up all the
//! same, the reserve, a file that takes up room and holds nothing, is removed and bids go on in its
//! place, and a server that was restarted finds room to open its database. The reserve comes back
//! when there is room above the floor again.

use crate::lock::lock;
use std::fmt::Debug;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Default for [`DiskLimits::floor_bytes`].
pub const FLOOR_BYTES: u64 = 1024 * 1024 * 1024;
/// Default for [`DiskLimits::reserve_bytes`]: more than a million bids need.
pub const RESERVE_BYTES: u64 = 256 * 1024 * 1024;
/// Free bytes below which the reserve is removed.
const RELEASE_BELOW_BYTES: u64 = 32 * 1024 * 1024;
/// Free bytes below which nothing is written any more: more than one transaction and the database's
/// own files need, so that no commit fails for want of room.
const LAST_BYTES: u64 = 4 * 1024 * 1024;
/// Name of the reserve in the data folder.
const RESERVE: &str = "reserve";

/// Measures the free bytes of a folder's file system.
pub trait FreeSpace: Debug + Send + Sync + 'static {
    /// The bytes that this process may still write there.
    ///
    /// # Errors
    /// When the system does not say.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
}

/// The system's own answer.
#[derive(Debug)]
pub struct SystemFreeSpace;

impl FreeSpace for SystemFreeSpace {
    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(folder)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

/// The limits of the data folder's disk.
#[derive(Debug, Clone)]
pub struct DiskLimits {
    /// Free bytes below which uploads, new accounts and drafts are answered "busy".
    pub floor_bytes: u64,
    /// Size of the file that is kept for bids; 0 for none.
    pub reserve_bytes: u64,
    pub probe: Arc<dyn FreeSpace>,
}

/// There is no room for this on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the disk is full")]
pub struct DiskFull;

/// The data folder's disk.
pub struct Disk {
    folder: PathBuf,
    limits: DiskLimits,
    low: AtomicBool,
    /// Two writers must not make or remove the reserve at once.
    reserve: Mutex<()>,
}

impl Disk {
    /// Measures the disk; if it is full, the reserve is removed at once, so that the database can
    /// be opened.
    pub fn open(folder: &Path, limits: &DiskLimits) -> Self {
        let (folder, limits) = (folder.to_owned(), limits.clone());
        let disk = Self { folder, limits, low: AtomicBool::new(false), reserve: Mutex::default() };
        disk.check();
        disk
    }

    /// Measures the disk, keeps or removes the reserve, and tells the operator: by metrics, and by
    /// the log when it changes.
    pub fn check(&self) {
        let Some(free) = self.free_bytes() else { return };
        if free < RELEASE_BELOW_BYTES {
            self.release();
        } else if free >= self.limits.floor_bytes.saturating_add(self.limits.reserve_bytes) {
            self.restore();
        }
        let low = free < self.limits.floor_bytes;
        if self.low.swap(low, Ordering::AcqRel) != low {
            if low {
                tracing::error!(free, "the disk is nearly full: no uploads, accounts or drafts");
            } else {
                tracing::info!(free, "the disk has room again");
            }
        }
        metrics::gauge!("toruk_disk_free_bytes").set(free as f64);
        metrics::gauge!("toruk_disk_reserve_bytes").set(self.reserved_bytes() as f64);
        metrics::gauge!("toruk_disk_low").set(f64::from(u8::from(low)));
    }

    /// Passes while there is room for what can wait: uploads, new accounts, drafts.
    ///
    /// # Errors
    /// [`DiskFull`] below the floor, as last measured.
    pub fn has_room(&self) -> Result<(), DiskFull> {
        if self.low.load(Ordering::Acquire) { Err(DiskFull) } else { Ok(()) }
    }

    /// Passes while there is room for one more transaction; removes the reserve if that gives room.
    ///
    /// # Errors
    /// [`DiskFull`] when the reserve is used up too.
    pub fn before_write(&self) -> Result<(), DiskFull> {
        let enough = |free: Option<u64>, least| free.is_none_or(|free| free >= least);
        if enough(self.free_bytes(), RELEASE_BELOW_BYTES) {
            return Ok(());
        }
        self.release();
        if enough(self.free_bytes(), LAST_BYTES) { Ok(()) } else { Err(DiskFull) }
    }

    /// Size of the reserve now; 0 when it is removed.
    pub fn reserved_bytes(&self) -> u64 {
        fs::metadata(self.path()).map_or(0, |file| file.len())
    }

    /// `None` when the system does not say; nothing is refused then.
    fn free_bytes(&self) -> Option<u64> {
        match self.limits.probe.free_bytes(&self.folder) {
            Ok(free) => Some(free),
            Err(error) => {
                tracing::warn!(%error, "the disk's free space can't be measured");
                None
            }
        }
    }

    fn release(&self) {
        let _alone = lock(&self.reserve);
        match fs::remove_file(self.path()) {
            Ok(()) => tracing::error!("the disk is full: the reserve for bids is in use"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::error!(%error, "the reserve can't be removed"),
        }
    }

    fn restore(&self) {
        let _alone = lock(&self.reserve);
        if self.limits.reserve_bytes == 0 || self.reserved_bytes() >= self.limits.reserve_bytes {
            return;
        }
        if let Err(error) = allocate(&self.path(), self.limits.reserve_bytes) {
            tracing::warn!(%error, "the reserve for bids can't be made");
            // A part of it would only take up room.
            let _ = fs::remove_file(self.path());
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(RESERVE)
    }
}

/// Makes a file whose blocks are allocated: a sparse one would reserve nothing.
fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    let file = File::create(path)?;
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Ok(()) => {}
        // A file system without preallocation gets zeros.
        Err(rustix::io::Errno::OPNOTSUPP) => {
            io::copy(&mut io::Read::take(io::repeat(0), bytes), &mut &file)?;
        }
        Err(error) => return Err(error.into()),
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    const MB: u64 = 1024 * 1024;

    /// A disk of this many bytes, less the reserve.
    #[derive(Debug)]
    struct Bytes(AtomicU64);

    impl FreeSpace for Bytes {
        fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
            let reserve = fs::metadata(folder.join(RESERVE)).map_or(0, |file| file.len());
            Ok(self.0.load(Ordering::Acquire).saturating_sub(reserve))
        }
    }

    #[test]
    fn a_full_disk_first_stops_what_can_wait_and_then_uses_the_reserve() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = Arc::new(Bytes(AtomicU64::new(500 * MB)));
        let limits =
            DiskLimits { floor_bytes: 100 * MB, reserve_bytes: 10 * MB, probe: bytes.clone() };
        let disk = Disk::open(folder.path(), &limits);
        // Bytes of the disk, and whether what can wait and what can't is taken, and the reserve.
        for (step, (total, waits, writes, reserve)) in [
            (500, true, true, 10),
            (90, false, true, 10),
            (45, false, true, 10),
            (41, false, true, 0),
            (5, false, true, 0),
            (3, false, false, 0),
            (90, false, true, 0),
            (500, true, true, 10),
        ]
        .into_iter()
        .enumerate()
        {
            bytes.0.store(total * MB, Ordering::Release);
            disk.check();
            assert_eq!(disk.has_room().is_ok(), waits, "{step}");
            assert_eq!(disk.before_write().is_ok(), writes, "{step}");
            assert_eq!(disk.reserved_bytes(), reserve * MB, "{step}");
        }
        // A server that starts on a full disk has the reserve's room at once.
        bytes.0.store(20 * MB, Ordering::Release);
        let restarted = Disk::open(folder.path(), &limits);
        assert_eq!(restarted.reserved_bytes(), 0);
        assert!(restarted.has_room().is_err() && restarted.before_write().is_ok());
    }
}
