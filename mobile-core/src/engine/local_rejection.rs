//! Rejections by the phone's own rules, before anything reaches the server.

use crate::error::CoreError;
use std::collections::HashMap;

/// The reason why the phone itself rejects a command; the app translates the code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say what they mean.
pub enum LocalRejection {
    #[error("nobody has ever signed in on this phone")]
    NoAccount,
    #[error("too much is waiting; connect first")]
    OutboxFull,
    #[error("the answer or file is too large")]
    TooLarge,
    #[error("the file is empty")]
    EmptyFile,
    #[error("a PDF, JPEG or PNG is needed")]
    UnknownFile,
    #[error("the server would refuse the file in {0}, or already did")]
    UnusableFile(String),
    #[error("not found on this phone")]
    NotFound,
    #[error("the auction is not known on this phone yet")]
    AuctionUnknown,
    #[error("the form has faults")]
    Incomplete,
    #[error("answers of two phones conflict: {0:?}")]
    UnresolvedConflicts(Vec<String>),
    #[error("applications are closed")]
    DeadlinePassed,
    #[error("the price has changed since it was shown")]
    StaleQuote,
    #[error("the operator published two histories of this auction")]
    HistoryContradicted,
    #[error("this phone became a new device: sign again")]
    SignAgain,
    #[error("no bid is possible now: {0}")]
    CannotBid(&'static str),
}

impl LocalRejection {
    /// The code of the rejection, for apps.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAccount => "no_account",
            Self::OutboxFull => "outbox_full",
            Self::TooLarge => "too_large",
            Self::EmptyFile => "file_empty",
            Self::UnknownFile => "file_unknown",
            Self::UnusableFile(_) => "file_unusable",
            Self::NotFound => "not_found",
            Self::AuctionUnknown => "auction_unknown",
            Self::Incomplete => "incomplete",
            Self::UnresolvedConflicts(_) => "unresolved_conflicts",
            Self::DeadlinePassed => "deadline_passed",
            Self::StaleQuote => "stale_quote",
            Self::HistoryContradicted => "history_contradicted",
            Self::SignAgain => "sign_again",
            Self::CannotBid(button) => button,
        }
    }
}

impl From<LocalRejection> for CoreError {
    fn from(rejection: LocalRejection) -> Self {
        let mut params = HashMap::new();
        if let LocalRejection::UnresolvedConflicts(fields) = &rejection {
            params.insert("fields".to_owned(), fields.join(","));
        }
        if let LocalRejection::UnusableFile(slot) = &rejection {
            params.insert("slot".to_owned(), slot.clone());
        }
        match rejection {
            LocalRejection::NoAccount => Self::SignedOut,
            rejection => Self::Refused { code: rejection.code().to_owned(), params },
        }
    }
}
