//! A snapshot of everything: the first event of a listener, and the answer of a call.

use crate::obstacle::Obstacle;

/// The counts and states at one moment. Each thing it counts has a call of its own.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Overview {
    /// The id of this phone's person, if anyone has signed in.
    pub person: Option<String>,
    /// `true` while there is a session.
    pub signed_in: bool,
    /// `true` if the platform reports a network.
    pub online: bool,
    /// `true` if a live stream is connected.
    pub connected: bool,
    /// The ids of the auctions whose live screen is open.
    pub watched: Vec<String>,
    /// The number of waiting operations.
    pub waiting: u32,
    /// The number of waiting files.
    pub files_waiting: u32,
    /// The number of outcomes that are not acknowledged.
    pub outcomes: u32,
    /// The number of refused operations that need the person.
    pub attention: u32,
    /// Something that answers in the server's place, if the last answer was its.
    #[uniffi(default = None)]
    pub obstacle: Option<Obstacle>,
}
