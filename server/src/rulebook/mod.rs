//! The rules for new auctions: profiles in versions, changed by two officials, each number with its
//! legal basis.
//!
//! # Why in the database, and a copy in each auction
//! The law changes while auctions run. An auction keeps the profile that it was published under;
//! only its calendar of working days follows, by a record of its log, because days off are moved
//! by decree for everybody at once.
//!
//! # Why a file still counts
//! A server begins with the profile of its configuration. The first version that two officials
//! approve takes its place.

mod fields;
mod figures;
mod profiles;
pub mod service;
mod simulations;
mod store;

pub use fields::{
    FieldKind, PROFILE_FIELDS, ProfileField, ProfileFieldFault, field_text, with_fields,
};
pub use profiles::{PendingProfile, ProfileProposal, StoredProfile};
pub use service::{Error, Service};
pub use simulations::{SimulatedAuction, Simulation};
