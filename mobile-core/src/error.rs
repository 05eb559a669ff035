//! Errors by what an app can do about them.

use crate::platform::PlatformError;
use crate::store::StoreError;
use std::collections::HashMap;

/// The reason why a call failed. Apps translate the codes; no text here is meant for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// A rule of the phone or the server forbids it.
    #[error("refused: {code} {params:?}")]
    Refused {
        /// A `ProblemCode`, or one of the phone's own codes.
        code: String,
        /// Values for the placeholders of the code's translation.
        params: HashMap<String, String>,
    },
    /// There is no connection, or it broke. Saved data is not affected.
    #[error("no connection")]
    Offline,
    /// There is no session. Waiting operations are kept; sign in again.
    #[error("signed out")]
    SignedOut,
    /// The app is too old for this server.
    #[error("the app is too old")]
    OutOfDate,
    /// The phone's storage is full. Nothing was changed, and saved data is not affected: try again
    /// when there is room.
    #[error("the phone's storage is full")]
    StorageFull,
    /// This core was closed; open another.
    #[error("closed")]
    Closed,
    /// The phone's store was damaged and has just been repaired: see `store_repairs`. This call
    /// changed nothing; try again.
    #[error("the store was repaired")]
    StoreRepaired,
    /// A newer version of the app wrote the data. It is left alone, and the app must be updated.
    #[error("the data is of a newer app")]
    StoreTooNew,
    /// Another process, or another core of this one, has the folder open.
    #[error("the data is in use")]
    StoreInUse,
    /// The server's address is neither `https://…` nor `http://…` of this machine (`localhost`,
    /// `127.0.0.0/8`, `[::1]`). Nothing was opened or sent.
    #[error("the server's address is not safe")]
    UnsafeAddress,
    /// A defect, or a platform service that failed.
    #[error("internal: {detail}")]
    Internal {
        /// Details for engineers, not for people.
        detail: String,
    },
}

impl CoreError {
    /// A refusal whose code needs no parameters.
    pub(crate) fn refused(code: &str) -> Self {
        Self::Refused { code: code.to_owned(), params: HashMap::new() }
    }

    pub(crate) fn internal(detail: impl ToString) -> Self {
        Self::Internal { detail: detail.to_string() }
    }
}

impl From<StoreError> for CoreError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StorageFull,
            StoreError::TooNew { .. } => Self::StoreTooNew,
            StoreError::InUse => Self::StoreInUse,
            StoreError::Closed => Self::Closed,
            StoreError::Damaged(_) | StoreError::Sealed { .. } => Self::StoreRepaired,
            error => Self::internal(error),
        }
    }
}

impl From<PlatformError> for CoreError {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::Cancelled => Self::refused("cancelled"),
            PlatformError::Failed { reason } => Self::internal(reason),
        }
    }
}
