//! Commands of the program other than serving.

pub mod encrypted;
pub mod receipt_key;
pub mod staff;
pub mod verify_log;
