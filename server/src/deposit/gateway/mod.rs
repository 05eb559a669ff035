//! Adapters to payment systems.

pub mod signed_orders;

pub use signed_orders::SignedOrders;
