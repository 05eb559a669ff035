//! Following an auction: a stream of numbered frames (server-sent events).
//!
//! A frame's SSE id is its log position; a client that lost the connection sends the last one it
//! saw as `Last-Event-ID` and gets what it missed. A client without one gets a snapshot first.

use super::catalogue::AuctionView;
use crate::domain::time::Timestamp;
use crate::receipt::Record;
use serde::{Deserialize, Serialize};

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LiveFrame {
    /// Where the auction stands; everything before is contained.
    Snapshot(Box<AuctionView>),
    /// The next entry of the log.
    Record(Box<Record>),
    /// Nothing happened; the server lives. Has no id.
    Heartbeat {
        /// The server's time.
        server_time: Timestamp,
        /// The log's length: a client that has less has missed something.
        seq: u64,
    },
}
