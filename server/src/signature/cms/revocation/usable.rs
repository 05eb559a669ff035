//! Which answers of an issuer can be used.

use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Longest age of an answer that does not say when the next one comes.
const UNDATED_AGE_MAX: TimeSpan = TimeSpan::hours(24);
/// Largest lead of an issuer's clock.
const CLOCK_SKEW_MAX: TimeSpan = TimeSpan::minutes(5);

/// The reason why an answer can't be used; for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unusable {
    #[error("it can't be fetched: {0}")]
    Unreachable(String),
    #[error("it can't be read: {0}")]
    Malformed(&'static str),
    #[error("it is not by the certificate's issuer")]
    Foreign,
    #[error("it is of the future, or too old")]
    Stale,
    #[error("it is older than the one that is kept")]
    Older,
    #[error("it does not know the certificate")]
    Unknown,
}

/// The end of an answer's time: stated, or a while after its beginning.
///
/// # Errors
/// [`Unusable::Stale`] when `at` is not within it.
pub fn within(
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    at: Timestamp,
) -> Result<Timestamp, Unusable> {
    let end = next_update.unwrap_or(this_update + UNDATED_AGE_MAX);
    if this_update > at + CLOCK_SKEW_MAX || at > end { Err(Unusable::Stale) } else { Ok(end) }
}
