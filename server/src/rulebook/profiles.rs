//! Profiles and proposals of them, as plain values.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// A profile in force, or once in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProfile {
    /// The rules, with their version.
    pub rules: RuleProfile,
    /// The legal basis of fields, by the field's name.
    pub basis: BTreeMap<String, String>,
    /// Why it was changed.
    pub reason: String,
    /// The official who proposed it.
    pub proposed_by: PersonId,
    /// The official who approved it.
    pub approved_by: PersonId,
    /// The moment from which it is used.
    pub approved_at: Timestamp,
}

/// A proposal of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileProposal {
    /// The whole new profile.
    pub rules: RuleProfile,
    /// The legal basis of fields, by the field's name.
    pub basis: BTreeMap<String, String>,
    /// Why it is changed.
    pub reason: String,
    /// The official who proposed it.
    pub by: PersonId,
    /// The moment of the proposal.
    pub at: Timestamp,
    /// The deadline for the approval, exclusive.
    pub expires_at: Timestamp,
    /// The version that it changes: a proposal over another one means something else.
    pub over: u32,
}

/// A proposal as one official sees it.
#[derive(Debug, Clone)]
pub struct PendingProfile {
    /// Its id: what is decided is the one that was read.
    pub id: Uuid,
    /// Its content.
    pub proposal: ProfileProposal,
    /// Set if this official may approve or decline it.
    pub may_decide: bool,
    /// Set if it is this official's own, to be withdrawn.
    pub is_own: bool,
}
