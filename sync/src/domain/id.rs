//! Ids of things. An id of one kind can't be passed for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// One attempt to sell or lease one lot.
    AuctionId,
    /// The thing to be sold or leased.
    LotId,
    /// A natural person with an account, bidder or official.
    PersonId,
    /// A balance holder or an organiser.
    OrganisationId,
    /// One person's application to one auction.
    ApplicationId,
    /// A bid, named by the phone that sends it: a UUIDv7, because time-ordered keys append to an
    /// index instead of scattering over it.
    BidId,
    /// One installation of the app.
    DeviceId,
    /// The guarantee of one application.
    DepositId,
    /// One attempt to pay a deposit, named by the phone.
    IntentId,
    /// A draft of an application; derived, see [`crate::draft::draft_id`].
    DraftId,
    /// A file's place on the server while it is uploaded and after.
    BlobId,
}

/// A participant's public number in one auction, from 1.
///
/// Numbers are assigned by a seeded shuffle when applications close, never by arrival: the order of
/// arrival would reveal who is who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct BidderNo(pub u16);

impl fmt::Display for BidderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
