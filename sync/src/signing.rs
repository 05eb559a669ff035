//! The bytes that are signed.
//!
//! A signature never covers a CRDT or a struct's accidental encoding, but a *payload*: plain values
//! in canonical JSON (RFC 8785 for values without floats: keys in code point order, no white
//! space), under the name of its kind, so that a signature of one kind can't serve as another.

use crate::canonical;
use crate::domain::auction::{ProtocolFile, ProtocolSubject, Terms};
use crate::domain::form::FieldId;
use crate::domain::id::{AuctionId, BidId, BidderNo, DeviceId, PersonId};
use crate::domain::lot::{PublishedLot, SealedLot};
use crate::domain::money::Tyiyn;
use crate::draft::FileRef;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A complete application in the form that its person signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplicationPayload {
    /// The auction of the application.
    pub auction: AuctionId,
    /// The person who applies.
    pub person: PersonId,
    /// The phone on which it was signed.
    pub device: DeviceId,
    /// The version of the terms that were shown.
    pub terms_version: u64,
    /// [`terms_hash`] of the terms that were shown, hex.
    pub terms_hash: String,
    /// The form's name, such as `application`.
    pub form: String,
    /// The version of the form.
    pub form_version: u32,
    /// The answers by field.
    pub answers: BTreeMap<FieldId, String>,
    /// The files, in order.
    pub files: Vec<FileRef>,
}

/// A bid in the form that the device key signs. It names its bidder and device, so that nobody else
/// can send it as theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidPayload {
    /// The auction of the bid.
    pub auction: AuctionId,
    /// The bidder's account.
    pub person: PersonId,
    /// The phone whose key signs.
    pub device: DeviceId,
    /// The bid's id.
    pub bid: BidId,
    /// The epoch it was made in.
    pub epoch: u32,
    /// The round it was made on.
    pub round: u64,
    /// The price it was made on.
    pub price: Tyiyn,
    /// The whole new price.
    pub amount: Tyiyn,
}

/// A bid in the form that phones registered before [`DevicePayload`] may still sign: it names no
/// bidder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidPayloadV1 {
    /// The auction of the bid.
    pub auction: AuctionId,
    /// The bid's id.
    pub bid: BidId,
    /// The epoch it was made in.
    pub epoch: u32,
    /// The round it was made on.
    pub round: u64,
    /// The price it was made on.
    pub price: Tyiyn,
    /// The whole new price.
    pub amount: Tyiyn,
}

/// A phone's key in the form that the key itself signs when it is registered: who registers a key
/// has its private half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePayload {
    /// The ceremony that registers it, chosen by the server; a proof serves no other.
    pub ceremony: Uuid,
    /// The phone.
    pub device: DeviceId,
    /// Its P-256 public key as the registration names it: SEC 1 uncompressed, base64.
    pub public_key: String,
}

/// The end of a phone in the form in which its owner confirms it by another door than a passkey:
/// a lost phone of somebody who has none. Confirmed twice it ends once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationPayload {
    /// The owner.
    pub person: PersonId,
    /// The phone that is revoked.
    pub device: DeviceId,
    /// Also if the account has no other passkey than the one made on that phone.
    pub end_last_passkey: bool,
}

/// The result in the form that the winner signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProtocolPayload {
    /// The auction's id.
    pub auction: AuctionId,
    /// The auction's public number.
    pub number: String,
    /// The winner's bidder number.
    pub winner: BidderNo,
    /// The final price.
    pub price: Tyiyn,
    /// The number of bidders.
    pub participants: u16,
    /// The number of accepted raises.
    pub rounds: u64,
    /// The hash at the head of the log when bidding closed, in hex.
    pub log_head: String,
    /// The protocol's files, which are signed by their hashes; none in what earlier versions signed.
    ///
    /// # Why by their hashes
    /// A passkey and eID sign no file. So all ways of signing cover the same bytes, and one
    /// signature covers the protocol in all its languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ProtocolFile>,
}

