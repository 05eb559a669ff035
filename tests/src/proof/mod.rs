//! The harness that proves the bid path: it lets a real `toruk serve` be bid at, killed, failed
//! under and raced, and holds every answer it gave against the log it left.
//!
//! `cargo prove --help` runs the parts; the same parts run at a smaller size among the tests.

pub mod arrivals;
pub mod bidder;
pub mod chance;
pub mod crowd;
pub mod db_audit;
pub mod deadline_race;
pub mod disk_faults;
pub mod full_disk;
pub mod history;
pub mod kill_loop;
pub mod mutants;
pub mod process;
pub mod slow_commit;
pub mod stops;
pub mod strace;
pub mod wire;
