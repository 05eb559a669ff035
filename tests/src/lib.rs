//! The tests of the whole system, the demo and the benchmarks, and what they need around Toruk:
//! phones, passkeys, clocks and sample lots ([`world`]), a payment system, FCM and a malware
//! scanner ([`outside`]).
//!
//! [`day`] is the auction day that `cargo demo` plays, [`sim`] and [`crash`] are simulations in
//! which phones, network and disks fail, [`proof`] is what `cargo prove` does to the real server,
//! [`bindings`] plays the phone's core from Python, Kotlin and Swift, [`browser`] drives the
//! console in Chromium, [`perf`] is `cargo perf`. Which test shows what: `tests/README.md`.
//!
//! # Why
//! Nothing here is a mock inside the server's process: the payment system and FCM are HTTP
//! servers of their own, so the tests meet the same adapters, sockets and failures as production.

pub mod bindings;
pub mod browser;
pub mod crash;
pub mod day;
pub mod output;
pub mod outside;
pub mod perf;
pub mod proof;
pub mod sim;
pub mod terminal;
pub mod world;
