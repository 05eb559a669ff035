//! Invariants of all pages, texts and templates.

mod gallery;
mod hygiene;
pub mod samples;
