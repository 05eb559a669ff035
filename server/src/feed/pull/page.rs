//! Builds a page, limited by rows and by bytes.

use super::super::store::Change;
use super::reply::PulledRow;
use super::rows::Values;
use crate::db::StoreError;
use serde::Serialize;
use serde_json::value::to_raw_value;
use toruk_sync::protocol::limits::PULL_BYTES_MAX;
use toruk_sync::protocol::pull::Scope;

/// A page under construction.
pub struct PulledPage {
    rows: Vec<PulledRow>,
    rows_max: usize,
    bytes: usize,
}

impl PulledPage {
    /// An empty page for at most `rows_max` rows.
    pub fn new(rows_max: usize) -> Self {
        Self { rows: Vec::new(), rows_max, bytes: 0 }
    }

    /// Sets the total number of rows that the page may have.
    pub fn allow(&mut self, rows_max: usize) {
        self.rows_max = rows_max;
    }

    /// The number of rows that still fit.
    pub fn room(&self) -> usize {
        match self.bytes < PULL_BYTES_MAX {
            true => self.rows_max.saturating_sub(self.rows.len()),
            false => 0,
        }
    }

    /// Adds a row that changed, with its value if it has one. A row of an unknown kind, from a
    /// newer server on the same database, is skipped: that server sends it.
    pub fn push(&mut self, scope: Scope, change: Change, values: &mut Values) {
        let Change { kind, id, seq, deleted } = change;
        let value = match deleted {
            true => None,
            false if !values.knows(&kind) => return,
            false => values.take(&kind, &id),
        };
        self.add(PulledRow { scope, kind, id, seq, value });
    }

    /// Adds a row with a given value.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the value is not JSON.
    pub fn push_value<T: Serialize>(
        &mut self,
        scope: Scope,
        kind: &str,
        id: String,
        seq: u64,
        value: &T,
    ) -> Result<(), StoreError> {
        let value = to_raw_value(value).map_err(StoreError::damaged("auction"))?;
        self.add(PulledRow { scope, kind: kind.to_owned(), id, seq, value: Some(value) });
        Ok(())
    }

    /// The rows of the finished page.
    pub fn into_rows(self) -> Vec<PulledRow> {
        self.rows
    }

    fn add(&mut self, row: PulledRow) {
        self.bytes += row.value.as_ref().map_or(0, |value| value.get().len());
        self.rows.push(row);
    }
}
