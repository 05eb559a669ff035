//! Groups of answers of the same kind: co-owners, representatives.
//!
//! Their fields are set with `draft_set` under the names `g/<kind>/<id>/<field>`. Answering one of
//! them keeps a group that another phone removed at the same time.

use super::{Core, auction_id};
use crate::device::random_uuid;
use crate::engine::UserCommand;
use crate::error::CoreError;
use toruk_sync::draft::Group;

/// One group of a draft, such as one co-owner.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftGroup {
    /// The form's name for groups of this kind.
    pub kind: String,
    /// Identifies the group in its draft.
    pub id: String,
}

impl From<&Group> for DraftGroup {
    fn from(group: &Group) -> Self {
        Self { kind: group.kind.clone(), id: group.id.to_string() }
    }
}

#[uniffi::export]
impl Core {
    /// Adds an empty group and returns its id.
    ///
    /// # Errors
    /// As `draft_set`; `not_found` if the form has no such kind; `too_large` if there are too many
    /// groups.
    pub fn draft_add_group(&self, auction: String, kind: String) -> Result<String, CoreError> {
        let id = random_uuid(self.driver.platform.entropy.as_ref())?;
        let group = Group { kind, id };
        self.driver.execute(UserCommand::AddGroup(auction_id(&auction)?, group))?;
        Ok(id.to_string())
    }

    /// Removes a group with its answers.
    ///
    /// # Errors
    /// As `draft_set`; `not_found`.
    pub fn draft_remove_group(
        &self,
        auction: String,
        kind: String,
        id: String,
    ) -> Result<(), CoreError> {
        let id = id.parse().map_err(|_| CoreError::refused("malformed"))?;
        let group = Group { kind, id };
        self.driver.execute(UserCommand::RemoveGroup(auction_id(&auction)?, group)).map(drop)
    }
}
