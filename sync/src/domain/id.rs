//! Ids of things. An id of one kind can't be passed for another.
//!
//! # Why one form
//! A UUID may be written in capitals, in braces, without hyphens. What is signed has one form, and
//! who sends another one has signed other bytes than the server checks: it is refused where it is
//! read, and not as a signature that does not hold.

use serde::de::{Deserializer, Visitor};
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
        pub struct $name(#[serde(deserialize_with = "one_form")] pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdFault;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parsed(text).map(Self)
            }
        }
    )+};
}

/// A text is no id, or not in the form that ids have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID in lower case, with its hyphens")]
pub struct IdFault;

fn parsed(text: &str) -> Result<Uuid, IdFault> {
    let id = Uuid::try_parse(text).map_err(|_| IdFault)?;
    let mut written = [0; uuid::fmt::Hyphenated::LENGTH];
    match *id.hyphenated().encode_lower(&mut written) == *text {
        true => Ok(id),
        false => Err(IdFault),
    }
}

/// Reads an id in the only form it has.
///
/// # Errors
/// For every other form.
pub(crate) fn one_form<'de, D: Deserializer<'de>>(from: D) -> Result<Uuid, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Uuid;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(&IdFault, to)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Uuid, E> {
            parsed(text).map_err(E::custom)
        }
    }
    match from.is_human_readable() {
        true => from.deserialize_str(Text),
        false => Uuid::deserialize(from),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let id = "7c7f765c-54b4-4aa3-bd75-d38ab35b525c";
        let quoted = |text: &str| serde_json::from_str::<AuctionId>(&format!("\"{text}\""));
        assert_eq!(id.parse::<AuctionId>().unwrap(), quoted(id).unwrap());
        for other in [
            "7C7F765C-54B4-4AA3-BD75-D38AB35B525C",
            "7c7f765c54b44aa3bd75d38ab35b525c",
            "{7c7f765c-54b4-4aa3-bd75-d38ab35b525c}",
            "urn:uuid:7c7f765c-54b4-4aa3-bd75-d38ab35b525c",
            "7c7f765c-54b4-4aa3-bd75-d38ab35b525c ",
            "",
        ] {
            assert_eq!(other.parse::<AuctionId>(), Err(IdFault), "{other}");
            assert!(quoted(other).is_err(), "{other}");
        }
    }
}
