//! Adapters to payment systems.

pub mod signed_orders;
pub mod unconfigured;

pub use signed_orders::SignedOrders;
pub use unconfigured::Unconfigured;
