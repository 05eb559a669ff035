//! Laws that hold for every history, not only for those that a test author thought of; and the
//! goldens of the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod act_receipt;
mod auction;
mod decode;
mod draft;
mod extremes;
mod instalments;
mod money;
mod money_orders;
mod pace;
mod published_lot;
mod receipt;
mod signing;
mod sole_applicant;
mod verify;
mod wire;
mod world;
