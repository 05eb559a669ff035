//! A passkey ceremony between its two requests, as it is kept in the database.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::PersonId;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration,
};

/// The person a registration will create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPerson {
    /// The person's id, which is the passkey's user handle, too.
    pub id: PersonId,
    /// The person's display name.
    pub name: String,
    /// `ky`, `ru` or `en`.
    pub language: String,
}

/// The state of a ceremony under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceremony {
    /// The new account of a bidder.
    Registration {
        /// The person to create.
        person: NewPerson,
        /// The state that webauthn-rs needs to verify the answer.
        state: PasskeyRegistration,
    },
    /// The new account of an official.
    Enrolment {
        /// Hash of the token of the invitation that it uses.
        invitation: String,
        /// The person to create.
        person: NewPerson,
        /// The state that webauthn-rs needs to verify the answer.
        state: PasskeyRegistration,
    },
    /// The sign-in of a phone.
    PhoneSignIn(PasskeySignIn),
    /// A browser signs in to the console.
    ConsoleSignIn(PasskeySignIn),
}

impl Ceremony {
    /// The kind's name in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Registration { .. } => "registration",
            Self::Enrolment { .. } => "enrolment",
            Self::PhoneSignIn(_) | Self::ConsoleSignIn(_) => "sign_in",
        }
    }
}

/// The state of a sign-in that webauthn-rs needs to verify the answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeySignIn {
    /// With a passkey that was named.
    Named(PasskeyAuthentication),
    /// With any passkey that the platform has.
    Discovered(DiscoverableAuthentication),
}
