//! A phone's copy of the server's data, and keeping it up to date: rows in scopes, each scope with
//! a counter of its own without gaps, all behind one opaque cookie.
//!
//! A phone sends its last cookie and gets the changes since, in pages. It saves the pages until the
//! last one is there, and then shows all of them at once. A row's number is that of its last
//! change, not of every change: a phone that was away for a year gets each row once.
//!
//! # Why a row's value is plain JSON here
//! A server may be newer than the phone. A row of an unknown kind is kept as it came and skipped;
//! the phone reads it after an update.
//!
//! # Why an auction's counter is the length of its log
//! An auction changes only by its log, one entry at a time. A second counter beside it would cost
//! the bid path a write and could only disagree.

use super::catalogue::{AuctionCard, AuctionView};
use super::operations::{ApplicationView, DraftView, Outcome};
use crate::domain::file::FileLimits;
use crate::domain::id::{AuctionId, DeviceId};
use crate::domain::time::Timestamp;
use crate::draft::Followed;
use crate::receipt::ApplicationReceipt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The protocol that this code speaks, sent as the header [`PROTOCOL_HEADER`]. Since 2, a winner
/// signs the files of the result's protocol too ([`PROTOCOL_WITH_FILES`]).
pub const PROTOCOL: u32 = 2;
/// The first protocol in which a winner signs the hashes of the protocol's files. A phone that speaks
/// an older one does not know the field: what it signs, and is asked, is the result without files.
pub const PROTOCOL_WITH_FILES: u32 = 2;
/// The header that carries [`PROTOCOL`]: a phone sends it with its token, and the server puts it on
/// each of its answers. An answer without it is someone else's, such as a sign-in page of the
/// network, and decides nothing.
pub const PROTOCOL_HEADER: &str = "sync-protocol";
/// The oldest protocol that a server of this version accepts. An older phone gets
/// `upgrade_required`, and can still deliver drafts and files.
pub const PROTOCOL_MIN: u32 = 1;

/// A set of rows with a counter of its own. As text: `catalogue`, `person`, `auction:<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Every published auction's card; the same for everyone.
    Catalogue,
    /// The data of the person who asks.
    Person,
    /// One auction that the person follows or takes part in.
    Auction(AuctionId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue => f.write_str("catalogue"),
            Self::Person => f.write_str("person"),
            Self::Auction(auction) => write!(f, "auction:{auction}"),
        }
    }
}

/// The text names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a scope")]
pub struct NoScope;

impl FromStr for Scope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        match text {
            "catalogue" => Ok(Self::Catalogue),
            "person" => Ok(Self::Person),
            _ => {
                let auction = text.strip_prefix("auction:").ok_or(NoScope)?;
                auction.parse().map(Self::Auction).map_err(|_| NoScope)
            }
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The kinds of rows that this version knows, by their names on the wire.
pub mod kind {
    /// In [`super::Scope::Catalogue`], by auction: [`super::AuctionCard`].
    pub const CARD: &str = "card";
    /// In [`super::Scope::Auction`], by auction: [`super::AuctionView`].
    pub const AUCTION: &str = "auction";
    /// In [`super::Scope::Person`], by auction: [`super::ApplicationView`].
    pub const APPLICATION: &str = "application";
    /// In [`super::Scope::Person`], by auction: [`super::DraftView`]. Removed when it is closed.
    pub const DRAFT: &str = "draft";
    /// In [`super::Scope::Person`], by `<device>:<op_no>`: [`super::OutcomeView`]. Removed when the
    /// phone that sent the operation acknowledged it, or after
    /// [`super::super::limits::OUTCOME_DAYS`].
    pub const OUTCOME: &str = "outcome";
    /// In [`super::Scope::Person`], one row with the empty name: [`super::Followed`].
    pub const FOLLOWED: &str = "followed";
    /// In [`super::Scope::Person`], by a name of its own: [`super::ApplicationReceipt`]. The oldest
    /// are removed when there are more than [`super::super::limits::RECEIPTS_PULLED_MAX`]; a phone
    /// keeps what it has seen.
    pub const RECEIPT: &str = "receipt";
}

/// Requests the changes since a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// The cookie of the last reply; without one, everything is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Operations of this phone whose outcomes the person has seen; at most
    /// [`super::limits::ACKED_MAX`]. Repeating one changes nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acked: Vec<u64>,
    /// `true` to include the whole catalogue.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub catalogue: bool,
    /// `true` to get a digest of the expected rows with the last page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub digest: bool,
    /// The most rows of a page, if fewer than [`super::limits::PULL_ROWS_MAX`] are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
}

