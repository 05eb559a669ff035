//! The catalogue in SQLite: whole rows as they were pulled, with columns for searching.
//!
//! A row is not encrypted, but has a checksum: a worn disk must not show a wrong price.

use super::cards::{CardCursor, CardQuery, CardRow, Columns};
use super::schema::damaged;
use super::{StoreError, Table};
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use sha2::{Digest as _, Sha256};
use toruk_sync::protocol::pull::Digest;

/// Writes a row of `table`, one of the catalogue's two.
pub(super) fn put(
    connection: &Connection,
    table: Table,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    let columns = Columns::of(value);
    let counted = columns.as_ref().map(|columns| &columns.counted);
    let shown = columns.as_ref().and_then(|columns| columns.shown.as_ref());
    let sql = format!(
        "INSERT OR REPLACE INTO {} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        table.name()
    );
    connection.prepare_cached(&sql)?.execute(params![
        name,
        value,
        sum(name, value),
        counted.map(|row| &row.kind),
        counted.map(|row| &row.id),
        counted.and_then(|row| i64::try_from(row.seq).ok()),
        shown.map(|card| card.start),
        shown.map(|card| &card.lot_kind),
        shown.map(|card| &card.status),
        shown.and_then(|card| card.settlement.as_ref()),
        shown.map(|card| &card.search),
    ])?;
    Ok(())
}

/// Moves the staged rows over the published ones.
pub(super) fn publish(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(
        "DELETE FROM card WHERE name IN (SELECT name FROM staged_card WHERE length(value) = 0);
         INSERT OR REPLACE INTO card SELECT * FROM staged_card WHERE length(value) > 0;
         DELETE FROM staged_card;",
    )?)
}

/// One page of a search.
pub(super) fn page(
    connection: &Connection,
    query: &CardQuery,
    after: Option<&CardCursor>,
    limit: usize,
) -> Result<Vec<CardRow>, StoreError> {
    let (order, follows) = if query.soonest_first { ("ASC", ">") } else { ("DESC", "<") };
    let mut wanted: Vec<String> = vec!["start IS NOT NULL".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    if let Some(after) = after {
        wanted.push(format!("(start, id) {follows} (?, ?)"));
        values.extend([Value::from(after.start), Value::from(after.id.clone())]);
    }
    for (column, among) in [("lot_kind", &query.lot_kinds), ("status", &query.statuses)] {
        if !among.is_empty() {
            wanted.push(format!("{column} IN ({})", vec!["?"; among.len()].join(", ")));
            values.extend(among.iter().cloned().map(Value::from));
        }
    }
    if let Some(settlement) = &query.settlement {
        wanted.push("settlement = ?".to_owned());
        values.push(Value::from(settlement.clone()));
    }
    for word in &query.words {
        wanted.push("instr(search, ?) > 0".to_owned());
        values.push(Value::from(word.clone()));
    }
    values.push(Value::from(i64::try_from(limit).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT start, id, name, value, sum FROM card INDEXED BY card_by_start
         WHERE {} ORDER BY start {order}, id {order} LIMIT ?",
        wanted.join(" AND ")
    );
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let cursor = CardCursor { start: row.get(0)?, id: row.get(1)? };
        let (_, value) = checked(row, 2)?;
        page.push(CardRow { cursor, value });
    }
    Ok(page)
}

/// The value under `name`, in one of the catalogue's two tables.
pub(super) fn get(
    connection: &Connection,
    table: Table,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = format!("SELECT name, value, sum FROM {} WHERE name = ?1", table.name());
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([name])?;
    rows.next()?.map(|row| Ok(checked(row, 0)?.1)).transpose()
}

/// All rows of a table, ordered by name.
pub(super) fn list(
    connection: &Connection,
    table: Table,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let sql = format!("SELECT name, value, sum FROM {} ORDER BY name", table.name());
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query([])?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(checked(row, 0)?);
    }
    Ok(values)
}

/// Name and value from column `first` on, if the checksum after them fits.
fn checked(row: &Row<'_>, first: usize) -> Result<(String, Vec<u8>), StoreError> {
    let (name, value): (String, Vec<u8>) = (row.get(first)?, row.get(first + 1)?);
    if row.get::<_, i64>(first + 2)? != sum(&name, &value) {
        return Err(damaged("card"));
    }
    Ok((name, value))
}

fn sum(name: &str, value: &[u8]) -> i64 {
    let hash = Sha256::new().chain_update(name).chain_update(value).finalize();
    hash.iter().take(8).fold(0, |sum, byte| sum << 8 | i64::from(*byte))
}

/// Counts the catalogue in the same way as the server.
pub(super) fn count(connection: &Connection) -> Result<Digest, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT kind, id, seq FROM card WHERE kind IS NOT NULL AND seq IS NOT NULL",
    )?;
    let mut rows = select.query([])?;
    let mut digest = Digest::default();
    while let Some(row) = rows.next()? {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let seq = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
        digest.add(&kind, &id, seq);
    }
    Ok(digest)
}
