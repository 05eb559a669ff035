//! The bid path: taken in, queued, decided together.

pub mod decide;
pub mod intake;
pub mod queue;
