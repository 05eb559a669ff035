//! The refusals of identity, without HTTP.

use super::conflict::Conflict;
use super::eid::{EidFailure, EidFault};
use super::proven::IdentityFault;
use crate::db::StoreError;
use crate::signature::cms::SignatureRefusal;
use toruk_sync::domain::id::PersonId;

/// The reasons of a rejection by identity.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No session, or one that has ended.
    #[error("signed out")]
    SignedOut,
    /// The phone was revoked.
    #[error("the device was revoked")]
    DeviceRevoked,
    /// The phone's id belongs to somebody else.
    #[error("the device is another person's")]
    DeviceTaken,
    /// The phone's key belongs to somebody else.
    #[error("the device key is another person's")]
    DeviceKeyTaken,
    /// A phone of a version that doesn't prove its key.
    #[error("the device key comes without a proof")]
    ProofMissing,
    /// The proof is not by the phone's key, or for another ceremony or phone.
    #[error("the proof of the device key is wrong")]
    ProofWrong,
    /// The passkey's answer is invalid or late.
    #[error("the ceremony failed")]
    CeremonyFailed,
    /// The invitation was used, has expired or never existed.
    #[error("the invitation is not valid")]
    InvitationInvalid,
    /// The code for a next device was used or replaced, has expired or never existed.
    #[error("the code is not valid")]
    CodeInvalid,
    /// The account has as many passkeys as it may have.
    #[error("too many passkeys")]
    TooManyPasskeys,
    /// The account's last passkey does not end by itself.
    #[error("this is the last passkey")]
    LastPasskey,
    /// A name is empty or too long, a key malformed.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The account has too many phones.
    #[error("too many devices")]
    TooManyDevices,
    /// The browser has subscribed to pushes too often.
    #[error("too many push addresses")]
    TooManyPushAddresses,
    /// None of the official's roles allows this.
    #[error("forbidden")]
    Forbidden,
    /// An account at the other kind's door.
    #[error("conflict of interest: {}", conflict.key())]
    Conflict {
        /// The conflict that was found.
        conflict: Conflict,
        /// The person of the account.
        person: PersonId,
    },
    /// A proven identity opens no account here.
    #[error("the proven identity is refused: {}", .0.key())]
    Identity(IdentityFault),
    /// A signature by certificate proves nobody.
    #[error(transparent)]
    Signature(#[from] SignatureRefusal),
    /// An answer of eID proves nobody.
    #[error("the answer of eID is refused: {}", .0.key())]
    Eid(EidFault),
    /// An act was not confirmed by its person.
    #[error("the confirmation does not hold")]
    ConfirmationWrong,
    /// A confirmation by eID was used, or its time has passed.
    #[error("the confirmation has expired")]
    ConfirmationExpired,
    /// The provider of eID does not answer.
    #[error("eID is unavailable")]
    EidUnavailable,
    /// Nobody could administer the server any more.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// Too many tokens of the old form wait to be looked up.
    #[error("too many tokens to look up")]
    Busy,
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EidFault> for Error {
    fn from(fault: EidFault) -> Self {
        Self::Eid(fault)
    }
}

impl From<EidFailure> for Error {
    fn from(failure: EidFailure) -> Self {
        match failure {
            EidFailure::Refused(fault) => Self::Eid(fault),
            EidFailure::Unavailable => Self::EidUnavailable,
        }
    }
}

impl From<super::caller::Forbidden> for Error {
    fn from(_: super::caller::Forbidden) -> Self {
        Self::Forbidden
    }
}
