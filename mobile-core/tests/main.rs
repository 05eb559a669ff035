//! The core as apps hold it: over sockets, with services that misbehave, and answers that are wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod codes;
mod delivery;
mod hostile;
mod kept_stores;
mod passkey;
mod script;
mod store_life;
#[path = "../examples/bidder/passkey.rs"]
mod terminal;
mod transport;
mod twisted;
