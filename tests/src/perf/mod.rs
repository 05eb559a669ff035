//! The benchmarks of `cargo perf`.

pub mod bids;
pub mod crowd;
pub mod curves;
pub mod fanout;
pub mod files;
pub mod neighbours;
pub mod phone;
pub mod reads;
pub mod server;
pub mod sync;
pub mod table;
