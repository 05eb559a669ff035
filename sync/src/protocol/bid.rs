//! A bid on the wire. It needs a connection; repeating it with the same id gives the same answer.

use crate::domain::auction::bidding::Basis;
use crate::domain::id::{AuctionId, BidId, DeviceId, PersonId};
use crate::domain::instalments::Instalment;
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use crate::protocol::operations::Confirmation;
use crate::receipt::Receipt;
use crate::signing::{BidPayload, BidPayloadV1, ProtocolPayload};
use serde::{Deserialize, Serialize};

/// Raises the price by one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceBid {
    /// The id, made by the phone.
    pub bid: BidId,
    /// The epoch the bidder saw.
    pub epoch: u32,
    /// The round and price the bidder saw.
    pub basis: Basis,
    /// The whole new price.
    pub amount: Tyiyn,
    /// The phone's time of sending, by its own clock; evidence only.
    pub client_sent_at: Timestamp,
    /// ECDSA P-256 with SHA-256 over [`BidPayload`]'s canonical bytes by the device key,
    /// fixed-size, base64.
    pub signature: String,
}

impl PlaceBid {
    /// The payload that the key of this person's device signs.
    pub fn package(&self, auction: AuctionId, person: PersonId, device: DeviceId) -> BidPayload {
        BidPayload {
            auction,
            person,
            device,
            bid: self.bid,
            epoch: self.epoch,
            round: self.basis.round,
            price: self.basis.price,
            amount: self.amount,
        }
    }

    /// The payload that phones of the last version sign.
    pub fn package_v1(&self, auction: AuctionId) -> BidPayloadV1 {
        BidPayloadV1 {
            auction,
            bid: self.bid,
            epoch: self.epoch,
            round: self.basis.round,
            price: self.basis.price,
            amount: self.amount,
        }
    }
}

/// The answer to a bid, accepted or rejected; the same if it is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BidReply {
    /// The signed decision.
    pub receipt: Receipt,
    /// The server's time of the answer.
    pub server_time: Timestamp,
}

/// The result that the winner is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProtocolView {
    /// The result to sign.
    pub protocol: ProtocolPayload,
    /// The deadline for the confirmation, exclusive.
    pub confirm_by: Timestamp,
    /// The parts in which the price would be paid, as the protocol's files have them; none where it
    /// is paid at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
}

/// The winner's answer to the award.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerAward {
    /// "I confirm", signed over the protocol.
    Confirm {
        /// The winner's signature.
        confirmation: Confirmation,
    },
    /// "I refuse" the award.
    Refuse {},
}
