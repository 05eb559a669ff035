//! A store in memory, for tests.

use super::{Store, StoreError, Table, Write};
use crate::mutex::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A store that is lost with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<BTreeMap<(Table, String), Vec<u8>>>,
}

impl MemoryStore {
    /// Another store with the same content, like a restored backup.
    pub fn copy(&self) -> Self {
        let rows = lock(&self.rows).clone();
        Self { rows: Mutex::new(rows) }
    }
}

impl Store for MemoryStore {
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = lock(&self.rows);
        Ok(rows.get(&(table, key.to_owned())).cloned())
    }

    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let rows = lock(&self.rows);
        let of_table = rows.iter().filter(|((of, _), _)| *of == table);
        Ok(of_table.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn apply(&self, writes: &[Write]) -> Result<(), StoreError> {
        let mut rows = lock(&self.rows);
        for write in writes {
            match write {
                Write::Put { table, key, value } => {
                    rows.insert((*table, key.clone()), value.clone());
                }
                Write::Delete { table, key } => {
                    rows.remove(&(*table, key.clone()));
                }
                Write::Clear { table } => rows.retain(|(of, _), _| of != table),
                Write::PublishCards => {
                    let is_staged = |(of, _): &(Table, String)| *of == Table::StagedCard;
                    let staged = rows.extract_if(.., |place, _| is_staged(place));
                    let staged: Vec<_> = staged.collect();
                    for ((_, key), value) in staged {
                        match value.is_empty() {
                            true => rows.remove(&(Table::Card, key)),
                            false => rows.insert((Table::Card, key), value),
                        };
                    }
                }
            }
        }
        Ok(())
    }
}
