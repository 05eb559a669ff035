//! Invariants of all pages, texts and templates.

mod forfeits;
mod gallery;
mod hygiene;
mod money;
mod organisations;
mod own_access;
mod payments;
mod price_rules;
mod results;
pub mod samples;
