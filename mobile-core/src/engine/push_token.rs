//! The address for push messages: kept as soon as the app says it, and told to the server when there
//! is a session and a connection.
//!
//! Android says a token once: before anybody has signed in, or while the phone is offline. It is the
//! phone's and not an account's, so that each session gets it.

use super::clock::Mono;
use super::retry::{Backoff, DELIVERY};
use serde::{Deserialize, Serialize};

/// The key of the address in [`Table::Meta`] of the guest's store: it is the phone's, for each person
/// who signs in.
///
/// [`Table::Meta`]: crate::store::Table::Meta
pub const PUSH_ADDRESS: &str = "push_address";

/// A token, or the wish for no pushes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAddress {
    /// The registration token; `None` ends the pushes.
    pub token: Option<String>,
}

/// The progress of telling the server.
#[derive(Debug)]
pub struct PushRegistration {
    /// The address that the app said last; `None` if it never did.
    pub(super) wanted: Option<PushAddress>,
    /// The address that the server has for this session.
    pub(super) sent: Option<PushAddress>,
    /// An address that the server refused: it is not sent again.
    pub(super) refused: Option<PushAddress>,
    pub(super) is_asked: bool,
    pub(super) pace: Backoff,
}

impl PushRegistration {
    pub(super) fn new(sent: Option<PushAddress>, seed: u64) -> Self {
        let (wanted, refused) = (None, None);
        Self { wanted, sent, refused, is_asked: false, pace: Backoff::new(DELIVERY, seed) }
    }

    /// Returns `true` if the server has the address, or refused it.
    pub fn is_settled(&self) -> bool {
        self.wanted.is_none() || self.wanted == self.sent || self.wanted == self.refused
    }

    /// Returns `true` if the server refused the address.
    pub fn is_refused(&self) -> bool {
        self.wanted.is_some() && self.wanted == self.refused
    }

    /// Returns `true` if the next try has to wait.
    pub fn is_backing_off(&self, now: Mono) -> bool {
        !self.is_asked && self.pace.not_before() > now
    }

    /// Keeps what the app said, for another account or after the store was read again.
    pub(super) fn hand_over(&mut self, to: &mut Self) {
        to.wanted = self.wanted.take();
    }

    pub(super) fn retry_now(&mut self) {
        self.pace.reset();
    }
}
