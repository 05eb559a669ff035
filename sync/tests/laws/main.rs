//! What holds for every history, not only for those somebody thought of; and the wire's goldens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod auction;
mod decode;
mod draft;
mod money;
mod receipt;
mod signing;
mod verify;
mod wire;
mod world;
