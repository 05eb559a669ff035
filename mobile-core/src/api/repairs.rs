//! What became of a store that could not be used as it was.

use super::Core;
use crate::error::CoreError;
use crate::store::{Cause, Repair};
use std::collections::HashMap;

/// A store that was put aside and begun anew with everything that could be read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StoreRepair {
    /// Whether its key was lost: nothing of it could be read. Otherwise it was damaged.
    pub key_lost: bool,
    /// What only this phone had and is lost, counted by kind: `draft`, `outbox` (operations that
    /// waited), `attention`, `outcome`, `decided`, `blob` and `content` (files and their pieces),
    /// `bid`, `payment`, `history`, `base`, `meta`. What the server has comes back by itself.
    pub lost: HashMap<String, u64>,
    /// Whether that is all. When not, nobody knows what else there was: the person should look
    /// through the drafts and what waits.
    pub certain: bool,
    /// The file that was kept for engineers, in the data folder; sealed as it was.
    pub kept_as: String,
}

impl From<Repair> for StoreRepair {
    fn from(repair: Repair) -> Self {
        Self {
            key_lost: repair.cause == Cause::KeyLost,
            lost: repair.lost.into_iter().collect(),
            certain: repair.is_certain,
            kept_as: repair.aside,
        }
    }
}

#[uniffi::export]
impl Core {
    /// Repairs of which the person was not told, the oldest first. They stay until
    /// `acknowledge_store_repairs`, whatever happens to the process. Reads the disk.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub fn store_repairs(&self) -> Result<Vec<StoreRepair>, CoreError> {
        Ok(self.driver.repairs()?.into_iter().map(StoreRepair::from).collect())
    }

    /// The person knows.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::StorageFull`]; [`CoreError::Internal`].
    pub fn acknowledge_store_repairs(&self) -> Result<(), CoreError> {
        self.driver.acknowledge_repairs()
    }
}
