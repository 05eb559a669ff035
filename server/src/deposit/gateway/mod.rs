//! Adapters to payment systems.

mod client;
pub mod signed_orders;
pub mod unconfigured;

pub use client::client;
pub use signed_orders::SignedOrders;
pub use unconfigured::Unconfigured;
