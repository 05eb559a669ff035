//! People, their passkeys, sessions, phones and roles.
//!
//! [`service`] holds what all of them share; a person on a phone is in `phones`, an official in
//! the console in `officials`; both are methods of [`Service`]. `passkey` speaks WebAuthn and knows
//! neither rows nor sessions.

pub mod extract;
mod lately;
mod listener;
mod officials;
mod passkey;
mod phones;
pub mod role;
pub mod routes;
pub mod service;
mod store;

pub use extract::{Bidder, Official, cookie_name};
pub use listener::{Listener, SessionKey};
pub use role::Role;
pub use service::{Error, Service};
