//! Features against a real database, with a clock held by the test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod behind_others;
mod device_keys;
mod frozen;
mod ground;
mod identity;
mod identity_routes;
mod money;
mod operations;
mod people;
mod pictures;
#[path = "../../tests/src/world/postgres.rs"]
#[allow(dead_code)] // These tests start no cluster of their own.
mod postgres;
mod push;
mod text;
