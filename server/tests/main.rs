//! Features against a real database, with a clock held by the test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod act_receipts;
mod applicants;
mod behind_others;
mod catalogue;
mod certificate_applications;
mod certificate_door;
mod certificate_uses;
#[path = "../../tests/src/outside/certificates/mod.rs"]
mod certificates;
mod device_keys;
mod doctor;
mod eid;
mod entries;
mod erasure;
mod forfeit_id;
mod frozen;
mod gateway_tls;
mod ground;
mod identity;
mod identity_routes;
mod kept_apart;
mod lists;
mod money;
mod money_storm;
mod next_device;
mod operations;
mod organisations;
#[path = "../../tests/src/outside"]
mod outside {
    //! The parts of the outside world that these tests share with the system's.

    pub mod eid;
    #[allow(dead_code)] // Nothing here calls out of the outside world.
    pub mod listening;
}
mod own_access;
mod passkeys;
mod payment_clock;
mod payment_ways;
mod people;
mod persons;
mod pictures;
#[path = "../../tests/src/world/postgres.rs"]
#[allow(dead_code)] // These tests start no cluster of their own.
mod postgres;
mod push;
mod receipt_keys;
mod reconciliation;
mod relaunch;
mod retention;
mod revocations;
mod signatures;
mod text;
mod transfers;
mod uploads;
mod well_known;
