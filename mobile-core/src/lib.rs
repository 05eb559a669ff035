//! The bidder's phone: drafts without a connection, commands delivered exactly once, live bidding.
//!
//! [`engine`] decides, [`driver`] performs, [`store`] keeps, [`api`] is what an app holds, and
//! [`platform`] and [`transport`] are what the phone gives. The rules and the protocol are `toruk_sync`'s, the same
//! code that the server runs.
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