/// One row that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Row {
    /// The row's scope.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    #[serde(rename = "s")]
    pub scope: Scope,
    /// The row's kind, one of [`kind`].
    #[serde(rename = "k")]
    pub kind: String,
    /// The name, unique within its kind.
    pub id: String,
    /// The scope's counter at the row's last change.
    pub seq: u64,
    /// The content; absent if the row was removed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// The content of a row of a known kind.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // Read one at a time, and taken apart at once.
pub enum Entity {
    /// The content of [`kind::CARD`].
    Card(AuctionCard),
    /// The content of [`kind::AUCTION`].
    Auction(AuctionView),
    /// The content of [`kind::APPLICATION`].
    Application(ApplicationView),
    /// The content of [`kind::DRAFT`].
    Draft(DraftView),
    /// The content of [`kind::OUTCOME`].
    Outcome(OutcomeView),
    /// The content of [`kind::FOLLOWED`].
    Followed(Followed),
    /// The content of [`kind::RECEIPT`].
    Receipt(Box<ApplicationReceipt>),
}

impl Row {
    /// Parses the content; `None` for a removed row, an unknown kind, or content that this version
    /// can't read.
    pub fn entity(&self) -> Option<Entity> {
        fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
            T::deserialize(value).ok()
        }
        let value = self.value.as_ref()?;
        match self.kind.as_str() {
            kind::CARD => read(value).map(Entity::Card),
            kind::AUCTION => read(value).map(Entity::Auction),
            kind::APPLICATION => read(value).map(Entity::Application),
            kind::DRAFT => read(value).map(Entity::Draft),
            kind::OUTCOME => read(value).map(Entity::Outcome),
            kind::FOLLOWED => read(value).map(Entity::Followed),
            kind::RECEIPT => read(value).map(Entity::Receipt),
            _ => None,
        }
    }
}

/// A decided operation, as all phones of its person see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeView {
    /// The phone that sent the operation.
    pub device: DeviceId,
    /// The auction of the operation; absent if it concerns none.
    pub auction: Option<AuctionId>,
    /// The kind of operation, by the name of [`super::operations::Operation`]'s variant.
    pub operation: String,
    /// The decision on it.
    pub outcome: Outcome,
}

/// The reason why a scope is sent again in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The removals since the cookie are no longer known.
    TooOld,
    /// The server was restored from a backup, and the cookie is newer.
    ServerRestored,
    /// The server did not give this cookie to this person.
    NotOurs,
}

/// A digest of the rows that a phone should have of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "WireDigest", into = "WireDigest")]
pub struct Digest {
    /// Rows that are not removed.
    pub rows: u64,
    /// Exclusive or of the first eight bytes of SHA-256 of `kind LF id LF seq`, over all rows.
    pub sum: u64,
}

/// A digest as it is sent. The sum goes through all of 64 bits, and a reader whose only number type
/// is a double would lose the last of them; it takes the text. Phones of the first versions know
/// the number alone.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Digest))]
struct WireDigest {
    /// Rows that are not removed.
    rows: u64,
    /// The sum as a number, for readers that have all of its 64 bits.
    sum: u64,
    /// The sum in decimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum_text: Option<String>,
}

impl From<Digest> for WireDigest {
    fn from(Digest { rows, sum }: Digest) -> Self {
        Self { rows, sum, sum_text: Some(sum.to_string()) }
    }
}

impl TryFrom<WireDigest> for Digest {
    type Error = std::num::ParseIntError;

    fn try_from(WireDigest { rows, sum, sum_text }: WireDigest) -> Result<Self, Self::Error> {
        let sum = sum_text.map_or(Ok(sum), |text| text.parse())?;
        Ok(Self { rows, sum })
    }
}

