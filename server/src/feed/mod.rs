//! What a phone pulls and follows.

pub mod routes;
pub mod service;

pub mod hub;
mod lanes;
mod pressure;
mod pull;
mod ring;
mod store;
mod stream;
mod tail;
mod turn;

pub use hub::Hub;
pub use pressure::Gauge;
pub use service::{Error, Service};
