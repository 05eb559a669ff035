//! Reads the workspace's own Rust sources and texts: which module refers to which, and the counts
//! that the architecture tests hold down.
//!
//! [`modules`] resolves names, [`graph`] finds circles, [`walls`] compares references with tables
//! of what is allowed, [`prose`] finds words that the voice of the house excludes, and [`counts`]
//! adds up. The tables themselves are in `tests/e2e/architecture`.
//!
//! # Why a crate of its own
//! It needs a parser and nothing of Toruk, so `tests/counts` builds in seconds on an empty target
//! directory.
//!
//! # Limits
//! References are found by name. A method called on a value whose type is never named in the file
//! is not seen, nor is a name that only a macro of another crate makes.
#![forbid(unsafe_code)]

pub mod counts;
pub mod excluded_words;
pub mod facts;
pub mod files;
pub mod graph;
pub mod modules;
pub mod prose;
pub mod walls;
