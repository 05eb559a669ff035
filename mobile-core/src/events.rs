//! Events that the app's listener receives.

use crate::obstacle::Obstacle;
use crate::overview::Overview;

/// An event. Numbers grow by one; after a gap the app should read everything again.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CoreEvent {
    /// The position in this run, from 1; a snapshot has the number of the latest event.
    pub number: u64,
    /// The id of the auction that the event is about, if any.
    pub auction: Option<String>,
    /// The kind of change.
    pub what: EventKind,
}

/// The kinds of change. They carry no text: the app reads the new state and translates codes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum EventKind {
    /// The state of everything: always the first event of a listener.
    Snapshot {
        /// The counts and states at this event's number.
        overview: Overview,
    },
    /// The live state of a followed auction: price, phase or deadline.
    LiveChanged,
    /// Bidding in the auction opened.
    BiddingOpened,
    /// «Сиз алдыдасыз»: this person is the leader now.
    YouLead,
    /// «Сиздин атаандашыңыз бааны жогорулатты»: this person was the leader and is not any more.
    Outbid,
    /// The auction was suspended: its clock stopped.
    Suspended,
    /// The auction was resumed: its clock runs again.
    Resumed,
    /// Bidding in the auction ended.
    Closed,
    /// The live stream of the auction connected or was lost.
    ConnectionChanged {
        /// `true` if it is connected.
        connected: bool,
    },
    /// Something on the way, such as a sign-in page of the network, answers in the server's place,
    /// or no longer does. Everything is kept, and sent when the server can be reached.
    ObstacleChanged {
        /// What answers; `None`: the server.
        obstacle: Option<Obstacle>,
    },
    /// The estimate of the server's clock changed.
    ClockChanged,
    /// The outcome of a bid became known.
    BidSettled {
        /// The bid's id.
        bid: String,
    },
    /// The operator published two different histories of this auction, in receipts, records or
    /// snapshots: the bidder's copies are evidence. The core accepts nothing more from the operator
    /// about it; the person should keep the receipts and complain.
    HistoryContradicted {
        /// The number of records after which the histories differ.
        seq: u64,
    },
    /// A waiting operation was decided; see `outcomes`.
    OutcomeArrived {
        /// The operation's number, for `ack_outcome`.
        op_no: u64,
    },
    /// Answers from another phone were merged into a draft.
    DraftMerged,
    /// An upload made progress.
    UploadProgress {
        /// SHA-256 of the file, hex.
        sha256: String,
        /// Bytes that have arrived at the server.
        offset: u64,
        /// The file's size, bytes.
        size_bytes: u64,
    },
    /// Applications or deposits may have changed.
    MineChanged,
    /// The catalogue kept on this phone changed.
    CatalogueChanged,
    /// This phone's copy of a part of the server's data was wrong; it is being fetched again.
    CopyDiffered {
        /// The part: `catalogue`, `person` or `auction:<id>`.
        scope: String,
    },
    /// An operation was refused and needs the person; see `attention`.
    AttentionNeeded,
    /// Applications have closed while a signed one was waiting: it will be sent for the record
    /// only.
    DeadlinePassedUnsent,
    /// The server was restored from a backup; operations that it lost are being sent again.
    ServerWentBack,
    /// Another copy of this phone uses the same device name. Sign in again: this phone becomes a
    /// new device, and nothing is lost.
    DeviceCopied,
    /// The phone's store was damaged, or its key was lost. It was put aside and created again from
    /// everything that could be read; see `store_repairs` for losses. Each new listener receives
    /// this until `acknowledge_store_repairs`.
    StoreRepaired,
    /// The server revoked this phone: the person's data on it has been destroyed.
    Erased,
    /// The session ended; waiting operations are kept. Sign in again to continue.
    SignedOut,
}
