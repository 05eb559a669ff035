//! The adapter to the payment system.
