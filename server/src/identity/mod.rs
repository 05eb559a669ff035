//! People, their passkeys, sessions, phones and roles.
//!
//! [`service`] holds what all of them share; a person on a phone is in `phones`, an official in
//! the console in `officials`, registering phones in `devices`; all are methods of [`Service`].
//! `passkey` speaks WebAuthn and knows neither rows nor sessions.

mod access;
mod caller;
mod ceremony;
mod challenge;
mod conflict;
mod devices;
mod error;
pub mod extract;
mod impartial;
mod next_device;
mod oddities;
mod officials;
mod own_access;
mod own_passkeys;
mod passkey;
mod passkey_review;
mod phones;
mod recovery;
pub mod role;
pub mod routes;
pub mod service;
mod session_cache;
mod store;
mod stream_viewer;
mod token;

pub use access::{
    InvitationRow, OrganisationName, PasskeyRow, Revocation, SessionRow, StaffAccess, StaffRow,
};
pub use caller::{Bidder, Forbidden, Official};
pub use ceremony::OwnAccess;
pub use conflict::Conflict;
pub use error::Error;
pub use extract::cookie_name;
pub use next_device::MadeCode;
pub use own_access::OfficialAccess;
pub use passkey_review::{PasskeyOwner, PasskeyReview};
pub use role::Role;
pub use service::Service;
pub use stream_viewer::{SessionKey, StreamViewer};
pub use token::SessionTokens;
