//! The columns that all statements on files share: the key, and the state of the scan by name.

use crate::blob::upload::Scan;
use crate::db::StoreError;
use crate::entity::blob;
use sea_orm::{ColumnTrait as _, Condition};
use toruk_sync::domain::id::PersonId;

pub(super) fn of(person: PersonId, sha256: &str) -> Condition {
    Condition::all().add(blob::Column::Person.eq(person.0)).add(blob::Column::Sha256.eq(sha256))
}

pub(super) fn scan_name(scan: Scan) -> &'static str {
    match scan {
        Scan::Arriving => "arriving",
        Scan::Waiting => "waiting",
        Scan::Clean => "clean",
        Scan::Unscanned => "unscanned",
        Scan::Infected => "infected",
    }
}

pub(super) fn scan_of(name: &str) -> Result<Scan, StoreError> {
    Ok(match name {
        "arriving" => Scan::Arriving,
        "waiting" => Scan::Waiting,
        "clean" => Scan::Clean,
        "unscanned" => Scan::Unscanned,
        "infected" => Scan::Infected,
        _ => return Err(StoreError::damaged("blob")(name)),
    })
}
