//! Refused operations, with everything the person had entered, until the person deals with them.
//! None is ever sent again automatically, and none holds up another.

use super::Waiting;
use serde::{Deserialize, Serialize};
use toruk_sync::protocol::operations::Outcome;

/// The most refused operations that are kept; the oldest are dropped first.
pub const ATTENTION_MAX: usize = 500;

/// One operation that needs the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    /// The operation as it was sent.
    pub row: Waiting,
    /// The server's decision; `None` with [`Self::file`], or if this phone became a new device, and
    /// an application that the old one signed must be signed again.
    pub outcome: Option<Outcome>,
    /// The file without which the application could never leave this phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<RefusedFile>,
}

/// A file that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// The reason's code, such as `infected`.
    pub code: String,
}

/// The ways to deal with a refused operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionAction {
    /// Send the operation again unchanged.
    Retry,
    /// Continue editing; the operation is not sent again.
    Edit,
    /// Give the operation up.
    Discard,
}
