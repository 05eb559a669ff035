//! The harness that proves the bid path: it lets a real `toruk serve` be bid at, killed, failed
//! under and raced, and holds every answer it gave against the log it left.
//!
//! `cargo prove --help` runs the parts; the same parts run at a smaller size among the tests.

pub mod arrivals;
pub mod bidder;
pub mod chance;
pub mod clock_shift;
pub mod clocks;
pub mod crowd;
pub mod db_audit;
pub mod deadline_race;
pub mod disk_faults;
pub mod evidence;
pub mod failover;
pub mod full_disk;
pub mod history;
pub mod kill_loop;
pub mod mutants;
pub mod namespaces;
pub mod partitions;
pub mod pg_server;
pub mod process;
pub mod scene;
pub mod slow_commit;
pub mod stops;
pub mod strace;
pub mod wire;
