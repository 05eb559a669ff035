//! What the app hears.

use crate::overview::Overview;

/// Something changed. Numbers grow by one; after a gap the app looks at everything anew.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CoreEvent {
    /// Position in this run's order, from 1; a snapshot has the number of the latest event.
    pub number: u64,
    /// Which auction, when it concerns one.
    pub auction: Option<String>,
    /// What.
    pub what: EventKind,
}

/// What can change. Carries no text: the app asks for the new state and translates codes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum EventKind {
    /// How everything is: the first that a listener hears.
    Snapshot {
        /// The state.
        overview: Overview,
    },
    /// The live state of a followed auction: price, phase or deadline.
    LiveChanged,
    /// Bidding opened.
    BiddingOpened,
    /// «Сиз алдыдасыз»: this person leads now.
    YouLead,
    /// «Сиздин атаандашыңыз бааны жогорулатты»: this person led and does not any more.
    Outbid,
    /// The clock stopped.
    Suspended,
    /// The clock goes on.
    Resumed,
    /// Bidding is over.
    Closed,
    /// The live stream is there, or is lost.
    ConnectionChanged {
        /// Whether it is there.
        connected: bool,
    },
    /// The server's clock was found anew.
    ClockChanged,
    /// A bid's fate became known after it was not.
    BidSettled {
        /// Which.
        bid: String,
    },
    /// The operator has told two histories of this auction, in receipts, records or snapshots: what
    /// a bidder holds of it is evidence. Nothing more is taken from him about it; the person should
    /// keep the receipts and complain.
    HistoryContradicted {
        /// After how many records.
        seq: u64,
    },
    /// A waiting operation was decided; see `outcomes`.
    OutcomeArrived {
        /// Its number, for `ack_outcome`.
        op_no: u64,
    },
    /// A draft took in answers from another phone.
    DraftMerged,
    /// A file moved on.
    UploadProgress {
        /// SHA-256 of the file, hex.
        sha256: String,
        /// Bytes that have arrived.
        offset: u64,
        /// Bytes in all.
        size_bytes: u64,
    },
    /// Applications or deposits may have changed.
    MineChanged,
    /// The catalogue kept on this phone changed.
    CatalogueChanged,
    /// What the phone had of a part of the server's data was not what it should be; it is fetched
    /// anew by itself.
    CopyDiffered {
        /// Which: `catalogue`, `person` or `auction:<id>`.
        scope: String,
    },
    /// An operation was refused and is kept for the person to deal with; see `attention`.
    AttentionNeeded,
    /// A signed application waits, and applications have closed: it goes out for the record only.
    DeadlinePassedUnsent,
    /// The server was restored from a backup; what it lost is sent again by itself.
    ServerWentBack,
    /// Another copy of this phone uses its name. Sign in again: this one becomes a new device.
    /// Nothing is lost.
    DeviceCopied,
    /// The phone's store could not be used as it was: damaged, or its key was lost. It was put aside
    /// and begun anew with everything that could be read; see `store_repairs` for what was lost. Told
    /// to each new listener until `acknowledge_store_repairs`.
    StoreRepaired,
    /// The server revoked this phone: the person's data on it is destroyed.
    Erased,
    /// The session ended; everything waiting is kept. Sign in again to go on.
    SignedOut,
}
