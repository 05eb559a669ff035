//! Toruk's rules, drafts and protocol: plain data and pure functions.
//!
//! Three modules with one direction, `protocol → draft → domain`, and three beside them:
//! [`signing`] defines the bytes that are signed, [`receipt`] proves a decision afterwards, and
//! [`verify`] checks a whole log against the rules. Nothing here reads a clock, draws a random
//! number or performs I/O: the caller supplies time and entropy, so that server, phone, auditor and
//! simulation get the same result.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod domain;
pub mod draft;
pub mod protocol;
pub mod receipt;
pub mod signing;
pub mod verify;
