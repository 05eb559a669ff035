//! What a phone prepares without a connection and delivers later: parts of drafts, which merge,
//! and commands, which the server decides exactly once.
//!
//! A bid is neither: [`Operation`] has no variant that could hold one, and so no queue can.

use crate::domain::application::{Application, Rejection};
use crate::domain::deposit::{Deposit, Intent};
use crate::domain::form::{FieldFault, FieldId};
use crate::domain::id::{ApplicationId, AuctionId, BidderNo, DraftId, PersonId};
use crate::domain::time::Timestamp;
use crate::draft::{DeltaFault, DraftState, Followed};
use crate::signing::{ApplicationPayload, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a phone may have waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A part of a draft.
    EditDraft {
        /// Which draft.
        draft: DraftId,
        /// For which auction.
        auction: AuctionId,
        /// What changed.
        part: DraftState,
    },
    /// The auctions that are followed.
    EditFollowed {
        /// The whole set.
        followed: Followed,
    },
    /// A complete, signed application.
    SubmitApplication {
        /// What is signed.
        package: ApplicationPayload,
        /// How.
        confirmation: Confirmation,
    },
    /// Take an application back.
    WithdrawApplication {
        /// Which.
        application: ApplicationId,
    },
}

/// Proof that a person confirmed a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Confirmation {
    /// WebAuthn's assertion whose challenge is the package's digest.
    Passkey {
        /// `PublicKeyCredential`, as JSON.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        credential: Value,
    },
}

/// One waiting operation with its place in the phone's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Position in the phone's order, from 1, without gaps.
    pub op_no: u64,
    /// Whose; must be whose session it is.
    pub person: PersonId,
    /// What.
    pub operation: Operation,
}

impl Operation {
    /// Whether it merges with what is there, and is not decided.
    pub fn merges(&self) -> bool {
        matches!(self, Self::EditDraft { .. } | Self::EditFollowed { .. })
    }

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EditDraft { .. } => "edit_draft",
            Self::EditFollowed { .. } => "edit_followed",
            Self::SubmitApplication { .. } => "submit_application",
            Self::WithdrawApplication { .. } => "withdraw_application",
        }
    }
}

impl Op {
    /// The content's hash, hex: one number stands for one content for ever.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(canonical_json(&self.operation)))
    }
}

/// Delivers waiting operations, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// At most [`super::limits::PUSH_OPS_MAX`].
    pub ops: Vec<Op>,
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The draft as it is after merging.
    Merged {
        /// The whole draft.
        draft: DraftState,
    },
    /// The draft was closed by an accepted application; nothing was merged.
    DraftClosed,
    /// The followed auctions as they are after merging.
    Following {
        /// The whole set.
        followed: Followed,
    },
    /// The application is in.
    Submitted {
        /// The application.
        application: ApplicationId,
        /// When the whole package was received.
        received_at: Timestamp,
        /// The package's hash, hex.
        package_hash: String,
    },
    /// The application is taken back.
    Withdrawn,
    /// Nothing was done; the person's work is kept.
    Refused(OperationRejection),
}

/// Why an operation was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationRejection {
    /// The part breaks a rule of drafts.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Draft(DeltaFault),
    /// A rule refused the application.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    Application(Rejection),
    /// The form is not complete.
    Incomplete {
        /// Each fault by field or slot.
        faults: BTreeMap<FieldId, FieldFault>,
    },
    /// Files are not on the server, or not of this account.
    FilesMissing {
        /// Their hashes, hex.
        sha256: Vec<String>,
    },
    /// The scanner found malware in files; the server has deleted them.
    FilesInfected {
        /// Their hashes, hex.
        sha256: Vec<String>,
    },
    /// Answers from two phones must be settled first.
    UnresolvedConflicts {
        /// In which fields.
        fields: Vec<FieldId>,
    },
    /// The signature does not hold.
    BadSignature,
    /// There is no such auction or application, or it is another person's.
    NotFound,
    /// The number was used for another content: the phone must register anew.
    OpConflict,
}

/// An operation's stored outcome. Stays until the phone acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// Which operation.
    pub op_no: u64,
    /// What became of it.
    pub verdict: Verdict,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// The answer to a [`Push`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushReply {
    /// One for each operation that was decided, in order; fewer than were sent when one could not
    /// be decided now.
    pub outcomes: Vec<Outcome>,
    /// The number the server expects next.
    pub next_op_no: u64,
    /// The server's time.
    pub server_time: Timestamp,
}

/// One application of the person, with its deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationView {
    /// The application.
    pub application: Application,
    /// Its deposit, once there is one.
    pub deposit: Option<Deposit>,
    /// Attempts to pay, the newest first.
    pub intents: Vec<Intent>,
    /// The person's number, once numbers are given.
    pub bidder_no: Option<BidderNo>,
}

/// What the server holds of a person: "my auctions".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mine {
    /// The applications, the newest first.
    pub applications: Vec<ApplicationView>,
    /// Open drafts by auction.
    pub drafts: Vec<DraftView>,
    /// The server's time.
    pub server_time: Timestamp,
}

/// One open draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftView {
    /// Which.
    pub id: DraftId,
    /// For which auction.
    pub auction: AuctionId,
    /// The whole draft.
    pub state: DraftState,
}

/// A file that is to be uploaded: the resumable upload's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlobView {
    /// SHA-256 of the whole content, hex.
    pub sha256: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// How much has arrived.
    pub offset: u64,
    /// Whether it is whole, verified and may be referred to.
    pub stored: bool,
}
