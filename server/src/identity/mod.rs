//! People, their passkeys, sessions, phones and roles.
//!
//! [`service`] holds what all of them share; a person on a phone is in `phones`, an official in
//! the console in `officials`, registering phones in `devices`; all are methods of [`Service`].
//! `passkey` speaks WebAuthn and knows neither rows nor sessions.

mod access;
mod account_notices;
mod caller;
mod ceremony;
mod certificate;
mod challenge;
mod confirmation;
mod confirmed_revocation;
mod conflict;
mod devices;
mod eid;
mod error;
mod evidence;
mod evidence_file;
mod exported;
pub mod extract;
pub mod firm;
mod impartial;
mod next_device;
mod oddities;
mod official_certificate;
mod officials;
mod organisations;
mod own_access;
mod own_passkeys;
mod own_phones;
mod passkey;
mod passkey_review;
mod person_name;
mod persons;
mod phones;
pub mod proven;
mod proven_sign_in;
mod push_addresses;
mod push_attempts;
mod recovery;
pub mod role;
pub mod routes;
pub mod service;
mod session_cache;
mod store;
mod stream_viewer;
mod token;

pub use access::{
    InvitationRow, LinkedEid, OrganisationName, PasskeyRow, Revocation, SessionRow, StaffAccess,
    StaffRow,
};
pub use caller::{Bidder, Forbidden, Official};
pub use ceremony::{AccountKind, OwnAccess};
pub use confirmation::{Confirmed, NotConfirmed};
pub use conflict::Conflict;
pub use devices::PLATFORMS;
pub use eid::{
    ConsoleEid, EidEvidence, EidFault, EidHandOver, EidOnward, EidReturn, EidReturnFault,
};
pub use error::Error;
pub use evidence::{KeptAnswer, KeptEvidence, SignatureEvidence, UNUSED_KEPT};
pub use evidence_file::EvidenceFile;
pub use extract::cookie_name;
pub use firm::{FirmName, Membership, MembershipId, Organisation, Power};
pub use next_device::MadeCode;
pub use organisations::{NewMembership, OrganisationDetail};
pub use own_access::OfficialAccess;
pub use passkey_review::{PasskeyOwner, PasskeyReview};
pub use proven::{IdentityFault, ProvenIdentity, ProvenOrganisation, Provider};
pub use role::Role;
pub use service::Service;
pub use stream_viewer::{SessionKey, StreamViewer};
pub use token::SessionTokens;
