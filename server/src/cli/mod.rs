//! Commands of the program other than serving.

pub mod verify_log;
