//! A passkey ceremony between its two requests, as its challenge carries it.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::identity::ChallengePurpose;
use uuid::Uuid;

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

/// The kinds of accounts. An account never changes its kind: an official's passkey opens no
/// bidder's session, and a bidder's none of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// Applies and bids.
    Bidder,
    /// Enrolled by an invitation, whether or not a role is left.
    Official,
}

impl AccountKind {
    /// The kind's name in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Bidder => "bidder",
            Self::Official => "official",
        }
    }
}

/// The purpose of a ceremony and the data it needs when it is finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceremony {
    /// The new account of a bidder.
    Registration {
        /// The person to create.
        person: NewPerson,
    },
    /// The new account of an official.
    Enrolment {
        /// Hash of the token of the invitation that it uses.
        invitation: String,
        /// The person to create.
        person: NewPerson,
    },
    /// The sign-in of a phone.
    PhoneSignIn {
        /// The passkey that must answer; any, if absent.
        named: Option<String>,
    },
    /// A browser signs in to the console.
    ConsoleSignIn,
    /// A person who is signed in ends a part of their access.
    EndAccess {
        /// The only person whose answer counts.
        person: PersonId,
        /// The part that ends.
        part: OwnAccess,
    },
    /// A person who is signed in asks for a code for their next device.
    NextDevice {
        /// The only person whose answer counts.
        person: PersonId,
    },
    /// A new passkey of an account, by a code.
    AddPasskey {
        /// Hash of the code that it uses.
        link: String,
        /// The person, who exists.
        person: NewPerson,
    },
    /// A new passkey of a bidder who was proven otherwise.
    Recovery {
        /// The person, who exists.
        person: NewPerson,
    },
    /// The sign-in of a phone by a certificate's signature.
    CertificateSignIn,
    /// A certificate's signature that leads to a new passkey.
    CertificateRecovery,
    /// An official who is signed in will prove their eID.
    LinkEid {
        /// The only person whose answer counts.
        person: PersonId,
        /// Hash of the token of the session in which it was asked for, and is finished.
        session: String,
    },
}

/// A part of one's own access that can be ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case", deny_unknown_fields)]
pub enum OwnAccess {
    /// One console session.
    Session {
        /// Its id in the list.
        id: String,
    },
    /// All console sessions but the one in use.
    OtherSessions {},
    /// Another phone.
    Phone {
        /// The phone.
        device: DeviceId,
        /// Also if the account has no other passkey than the one made on that phone.
        end_last_passkey: bool,
    },
    /// One passkey, unless it is the last.
    Passkey {
        /// WebAuthn's credential id, base64url.
        id: String,
    },
    /// An official's sign-in by eID, and all console sessions but the one in use.
    Eid {},
}

impl Ceremony {
    /// The purpose that its challenge shows.
    pub fn purpose(&self) -> ChallengePurpose {
        match self {
            Self::Registration { .. } => ChallengePurpose::Registration,
            Self::Enrolment { .. } => ChallengePurpose::Enrolment,
            Self::PhoneSignIn { .. } => ChallengePurpose::SignIn,
            Self::ConsoleSignIn => ChallengePurpose::ConsoleSignIn,
            Self::EndAccess { .. } => ChallengePurpose::EndAccess,
            Self::NextDevice { .. } => ChallengePurpose::NextDevice,
            Self::AddPasskey { .. } => ChallengePurpose::AddPasskey,
            Self::Recovery { .. } => ChallengePurpose::Recovery,
            Self::CertificateSignIn => ChallengePurpose::CertificateSignIn,
            Self::CertificateRecovery => ChallengePurpose::CertificateRecovery,
            Self::LinkEid { .. } => ChallengePurpose::LinkEid,
        }
    }

    /// The kind's name in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Registration { .. } => "registration",
            Self::Enrolment { .. } => "enrolment",
            Self::PhoneSignIn { .. } => "sign_in",
            Self::ConsoleSignIn => "console_sign_in",
            Self::EndAccess { .. } => "end_access",
            Self::NextDevice { .. } => "next_device",
            Self::AddPasskey { .. } => "add_passkey",
            Self::Recovery { .. } => "recovery",
            Self::CertificateSignIn => "certificate_sign_in",
            Self::CertificateRecovery => "certificate_recovery",
            Self::LinkEid { .. } => "link_eid",
        }
    }
}

/// Where a sign-in by eID was begun, and for what: an answer for one is of no use at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EidDoor {
    /// A phone signs in.
    PhoneSignIn,
    /// A phone registers a passkey of an account that exists.
    Recovery,
    /// A person who is signed in confirms an act.
    Confirmation,
    /// An official signs in to the console.
    ConsoleSignIn,
    /// An official who is signed in to the console proves who they are.
    ConsoleLink,
}

impl EidDoor {
    /// The kind's name in the database.
    pub fn kind(self) -> &'static str {
        match self {
            Self::PhoneSignIn => "eid_sign_in",
            Self::Recovery => "eid_recovery",
            Self::Confirmation => "eid_confirmation",
            Self::ConsoleSignIn => "eid_console_sign_in",
            Self::ConsoleLink => "eid_console_link",
        }
    }

    /// Returns `true` if the person has to authenticate at the provider again, also if their
    /// browser is signed in there.
    pub fn wants_fresh(self) -> bool {
        // Officials share computers, and a console session decides about others.
        !matches!(self, Self::PhoneSignIn)
    }
}

/// A ceremony under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCeremony {
    /// Unique; one answer to it counts.
    pub id: Uuid,
    /// The deadline for the answer, exclusive.
    pub until: Timestamp,
    /// Its purpose and data.
    pub ceremony: Ceremony,
}

/// The part of a ceremony that keeps a second answer to it from counting.
#[derive(Clone, Copy)]
pub struct SingleUse {
    pub id: Uuid,
    pub kind: &'static str,
    pub until: Timestamp,
}

impl SingleUse {
    /// Of a ceremony that is not a passkey's.
    pub fn new(id: Uuid, kind: &'static str, until: Timestamp) -> Self {
        Self { id, kind, until }
    }
}
