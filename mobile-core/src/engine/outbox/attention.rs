//! Refused operations, with all the person had put into them, until he deals with them. Nothing is
//! ever sent again by itself, and none of them holds up another.

use super::Waiting;
use serde::{Deserialize, Serialize};
use toruk_sync::protocol::operations::Outcome;

/// Refused operations that are kept; the oldest go first.
pub const ATTENTION_MAX: usize = 500;

/// One operation that needs the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    /// As it left.
    pub row: Waiting,
    /// Why it was refused; `None` when this phone became a new device, and what the old one had
    /// signed must be signed again.
    pub outcome: Option<Outcome>,
}

/// How the person deals with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionAction {
    /// Send it again as it is.
    Retry,
    /// Go on editing; it is not sent again.
    Edit,
    /// Give it up.
    Discard,
}
