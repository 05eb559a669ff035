//! The data that phones pull, and the live streams that they follow.

pub mod routes;
pub mod service;

mod followers;
mod hub;
mod node_notifier;
mod node_tasks;
mod pressure;
mod pull;
mod ring;
mod single_flight;
mod store;
mod stream;
mod stream_slots;
mod tail;

pub use followers::Followers;
pub use pressure::Gauge;
pub use pull::PulledReply;
pub use service::{Error, Service, Sources};
