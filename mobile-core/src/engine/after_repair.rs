//! What follows from a store that was repaired: the server's part is pulled anew, and a phone that
//! may have forgotten operations does not go on under its name.

use super::load::COPIED;
use super::pull::PULL_STATE;
use crate::store::{REPAIRS, Repair, Store, StoreError, Table, Write, read};

/// Does what follows from repairs, once, and answers all of which the app has not said that it
/// knows them. `is_guest` is for the store of nobody, which has no name to lose.
///
/// # Errors
/// [`StoreError`]; it is done at the next opening.
pub fn settle(store: &dyn Store, is_guest: bool) -> Result<Vec<Repair>, StoreError> {
    let mut repairs: Vec<Repair> = read(store, Table::Meta, REPAIRS)?.unwrap_or_default();
    let open: Vec<&Repair> = repairs.iter().filter(|repair| !repair.is_settled).collect();
    if open.is_empty() {
        return Ok(repairs);
    }
    // Without what was published last, the next pull begins anew; what is shown stays until then.
    let mut writes = vec![
        Write::delete(Table::Meta, PULL_STATE),
        Write::Clear { table: Table::Staging },
        Write::Clear { table: Table::StagedCard },
    ];
    if !is_guest && open.iter().any(|repair| repair.doubts_numbers()) {
        // As if another copy of this phone had used them: signing in makes it a new device, and what
        // may not have arrived goes out again under its name.
        writes.push(Write::json(Table::Meta, COPIED, &true));
    }
    repairs.iter_mut().for_each(|repair| repair.is_settled = true);
    writes.push(Write::json(Table::Meta, REPAIRS, &repairs));
    store.apply(&writes)?;
    Ok(repairs)
}
