//! People, their passkeys, sessions, phones and roles.

pub mod extract;
pub mod role;
pub mod routes;
pub mod service;
mod store;

pub use extract::{Bidder, Official};
pub use role::Role;
pub use service::{Error, Service};
