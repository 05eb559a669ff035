//! Wakes followers of an auction when its log has grown. Carries no data: a follower reads the log.

/// Wakes followers.
#[derive(Default)]
pub struct Hub;
