//! What a phone pulls and follows.

pub mod routes;
pub mod service;

pub mod hub;
pub mod node_notifier;
mod pressure;
mod pull;
mod ring;
mod single_flight;
mod store;
mod stream;
mod stream_slots;
mod tail;

pub use hub::Hub;
pub use pressure::Gauge;
pub use service::{Error, Service};