impl Digest {
    /// Adds a row. Order does not matter; adding it twice removes it.
    pub fn add(&mut self, kind: &str, id: &str, seq: u64) {
        let hash = Sha256::digest(format!("{kind}\n{id}\n{seq}"));
        let (first, _) = hash.split_at(8);
        let first = first.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        self.rows = self.rows.wrapping_add(1);
        self.sum ^= first;
    }
}

/// One page of what changed.
///
/// Scopes in `reset` are sent in full from this page on: the phone's old rows of them are removed
/// when the last page is shown. Scopes in `removed` no longer belong to the person. Neither affects
/// the phone's own data: drafts, waiting operations, files, unseen outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PullReply {
    /// The identity of the server's database; it changes when another one is used.
    pub epoch: Uuid,
    /// The server's time of the page.
    pub server_time: Timestamp,
    /// The next operation number that the server expects of this phone. If the phone has seen
    /// higher ones decided, the server was restored, and needs them again.
    pub next_op_no: u64,
    /// The changed rows, ordered by scope and, within one, by counter.
    pub rows: Vec<Row>,
    /// Scopes that no longer belong to the person.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Scope>,
    /// Scopes that are sent again in full.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, ResetReason>))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reset: BTreeMap<Scope, ResetReason>,
    /// `true` if there are more pages; ask with the new cookie.
    pub more: bool,
    /// The digest of the expected rows, on the last page, if it was requested.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, WireDigest>>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<BTreeMap<Scope, Digest>>,
    /// The cookie for the next request; opaque to the phone.
    pub cookie: String,
    /// Seconds for which the server asks for no automatic requests; a person's own request is
    /// exempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_s: Option<u32>,
    /// The server's limits of files, for the time without a connection: with the first page of a
    /// phone that has no cookie, and whenever a digest is requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_limits: Option<FileLimits>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        let auction = Scope::Auction(AuctionId(Uuid::from_u128(7)));
        for scope in [Scope::Catalogue, Scope::Person, auction] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
            let json = serde_json::to_value(scope).unwrap();
            assert_eq!(serde_json::from_value::<Scope>(json).unwrap(), scope);
        }
        for text in ["", "Person", "auction:", "auction:x", "auction", "person:1"] {
            assert_eq!(text.parse::<Scope>(), Err(NoScope), "{text}");
        }
    }

    #[test]
    fn a_row_of_a_newer_server_is_kept_as_it_came() {
        let wire = json!({"s": "person", "k": "hologram", "id": "1", "seq": 9, "v": {"depth": 3}});
        let row: Row = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(row.entity(), None);
        assert_eq!(serde_json::to_value(&row).unwrap(), wire);
    }

    #[test]
    fn a_digest_loses_no_bit_in_a_client_that_counts_in_doubles() {
        let sum = (1 << 53) + 1;
        let digest = Digest { rows: 2, sum };
        let wire = serde_json::to_value(digest).unwrap();
        assert_eq!(wire, json!({"rows": 2, "sum": sum, "sum_text": "9007199254740993"}));
        for (wire, expected) in [
            (wire, Some(digest)),
            // A server of the first versions.
            (json!({"rows": 2, "sum": sum}), Some(digest)),
            // Through a client in which the number was a double.
            (json!({"rows": 2, "sum": 1_u64 << 53, "sum_text": sum.to_string()}), Some(digest)),
            (json!({"rows": 2, "sum": sum, "sum_text": "many"}), None),
        ] {
            assert_eq!(serde_json::from_value(wire).ok(), expected);
        }
    }

    #[test]
    fn a_digest_does_not_depend_on_order_and_tells_rows_apart() {
        let of = |rows: &[(&str, &str, u64)]| {
            let mut digest = Digest::default();
            rows.iter().for_each(|(kind, id, seq)| digest.add(kind, id, *seq));
            digest
        };
        let whole = of(&[("draft", "a", 1), ("outcome", "b", 2)]);
        assert_eq!(whole, of(&[("outcome", "b", 2), ("draft", "a", 1)]));
        for other in [
            vec![("draft", "a", 1)],
            vec![("draft", "a", 1), ("outcome", "b", 3)],
            vec![("draft", "b", 1), ("outcome", "a", 2)],
            vec![("drafta", "", 1), ("outcome", "b", 2)],
        ] {
            assert_ne!(whole, of(&other), "{other:?}");
        }
    }
}
