//! The state of an upload, and of a file that is complete, as plain values.

use toruk_sync::domain::time::Timestamp;

/// The scan state of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The file is not complete yet.
    Arriving,
    /// The file is complete and waits for the scanner.
    Waiting,
    /// The scanner found nothing.
    Clean,
    /// There was no scanner when it became complete, or none any more while it waited.
    Unscanned,
    /// The scanner found malware; the content is deleted.
    Infected,
}

impl Scan {
    /// Returns `true` if an application may refer to the file.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Clean | Self::Unscanned)
    }
}

/// A file as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// SHA-256 of the complete content, in hex.
    pub sha256: String,
    pub size_bytes: u64,
    /// The number of bytes that have arrived.
    pub offset: u64,
    /// Set if the file is complete and its hash is right.
    pub stored: bool,
    pub scan: Scan,
    /// The moment of removal; `None` once an application refers to the file.
    pub expires_at: Option<Timestamp>,
}

/// A complete file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub scan: Scan,
    pub size_bytes: u64,
    /// Media type, checked against the first bytes.
    pub mime: String,
    /// The moment when its last byte had arrived and its hash was right.
    pub at: Timestamp,
}
