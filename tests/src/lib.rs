//! The world outside of Toruk, for the system's tests and the demo: passkeys, the payment
//! system, FCM, a scanner for malware, clocks and sample lots.
//!
//! # Why
//! Nothing here is a mock inside the server's process: the payment system and FCM are HTTP
//! servers of their own, so the tests meet the same adapters, sockets and failures as production.

pub mod answer;
pub mod bare_client;
pub mod bindings;
pub mod browser;
pub mod clamd;
pub mod clock;
pub mod day;
pub mod deaths;
pub mod fcm;
pub mod harness;
mod listening;
pub mod lots;
pub mod passkey;
pub mod payment_system;
pub mod perf;
pub mod phone;
pub mod postgres;
pub mod process;
pub mod seed;
pub mod sim;
pub mod stage;
pub mod watcher;
pub mod wire;
pub mod world;
