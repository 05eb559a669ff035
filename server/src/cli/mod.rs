//! What the program does besides serving.

pub mod verify_log;
