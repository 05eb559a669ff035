//! The contract's file, which the winner and the lot holder's official both sign.
//!
//! # Why the log has one hash
//! The log says that the contract is signed by the digest of what both have signed
//! ([`crate::signing::ContractPayload`]), which names the file by its hash. The content is nobody's
//! but the parties', and a log holds no signatures: they are kept with the file.

use crate::domain::time::Timestamp;
use crate::protocol::operations::Confirmation;
use crate::signing::ContractPayload;
use serde::{Deserialize, Serialize};

/// The contract as the winner reads and signs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContractView {
    /// The data that is signed.
    pub contract: ContractPayload,
    /// The file's title, as the official wrote it.
    pub title: String,
    /// The end of the time in which it is to be signed, exclusive.
    pub contract_by: Option<Timestamp>,
    /// The server's time of the winner's signature.
    pub winner_signed_at: Option<Timestamp>,
    /// The server's time of the lot holder's signature.
    pub holder_signed_at: Option<Timestamp>,
}

/// The winner's signature under the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignContract {
    /// The signature over [`ContractView::contract`].
    pub confirmation: Confirmation,
}
