//! A damaged store: repaired, read again, and reported to the app.

use super::{Active, Driver};
use crate::account_scope::AccountScope;
use crate::engine::after_repair::settle;
use crate::engine::{Input, Saved};
use crate::error::CoreError;
use crate::mutex::lock;
use crate::store::{REPAIRS, Repair, Store, StoreError, Table, Write, read};
use std::sync::Arc;

impl Driver {
    /// Reads from the open account's store.
    ///
    /// # Errors
    /// [`CoreError::StoreRepaired`] if it was damaged and has been repaired; other errors of the
    /// store.
    pub fn read_store<T>(
        self: &Arc<Self>,
        read: impl FnOnce(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, CoreError> {
        let store = self.store();
        read(store.as_ref()).map_err(|error| {
            if error.is_damage() {
                self.recover(&mut lock(&self.active), &error);
                self.notify_repairs();
            }
            error.into()
        })
    }

    /// Restores the engine from disk after a failed write, with a repair first if that helps.
    pub(super) fn recover(&self, active: &mut Active, error: &StoreError) {
        if error.is_damage()
            && let Err(error) = active.store.repair()
        {
            tracing::error!(%error, "the store can't be repaired");
        }
        self.reload(active);
    }

    /// Restores the engine from disk.
    fn reload(&self, active: &mut Active) {
        let is_guest = active.scope == AccountScope::GUEST;
        let saved = settle(active.store.as_ref(), is_guest)
            .and_then(|_| Saved::read(active.store.as_ref(), self.http.token().is_some()));
        match saved {
            Ok(saved) => active.engine.restore(saved),
            Err(error) => tracing::error!(%error, "the store can't be read"),
        }
    }

    /// Opens the files again after a suspension, and deals with damage found then.
    ///
    /// # Errors
    /// [`CoreError::StorageFull`] and other errors of the store.
    pub(super) fn reopen(self: &Arc<Self>) -> Result<(), CoreError> {
        settle(self.guest.as_ref(), true)?;
        let is_repaired = {
            let mut active = lock(&self.active);
            let repairs: Vec<Repair> = self.repairs_of(active.store.as_ref())?;
            let is_repaired = repairs.iter().any(|repair| !repair.is_settled);
            if is_repaired {
                self.reload(&mut active);
            }
            is_repaired
        };
        if is_repaired {
            self.notify_repairs();
        }
        Ok(())
    }

    /// All repairs that the app has not acknowledged.
    ///
    /// # Errors
    /// [`CoreError`] from the store.
    pub fn repairs(&self) -> Result<Vec<Repair>, CoreError> {
        let mut repairs = self.repairs_of(self.guest.as_ref())?;
        if self.scope() != AccountScope::GUEST {
            repairs.extend(self.repairs_of(self.store().as_ref())?);
        }
        Ok(repairs)
    }

    /// Marks all repairs as known to the app.
    ///
    /// # Errors
    /// [`CoreError`] from the store.
    pub fn acknowledge_repairs(&self) -> Result<(), CoreError> {
        let forget = [Write::delete(Table::Meta, REPAIRS)];
        self.guest.apply(&forget)?;
        Ok(self.store().apply(&forget)?)
    }

    /// Notifies the app of repairs, if there are any.
    pub fn notify_repairs(self: &Arc<Self>) {
        let told = match self.repairs() {
            Ok(repairs) if repairs.is_empty() => Ok(()),
            Ok(_) => self.input(Input::StoreRepaired),
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::error!(%error, "the app could not be notified of a repair");
        }
    }

    fn repairs_of(&self, store: &dyn Store) -> Result<Vec<Repair>, CoreError> {
        Ok(read(store, Table::Meta, REPAIRS)?.unwrap_or_default())
    }
}
