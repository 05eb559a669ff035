//! A phone's disk: whole after each write, or full.

use std::sync::atomic::{AtomicBool, Ordering};
use toruk_mobile_core::store::{MemoryStore, Store, StoreError, Table, Write};

/// A store that survives its phone's process, and can be copied as a backup copies it.
#[derive(Debug, Default)]
pub struct Disk {
    store: MemoryStore,
    full: AtomicBool,
}

impl Disk {
    /// All that is on it now.
    pub fn backup(&self) -> Self {
        Self { store: self.store.copy(), full: AtomicBool::new(false) }
    }

    /// The next write fails.
    pub fn fill(&self) {
        self.full.store(true, Ordering::Relaxed);
    }
}

impl Store for Disk {
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(table, key)
    }

    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.store.list(table)
    }

    fn suspend(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn apply(&self, writes: &[Write]) -> Result<(), StoreError> {
        if self.full.swap(false, Ordering::Relaxed) {
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
        }
        self.store.apply(writes)
    }
}
