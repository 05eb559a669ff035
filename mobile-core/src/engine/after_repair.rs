//! The consequences of a repaired store: the server's data is pulled again, and a phone that may
//! have lost operations does not continue under its device name.

use super::load::COPIED;
use super::pull::PULL_STATE;
use crate::store::{REPAIRS, Repair, Store, StoreError, Table, Write, read};

/// Handles the consequences of repairs, once, and returns all repairs that the app has not
/// acknowledged. `is_guest` is for the guest's store, which has no device name to lose.
///
/// # Errors
/// [`StoreError`]; it is tried again at the next opening.
pub fn settle(store: &dyn Store, is_guest: bool) -> Result<Vec<Repair>, StoreError> {
    let mut repairs: Vec<Repair> = read(store, Table::Meta, REPAIRS)?.unwrap_or_default();
    let open: Vec<&Repair> = repairs.iter().filter(|repair| !repair.is_settled).collect();
    if open.is_empty() {
        return Ok(repairs);
    }
    // Without the state of pulling, the next pull starts over; what is shown stays until then.
    let mut writes = vec![
        Write::delete(Table::Meta, PULL_STATE),
        Write::Clear { table: Table::Staging },
        Write::Clear { table: Table::StagedCard },
    ];
    if !is_guest && open.iter().any(|repair| repair.doubts_numbers()) {
        // As if another copy of this phone had used the numbers: signing in makes this phone a new
        // device, and operations that may not have arrived are sent again under its name.
        writes.push(Write::json(Table::Meta, COPIED, &true));
    }
    repairs.iter_mut().for_each(|repair| repair.is_settled = true);
    writes.push(Write::json(Table::Meta, REPAIRS, &repairs));
    store.apply(&writes)?;
    Ok(repairs)
}
