//! The bid path: bids are accepted, queued and decided in batches.

pub mod decide;
pub mod intake;
pub mod queue;
