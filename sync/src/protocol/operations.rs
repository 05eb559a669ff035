//! Operations that a phone prepares without a connection and delivers later: parts of drafts, which
//! merge, and commands, which the server decides exactly once.
//!
//! A bid is neither: [`Operation`] has no variant that could hold one, and so no queue can.

use crate::domain::application::{Application, Rejection};
use crate::domain::deposit::{Deposit, Intent};
use crate::domain::form::{FieldFault, FieldId};
use crate::domain::id::{ApplicationId, AuctionId, BidderNo, DraftId, PersonId};
use crate::domain::rules::ConfirmationMethod;
use crate::domain::time::Timestamp;
use crate::draft::{DeltaFault, DraftState, Followed};
use crate::protocol::signature::SignatureFault;
use crate::receipt::{ApplicationReceipt, Opening};
use crate::signing::{ApplicationPayload, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An operation that can wait on a phone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A part of a draft.
    EditDraft {
        /// The draft to edit.
        draft: DraftId,
        /// The auction of the draft.
        auction: AuctionId,
        /// The part that changed.
        part: DraftState,
    },
    /// The auctions that are followed.
    EditFollowed {
        /// The whole set of followed auctions.
        followed: Followed,
    },
    /// A complete, signed application.
    SubmitApplication {
        /// The signed content.
        package: ApplicationPayload,
        /// The signature under it.
        confirmation: Confirmation,
    },
    /// Withdraw an application.
    WithdrawApplication {
        /// The application's id.
        application: ApplicationId,
    },
}

/// The proof that a person confirmed a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Confirmation {
    /// WebAuthn's assertion whose challenge is the package's digest.
    Passkey {
        /// `PublicKeyCredential` as JSON, from the assertion.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        credential: Value,
    },
    /// A certificate's signature (ЭЦП) over the package's canonical bytes.
    Cms {
        /// The detached CMS signature: DER in base64, at most
        /// [`super::signature::SIGNATURE_BYTES_MAX`] bytes.
        signature: String,
    },
    /// The state's eID, at which the person has authenticated again for this package.
    Eid {
        /// The server's seal ([`super::eid::EidConfirmed`]), for this package's digest; used once.
        seal: String,
    },
}

impl Confirmation {
    /// The method that it claims to be.
    pub fn method(&self) -> ConfirmationMethod {
        match self {
            Self::Passkey { .. } => ConfirmationMethod::Passkey,
            Self::Cms { .. } => ConfirmationMethod::Eds,
            Self::Eid { .. } => ConfirmationMethod::Eid,
        }
    }
}

/// One waiting operation with its place in the phone's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// The position in the phone's order, from 1, without gaps.
    pub op_no: u64,
    /// The person, who must be the session's.
    pub person: PersonId,
    /// The operation itself.
    pub operation: Operation,
}

impl Operation {
    /// Returns `true` if it is merged, and not decided.
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
    /// The content's hash, in hex: one number stands for one content for ever.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(canonical_json(&self.operation)))
    }
}

/// Delivers waiting operations, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The operations, at most [`super::limits::PUSH_OPS_MAX`].
    pub ops: Vec<Op>,
}

/// The decision on an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The draft was merged.
    Merged {
        /// The whole draft after merging.
        draft: DraftState,
    },
    /// The draft was closed by an accepted application; nothing was merged.
    DraftClosed,
    /// The followed auctions were merged.
    Following {
        /// The whole set after merging.
        followed: Followed,
    },
    /// The application was received.
    Submitted {
        /// The new application's id.
        application: ApplicationId,
        /// The server's time when the whole package had arrived.
        received_at: Timestamp,
        /// The package's hash, hex.
        package_hash: String,
    },
    /// The application was withdrawn.
    Withdrawn,
    /// Nothing was done; the person's work is kept.
    Refused(OperationRejection),
}

