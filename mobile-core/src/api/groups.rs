//! Groups of answers of the same kind: co-owners, representatives.
//!
//! Their fields are set by their names with `draft_set`, `g/<kind>/<id>/<field>`; answering one of
//! them keeps a group that another phone removed meanwhile.

use super::{Core, auction_id};
use crate::device::random_uuid;
use crate::engine::UserCommand;
use crate::error::CoreError;
use toruk_sync::draft::Group;

/// One group of a draft.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftGroup {
    /// The form's name for groups of this kind.
    pub kind: String,
    /// Which one.
    pub id: String,
}

impl From<&Group> for DraftGroup {
    fn from(group: &Group) -> Self {
        Self { kind: group.kind.clone(), id: group.id.to_string() }
    }
}

#[uniffi::export]
impl Core {
    /// Begins a group; answers its id.
    ///
    /// # Errors
    /// As `draft_set`; `not_found` when the form has no such kind, `too_large` when there are too
    /// many.
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
