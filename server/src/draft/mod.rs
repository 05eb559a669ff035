//! Drafts of applications: merged, never decided.

mod merging;
pub mod service;
mod store;

pub use merging::MergingDrafts;
pub use service::{Error, Prospect, Service};
