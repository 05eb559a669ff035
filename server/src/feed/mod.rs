//! What a phone pulls and follows.

pub mod routes;
pub mod service;

pub mod hub;

pub use hub::Hub;
pub use service::{Error, Service};
