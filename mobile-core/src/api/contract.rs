//! The contract's file: the winner reads it, and signs exactly what they have read.

use super::confirm_by::ConfirmBy;
use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::mutex::lock;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::contract::{ContractView, SignContract};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ContractPayload, SignedPayload as _};

/// The contract, for the winner to read before signing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Contract {
    /// The file's title.
    pub title: String,
    /// The auction's public number.
    pub number: String,
    /// The price of the award, tyiyn.
    pub price: i64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// The deadline for the contract, Unix µs, exclusive.
    pub contract_by: Option<i64>,
    /// The server's time of this person's signature, Unix µs.
    pub winner_signed_at: Option<i64>,
    /// The server's time of the lot holder's signature, Unix µs: the contract is concluded.
    pub holder_signed_at: Option<i64>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The contract that the winner is asked to sign, once an official has uploaded it.
    ///
    /// # Errors
    /// `not_found` before that; `forbidden` if this person is not the winner;
    /// [`CoreError::Offline`].
    pub async fn contract(&self, auction: String) -> Result<Contract, CoreError> {
        let view = self.fetch_contract(auction_id(&auction)?).await?;
        let contract = view.contract;
        Ok(Contract {
            title: view.title,
            number: contract.number,
            price: contract.price.get(),
            sha256: contract.sha256,
            size_bytes: contract.size_bytes,
            contract_by: view.contract_by.map(|at| at.0),
            winner_signed_at: view.winner_signed_at.map(|at| at.0),
            holder_signed_at: view.holder_signed_at.map(|at| at.0),
        })
    }

    /// The contract's file, a PDF, whose hash is the one that `contract` names. What this call has
    /// returned last can be signed.
    ///
    /// # Errors
    /// As [`Self::contract`]; `forged` if the file is not the one that is to be signed.
    pub async fn contract_file(&self, auction: String) -> Result<Vec<u8>, CoreError> {
        let auction = auction_id(&auction)?;
        let view = self.fetch_contract(auction).await?;
        let path = format!("/v1/auctions/{auction}/contract/document");
        let ask = ApiRequest::new(RequestKind::ReadContractFile, &path);
        let file = self.signed_answer(ask).await?.body;
        if hex::encode(Sha256::digest(&file)) != view.contract.sha256 {
            return Err(CoreError::refused("forged"));
        }
        lock(&self.shown_contracts).insert(auction, view.contract.digest());
        Ok(file)
    }

    /// Signs the contract with the passkey, if it is the one that `contract_file` returned last.
    ///
    /// # Errors
    /// `contract_changed` if it is another, or was not read; `deadline_passed`, `cancelled`;
    /// [`CoreError::Offline`]: see `contract` for whether the signature arrived.
    pub async fn sign_contract(&self, auction: String) -> Result<(), CoreError> {
        self.sign_contract_by(auction, ConfirmBy::Passkey).await
    }
}

impl Core {
    /// Signs the contract in this way; see [`Self::sign_contract`].
    pub(super) async fn sign_contract_by(
        &self,
        auction: String,
        by: ConfirmBy,
    ) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let contract = self.shown_contract(auction).await?;
        let confirmation = self.confirm_by(&contract, by).await?;
        self.send_contract(auction, confirmation).await
    }

    /// The contract as it is now, if it is the one that was read last.
    pub(super) async fn shown_contract(
        &self,
        auction: AuctionId,
    ) -> Result<ContractPayload, CoreError> {
        let contract = self.fetch_contract(auction).await?.contract;
        let read = lock(&self.shown_contracts).get(&auction).copied();
        match read == Some(contract.digest()) {
            true => Ok(contract),
            false => Err(CoreError::refused("contract_changed")),
        }
    }

    pub(super) async fn send_contract(
        &self,
        auction: AuctionId,
        confirmation: Confirmation,
    ) -> Result<(), CoreError> {
        let path = format!("/v1/auctions/{auction}/contract");
        let body = SignContract { confirmation };
        self.signed_empty(ApiRequest::json(RequestKind::SignContract, &path, &body)).await
    }

    pub(super) async fn fetch_contract(
        &self,
        auction: AuctionId,
    ) -> Result<ContractView, CoreError> {
        let path = format!("/v1/auctions/{auction}/contract");
        self.signed(ApiRequest::new(RequestKind::ReadContract, &path)).await
    }
}
