//! The state's sign-in (eID): OpenID Connect's authorisation code flow with PKCE.
//!
//! [`provider`] speaks to the provider and verifies what it says, [`state`] seals what a sign-in
//! needs between its start and its end, [`claims`] reads a person out of the answer, and `sign_in`
//! has the methods of [`Service`](super::Service).
//!
//! # Why nothing is stored when a sign-in begins
//! Anybody may begin one. What the end needs comes back in `state`, under this server's seal; the
//! nonce and PKCE's verifier are derived from it with a key that never leaves the server. Only an
//! answer that the provider has confirmed is stored, so that it counts once.
//!
//! # Why an answer that leaks or is put into another phone is worthless
//! The code is redeemed with the verifier, which only this server can derive, and this server
//! redeems it only for the one who knows the secret whose hash was given at the start. So a code that
//! somebody reads in a browser opens nothing, and one that is slipped into another phone's sign-in
//! meets another nonce and another verifier.

mod claims;
mod confirmation;
mod console;
mod fault;
mod http;
mod known;
mod provider;
mod returned;
mod sign_in;
mod state;

pub use console::ConsoleEid;
pub use fault::{EidFailure, EidFault};
pub use provider::EidProvider;
pub use returned::{EidHandOver, EidOnward, EidReturn, EidReturnFault};
pub use state::EidSeal;
