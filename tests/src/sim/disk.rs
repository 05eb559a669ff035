//! A phone's disk: whole after each write, or failing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use toruk_mobile_core::store::{Store, StoreError, Table, Write};

type Rows = BTreeMap<(Table, String), Vec<u8>>;

/// A store that survives its phone's process, and can be copied as a backup copies it.
#[derive(Debug, Default)]
pub struct Disk {
    rows: Mutex<Rows>,
    full: AtomicBool,
}

impl Disk {
    /// All that is on it now.
    pub fn backup(&self) -> Self {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { rows: Mutex::new(rows), full: AtomicBool::new(false) }
    }

    /// The next write fails.
    pub fn fill(&self) {
        self.full.store(true, Ordering::Relaxed);
    }
}

impl Store for Disk {
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(rows.get(&(table, key.to_owned())).cloned())
    }

    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let of_table = rows.iter().filter(|((of, _), _)| *of == table);
        Ok(of_table.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn apply(&self, writes: &[Write]) -> Result<(), StoreError> {
        if self.full.swap(false, Ordering::Relaxed) {
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
        }
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for write in writes {
            match write {
                Write::Put { table, key, value } => {
                    rows.insert((*table, key.clone()), value.clone());
                }
                Write::Delete { table, key } => {
                    rows.remove(&(*table, key.clone()));
                }
            }
        }
        Ok(())
    }
}
