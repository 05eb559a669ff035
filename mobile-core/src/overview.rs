//! The state of everything at one moment, as the first event of a listener and a call give it.

/// How everything is at one moment. What it counts has a call of its own.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Overview {
    /// Whose phone this is, if anybody's.
    pub person: Option<String>,
    /// Whether there is a session.
    pub signed_in: bool,
    /// Whether the platform says that there is a network.
    pub online: bool,
    /// Whether a live stream is there.
    pub connected: bool,
    /// Auctions whose live screen is open.
    pub watched: Vec<String>,
    /// Operations that wait.
    pub waiting: u32,
    /// Files that wait.
    pub files_waiting: u32,
    /// Outcomes that were not acknowledged.
    pub outcomes: u32,
    /// Refused operations that the person has not dealt with.
    pub attention: u32,
}
