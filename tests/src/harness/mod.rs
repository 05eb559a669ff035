//! The harness that proves the bid path: it lets a real `toruk serve` be bid at, killed, failed
//! under and raced, and holds every answer it gave against the log it left.
//!
//! `cargo prove --help` runs the parts; the same parts run at a smaller size among the tests.

pub mod bidder;
pub mod books;
pub mod chance;
pub mod crowd;
pub mod deadlines;
pub mod faults;
pub mod history;
pub mod kills;
pub mod planted;
pub mod process;
pub mod strace;
pub mod waiting;
pub mod wire;
