//! JSON columns, with the table named when one can't be read.

use crate::db::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn text<T: Serialize>(value: &T, table: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::damaged(table))
}

pub(super) fn parsed<T: DeserializeOwned>(
    text: &str,
    table: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged(table))
}
