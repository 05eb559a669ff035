//! Drafts of applications: merged, never decided.

pub mod service;
mod store;

pub use service::{Error, Prospect, Service};
