//! Adapters to payment systems.

mod breaker;
mod client;
pub mod signed_orders;
pub mod unconfigured;

pub use breaker::Breaker;
pub use client::client;
pub use signed_orders::SignedOrders;
pub use unconfigured::Unconfigured;
