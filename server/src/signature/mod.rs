//! Proof that a person confirmed a package: one port, an adapter for each way.