/// The files of an official protocol in the form that the organiser's official signs. The log has
/// its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProtocolFilesPayload {
    /// The auction's id.
    pub auction: AuctionId,
    /// The decision that the protocol is about.
    pub of: ProtocolSubject,
    /// The files.
    pub files: Vec<ProtocolFile>,
}

/// A contract's file in the form that the winner and the lot holder's official sign. Its digest is
/// what the log names when both have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContractPayload {
    /// The auction's id.
    pub auction: AuctionId,
    /// The auction's public number.
    pub number: String,
    /// The winner's bidder number.
    pub winner: BidderNo,
    /// The price of the award.
    pub price: Tyiyn,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
}

/// Data that can be signed.
pub trait SignedPayload: Serialize {
    /// The kind's name, part of the signed bytes.
    const KIND: &'static str;

    /// The bytes to sign: the kind's name, a line feed, canonical JSON.
    fn canonical(&self) -> Vec<u8> {
        let mut bytes = format!("{}\n", Self::KIND).into_bytes();
        bytes.extend_from_slice(canonical_json(self).as_bytes());
        bytes
    }

    /// SHA-256 of the canonical bytes.
    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.canonical()).into()
    }
}

impl SignedPayload for ApplicationPayload {
    const KIND: &'static str = "toruk/application/v1";
}

impl SignedPayload for BidPayload {
    const KIND: &'static str = "toruk/bid/v2";
}

impl SignedPayload for BidPayloadV1 {
    const KIND: &'static str = "toruk/bid/v1";
}

impl SignedPayload for DevicePayload {
    const KIND: &'static str = "toruk/device/v1";
}

impl SignedPayload for RevocationPayload {
    const KIND: &'static str = "toruk/revocation/v1";
}

impl SignedPayload for ProtocolPayload {
    const KIND: &'static str = "toruk/protocol/v1";
}

impl SignedPayload for ProtocolFilesPayload {
    const KIND: &'static str = "toruk/protocol-files/v1";
}

impl SignedPayload for ContractPayload {
    const KIND: &'static str = "toruk/contract/v1";
}

/// The hash of an auction's terms, in hex: the terms that a bidder agreed to. It covers the lot's
/// facts and documents by [`Terms::lot_hash`].
pub fn terms_hash(terms: &Terms) -> String {
    hex::encode(Sha256::digest(canonical_json(terms)))
}

/// Returns `true` if a package with this hash was signed for these terms: as they are, or without
/// the lot's hash.
///
/// # Why both
/// Phones of versions before the lot's hash drop it when they read the terms. What they sign still
/// names the version of the terms, which rises with every correction.
pub fn is_signed_for(terms: &Terms, hash: &str) -> bool {
    terms_hash(terms) == hash || terms_hash(&Terms { lot_hash: None, ..terms.clone() }) == hash
}

/// A lot with the hash by which the terms name it.
pub fn seal_lot(lot: PublishedLot) -> SealedLot {
    let hash = hex::encode(Sha256::digest(canonical_json(&lot)));
    SealedLot::new(lot, hash)
}

/// Canonical JSON of a value whose numbers are integers.
///
/// # Panics
/// If the value can't be JSON or contains a float: a defect of the type, not of its content.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> String {
    canonical::to_string(value).unwrap_or_else(|error| panic!("not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_json_sorts_keys_and_spares_white_space() {
        let value = json!({"b": [1, {}, []], "a": {"Ө": "\u{1}", "y": null}, "": true});
        assert_eq!(
            canonical_json(&value),
            "{\"\":true,\"a\":{\"y\":null,\"Ө\":\"\\u0001\"},\"b\":[1,{},[]]}"
        );
    }

    #[test]
    #[should_panic(expected = "a float can't be signed")]
    fn a_float_can_not_be_signed() {
        canonical_json(&json!(0.1));
    }
}
