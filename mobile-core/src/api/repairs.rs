//! Reports about a store that had to be repaired.

use super::Core;
use crate::error::CoreError;
use crate::store::{Cause, Repair};
use std::collections::HashMap;

/// A store that was put aside and created again from everything that could be read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StoreRepair {
    /// `true` if its key was lost and nothing could be read; `false` if the file was damaged.
    pub key_lost: bool,
    /// Lost rows that only this phone had, counted by kind: `draft`, `outbox` (waiting operations),
    /// `attention`, `outcome`, `decided`, `blob` and `content` (files and their pieces), `bid`,
    /// `payment`, `history`, `base`, `meta`. Data that the server has is fetched again.
    pub lost: HashMap<String, u64>,
    /// `true` if `lost` is complete. If not, it is unknown what else was lost: ask the person to
    /// check the drafts and the waiting operations.
    pub certain: bool,
    /// The file kept for engineers, in the data folder; still encrypted.
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
    /// Repairs that the app has not acknowledged, oldest first. They are kept across restarts until
    /// `acknowledge_store_repairs`. Reads the disk.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::Internal`].
    pub fn store_repairs(&self) -> Result<Vec<StoreRepair>, CoreError> {
        Ok(self.driver.repairs()?.into_iter().map(StoreRepair::from).collect())
    }

    /// Call this when the person has read about all repairs.
    ///
    /// # Errors
    /// [`CoreError::Closed`]; [`CoreError::StorageFull`]; [`CoreError::Internal`].
    pub fn acknowledge_store_repairs(&self) -> Result<(), CoreError> {
        self.driver.acknowledge_repairs()
    }
}