/// The reason why an operation was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationRejection {
    /// The part breaks a rule of drafts.
    Draft(DeltaFault),
    /// A rule rejected the application.
    Application(Rejection),
    /// The form is not complete.
    Incomplete {
        /// The faults by field or slot.
        faults: BTreeMap<FieldId, FieldFault>,
    },
    /// Files are not on the server, or belong to another account.
    FilesMissing {
        /// SHA-256 of each missing file, in hex.
        sha256: Vec<String>,
    },
    /// The scanner found malware in files; the server has deleted them.
    FilesInfected {
        /// SHA-256 of each infected file, in hex.
        sha256: Vec<String>,
    },
    /// Conflicting answers from two phones must be resolved first.
    UnresolvedConflicts {
        /// The names of the fields in conflict.
        fields: Vec<FieldId>,
    },
    /// The applicant has a conflict of interest with the sale, or a fault of their own.
    ConflictOfInterest {
        /// Its name, such as `same_organisation` or `already_applied`.
        conflict: String,
    },
    /// The signature is not valid.
    BadSignature,
    /// The signature by certificate is refused.
    SignatureRefused {
        /// The reason.
        fault: SignatureFault,
        /// The object identifier of an algorithm or extension that is not known here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        oid: Option<String>,
    },
    /// The confirmation by eID was used, or its time has passed: the person confirms again.
    ConfirmationExpired,
    /// There is no such auction or application, or it is another person's.
    NotFound,
    /// The number was used for another content: the phone must register again.
    OpConflict,
}

impl OperationRejection {
    /// The rejection as a receipt states it: its code, and the value that the code needs.
    pub fn receipt_word(&self) -> String {
        match self {
            Self::Application(rejection) => match rejection {
                Rejection::DeadlinePassed { tender_end } => {
                    format!("deadline_passed {}", tender_end.0)
                }
                Rejection::TermsChanged { version } => format!("terms_changed {version}"),
                Rejection::Duplicate { application } => format!("duplicate {application}"),
                plain => code(plain),
            },
            other => code(other),
        }
    }
}

/// The name of a rejection on the wire.
fn code<T: Serialize>(rejection: &T) -> String {
    match serde_json::to_value(rejection) {
        Ok(Value::String(code)) => code,
        Ok(Value::Object(members)) => members.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// An operation's stored outcome. Stays until the phone acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// The operation's number.
    pub op_no: u64,
    /// The decision on it.
    pub verdict: Verdict,
    /// The server's time of the decision.
    pub decided_at: Timestamp,
    /// The signed receipt of a decision on an application. Absent for what merges, for what nobody
    /// has, and from servers that gave none; pulled outcomes are without it, as receipts are rows of
    /// their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<ApplicationReceipt>>,
}

/// The answer to a [`Push`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushReply {
    /// One outcome for each decided operation, in order; fewer than were sent if one could not be
    /// decided now.
    pub outcomes: Vec<Outcome>,
    /// The number the server expects next.
    pub next_op_no: u64,
    /// The server's time of the answer.
    pub server_time: Timestamp,
}

/// One application of the person, with its deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicationView {
    /// The application itself.
    pub application: Application,
    /// Its deposit, once there is one.
    pub deposit: Option<Deposit>,
    /// Attempts to pay, the newest first.
    pub intents: Vec<Intent>,
    /// The person's number, once numbers are given.
    pub bidder_no: Option<BidderNo>,
    /// Opens the person's commitment in the log; with the number, and from servers that give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
}

/// One open draft of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftView {
    /// The draft's id.
    pub id: DraftId,
    /// The auction of the draft.
    pub auction: AuctionId,
    /// The whole draft, as the server has it.
    pub state: DraftState,
}

/// The state of a resumable upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlobView {
    /// SHA-256 of the whole content, hex.
    pub sha256: String,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// The number of bytes that have arrived.
    pub offset: u64,
    /// `true` if it is complete, verified and may be referred to.
    pub stored: bool,
}
