//! Tests of the core as apps use it: over sockets, with services that misbehave, and wrong
//! responses.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod addresses;
mod apps;
mod codes;
mod delivery;
mod gone_stores;
mod hostile;
mod kept_stores;
mod push_address;
mod script;
mod store_life;
mod transport;
mod twisted;
