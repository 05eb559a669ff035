//! The options of the data folder's disk.

use crate::config::UPLOADS_BYTES_MAX;
use crate::disk::{DiskLimits, FLOOR_BYTES, RESERVE_BYTES};
use clap::Args;

/// A megabyte of the options.
const MB: u64 = 1024 * 1024;

/// What is kept free, and what files may take.
#[derive(Args)]
pub struct DiskOptions {
    /// Free megabytes of the data folder's disk below which uploads, new accounts and drafts are
    /// answered "busy".
    #[arg(long, env = "TORUK_DISK_FLOOR_MB", default_value_t = FLOOR_BYTES / MB)]
    disk_floor_mb: u64,
    /// Megabytes kept for bids, in case the disk fills up; 0 for none.
    #[arg(long, env = "TORUK_DISK_RESERVE_MB", default_value_t = RESERVE_BYTES / MB)]
    disk_reserve_mb: u64,
    /// Maximum megabytes of all accounts' files that no application refers to.
    #[arg(long, env = "TORUK_UPLOADS_MB_MAX", default_value_t = UPLOADS_BYTES_MAX / MB)]
    uploads_mb_max: u64,
}

impl DiskOptions {
    /// `local` with these limits.
    pub fn limits(&self, local: DiskLimits) -> DiskLimits {
        DiskLimits {
            floor_bytes: self.disk_floor_mb.saturating_mul(MB),
            reserve_bytes: self.disk_reserve_mb.saturating_mul(MB),
            ..local
        }
    }

    /// Most bytes of all accounts' files that no application refers to.
    pub fn uploads_bytes_max(&self) -> u64 {
        self.uploads_mb_max.saturating_mul(MB)
    }
}
