//! What an app can act on.

use crate::platform::PlatformError;
use crate::store::StoreError;
use std::collections::HashMap;

/// Why a call did not do what was asked. Apps translate codes; no text here is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// A rule said no, here or on the server.
    #[error("refused: {code} {params:?}")]
    Refused {
        /// A `ProblemCode`, or one of the phone's own.
        code: String,
        /// What the code's translation needs.
        params: HashMap<String, String>,
    },
    /// No connection, or it broke. Nothing that was saved is lost.
    #[error("no connection")]
    Offline,
    /// No session. What waits is kept; sign in again.
    #[error("signed out")]
    SignedOut,
    /// The app is too old for this server.
    #[error("the app is too old")]
    OutOfDate,
    /// The phone has no room left. Nothing that was saved is lost, and nothing was changed: try again
    /// when there is room.
    #[error("the phone's storage is full")]
    StorageFull,
    /// This core was closed; open another.
    #[error("closed")]
    Closed,
    /// The phone's store was damaged, and has just been put right: see `store_repairs`. Nothing was
    /// changed by this call; try again.
    #[error("the store was repaired")]
    StoreRepaired,
    /// A newer version of the app has been here: its data is left alone, and the app must be updated.
    #[error("the data is of a newer app")]
    StoreTooNew,
    /// Another process, or another core of this one, has the folder open.
    #[error("the data is in use")]
    StoreInUse,
    /// A defect, or a service of the phone that failed.
    #[error("internal: {detail}")]
    Internal {
        /// For engineers.
        detail: String,
    },
}

impl CoreError {
    /// A refusal with nothing to add to its code.
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
