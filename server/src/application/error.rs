//! Why applications reject a call.

use crate::db::StoreError;
use crate::{blob, identity};
use toruk_sync::domain::application::Rejection;

/// The reasons of a rejection by applications.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the official's roles allows this, or the application is another person's.
    #[error("forbidden")]
    Forbidden,
    /// A rule was violated.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// More than [`toruk_sync::protocol::limits::PUSH_OPS_MAX`].
    #[error("too many operations in one push")]
    TooManyOps,
    /// More than [`toruk_sync::protocol::limits::OPERATIONS_PER_DAY_MAX`] of this person.
    #[error("too many operations within a day")]
    TooManyToday,
    /// The files are complete but not scanned yet: nothing was decided, the arrival is recorded,
    /// and the same delivery later counts from it.
    #[error("files are still being scanned")]
    FilesScanning,
    /// Nobody says now whether the signer's certificate was revoked; nothing was decided.
    #[error("it is not known whether the certificate was revoked")]
    RevocationUnknown,
    /// A command of a phone that must be updated first.
    #[error("the app is too old")]
    UpgradeRequired,
    /// A file could not be read.
    #[error(transparent)]
    Blob(#[from] blob::Error),
    /// The official must not decide here; the conflict is recorded.
    #[error("conflict of interest: {}", .0.key())]
    Conflict(identity::Conflict),
    /// The person takes part in an auction that is not over, or is owed money.
    #[error("the person is still needed")]
    StillNeeded,
    /// A person's name or passkeys could not be read.
    #[error("identity failed")]
    Identity(#[source] identity::Error),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::Forbidden> for Error {
    fn from(_: identity::Forbidden) -> Self {
        Self::Forbidden
    }
}

impl From<identity::Error> for Error {
    fn from(error: identity::Error) -> Self {
        match error {
            identity::Error::Store(error) => Self::Store(error),
            error => Self::Identity(error),
        }
    }
}
