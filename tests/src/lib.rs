//! The world outside of Toruk, for the system's tests and the demo: passkeys, the payment
//! system, FCM, a scanner for malware, clocks and sample lots.
//!
//! # Why
//! Nothing here is a mock inside the server's process: the payment system and FCM are HTTP
//! servers of their own, so the tests meet the same adapters, sockets and failures as production.

pub mod bindings;
pub mod browser;
pub mod crash;
pub mod day;
pub mod outside;
pub mod perf;
pub mod proof;
pub mod sim;
pub mod terminal;
pub mod world;
