//! Delivers what was told.
