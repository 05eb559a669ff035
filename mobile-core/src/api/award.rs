//! The result of an auction: read, and confirmed or refused, by its winner.

use super::confirm_by::ConfirmBy;
use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::mutex::lock;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::instalments::Instalment;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ProtocolPayload, SignedPayload as _};

/// The auction's result, as the winner is asked to sign it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ResultProtocol {
    /// The auction's public number.
    pub number: String,
    /// The bidder number of the winner.
    pub winner: u16,
    /// The final price, tyiyn.
    pub price: i64,
    /// The number of bidders.
    pub participants: u16,
    /// The number of accepted raises; 0 if the sole applicant is offered the lot at the start price.
    pub rounds: u64,
    /// The hash at the head of the log when bidding closed, or applications of a sole applicant, in
    /// hex.
    pub log_head: String,
    /// The deadline for the confirmation, Unix µs, exclusive.
    pub confirm_by: i64,
    /// The parts in which the price would be paid; empty if it is paid at once.
    pub instalments: Vec<PricePart>,
}

/// A part of a price that is paid in parts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PricePart {
    /// Its number, from 1.
    pub number: u16,
    /// The whole part, tyiyn.
    pub amount: i64,
    /// What the guarantee deposit pays of it, tyiyn.
    pub counted: i64,
    /// The months after the contract; 0 for the first, which is due the working day after it.
    pub months: u16,
}

impl PricePart {
    fn of(part: &Instalment) -> Self {
        Self {
            number: part.number,
            amount: part.amount.get(),
            counted: part.counted.get(),
            months: part.months,
        }
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The auction's result, for the winner to read before signing.
    ///
    /// # Errors
    /// `not_found` if this person is not the winner; [`CoreError::Offline`].
    pub async fn protocol(&self, auction: String) -> Result<ResultProtocol, CoreError> {
        let auction = auction_id(&auction)?;
        let view = self.fetch_protocol(auction).await?;
        let mut shown = lock(&self.shown);
        shown.insert(auction, view.protocol.digest());
        let protocol = view.protocol;
        Ok(ResultProtocol {
            number: protocol.number,
            winner: protocol.winner.0,
            price: protocol.price.get(),
            participants: protocol.participants,
            rounds: protocol.rounds,
            log_head: protocol.log_head,
            confirm_by: view.confirm_by.0,
            instalments: view.instalments.iter().map(PricePart::of).collect(),
        })
    }

    /// Signs the result, if it is the one that `protocol` returned last.
    ///
    /// # Errors
    /// `protocol_changed`, `deadline_passed`, `cancelled`; [`CoreError::Offline`]: see `auction`
    /// for whether the confirmation arrived.
    pub async fn confirm_award(&self, auction: String) -> Result<(), CoreError> {
        self.confirm_award_by(auction, ConfirmBy::Passkey).await
    }

    /// Refuses the award, if this person is the proposed winner. It cannot be undone, and the
    /// deposit may be forfeited: the app asks whether they are sure, by what `protocol` returned.
    ///
    /// # Errors
    /// `forbidden` if this person is not the winner, `deadline_passed`, `wrong_state`;
    /// [`CoreError::Offline`]: see `auction` for whether the refusal arrived.
    pub async fn refuse_award(&self, auction: String) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let path = format!("/v1/auctions/{auction}/award");
        let answer = AnswerAward::Refuse {};
        self.signed_empty(ApiRequest::json(RequestKind::RefuseAward, &path, &answer)).await
    }
}

impl Core {
    /// Signs the result in this way; see [`Self::confirm_award`].
    pub(super) async fn confirm_award_by(
        &self,
        auction: String,
        by: ConfirmBy,
    ) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let protocol = self.shown_protocol(auction).await?;
        let confirmation = self.confirm_by(&protocol, by).await?;
        self.send_award(auction, confirmation).await
    }

    /// The result as it is now, unless another one was shown.
    pub(super) async fn shown_protocol(
        &self,
        auction: AuctionId,
    ) -> Result<ProtocolPayload, CoreError> {
        let protocol = self.fetch_protocol(auction).await?.protocol;
        let shown = lock(&self.shown).get(&auction).copied();
        match shown.is_some_and(|shown| shown != protocol.digest()) {
            true => Err(CoreError::refused("protocol_changed")),
            false => Ok(protocol),
        }
    }

    pub(super) async fn send_award(
        &self,
        auction: AuctionId,
        confirmation: Confirmation,
    ) -> Result<(), CoreError> {
        let path = format!("/v1/auctions/{auction}/award");
        let answer = AnswerAward::Confirm { confirmation };
        self.signed_empty(ApiRequest::json(RequestKind::ConfirmAward, &path, &answer)).await
    }

    pub(super) async fn fetch_protocol(
        &self,
        auction: AuctionId,
    ) -> Result<ProtocolView, CoreError> {
        let path = format!("/v1/auctions/{auction}/protocol");
        self.signed(ApiRequest::new(RequestKind::ReadProtocol, &path)).await
    }
}
