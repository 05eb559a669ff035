//! Commands of the program other than serving.

pub mod backup;
pub mod disk;
pub mod doctor;
pub mod eid;
pub mod encrypted;
pub mod gateway;
pub mod person;
pub mod push;
pub mod receipt_key;
pub mod signatures;
pub mod staff;
pub mod startup;
pub mod stop_signal;
pub mod verify_log;
