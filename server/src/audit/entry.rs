//! An entry of the audit trail: as a service writes it, and as it was kept.

use super::action::{Action, Principal};
use serde_json::Value;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// An act to be recorded.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The person or system, with the role.
    pub actor: Principal,
    pub action: Action,
    /// The object, such as `auction:<id>`.
    pub object: String,
    /// Further facts as JSON. No personal data.
    pub detail: Value,
}

/// A recorded act, as auditors see it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Position, counted from 1.
    pub seq: u64,
    pub at: Timestamp,
    /// The person; `None` is the system, or somebody whose name is not open.
    pub actor: Option<PersonId>,
    pub role: String,
    pub action: String,
    pub object: String,
    /// Further facts as JSON text.
    pub detail: String,
    /// The entry's link in the hash chain, in hex.
    pub hash: String,
}
