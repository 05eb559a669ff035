//! The bid path: bids are accepted, queued and decided in batches.

pub mod admission;
pub mod answer;
pub mod batch;
pub mod decide;
pub mod intake;
pub mod places;
pub mod queue;
pub mod stamps;
