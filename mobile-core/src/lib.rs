//! The core of a bidder's app: drafts without a connection, commands delivered exactly once, live
//! bidding.
//!
//! [`engine`] decides, [`driver`] performs, [`store`] keeps data, [`api`] is the app's side, and
//! [`platform`] and [`transport`] are the phone's side. The rules and the protocol are
//! `toruk_sync`'s, the same code that the server runs.
#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod account_registry;
mod account_scope;
mod account_store;
pub mod api;
mod device;
mod driver;
pub mod engine;
pub mod error;
pub mod events;
pub mod logging;
mod mutex;
mod overview;
pub mod platform;
pub mod store;
pub mod transport;

pub use api::{Core, CoreConfig};
pub use error::CoreError;

uniffi::setup_scaffolding!();
