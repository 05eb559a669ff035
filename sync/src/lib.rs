//! Toruk's rules, drafts and protocol: plain data and pure functions.
//!
//! Three rooms with one direction, `protocol → draft → domain`, and three beside them:
//! [`signing`] says which bytes are signed, [`receipt`] what proves a decision afterwards,
//! [`verify`] whether a whole log is what the rules make.
//! Nothing here reads a clock, draws a random number or performs I/O: whoever calls brings the
//! time and the entropy, so that server, phone, auditor and simulation get the same answer.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod domain;
pub mod draft;
pub mod protocol;
pub mod receipt;
pub mod signing;
pub mod verify;
