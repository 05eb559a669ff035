//! The whole of sync in one thread, chosen by one number: phones' engines over stores that crash,
//! a network that loses, doubles, delays and cuts, and a real server that is killed, on a clock
//! that moves when the story says so.
//!
//! # Why the engines and not the apps' object
//! The object adds a runtime and sockets, which choose their own order. The engine and the
//! server's router are the parts that decide, and both can be stepped. What is above and below
//! them is driven by the tests of whole phones.

mod check;
mod disk;
mod phone;
mod server;
mod story;

pub use server::Yard;
pub use story::{Tally, play};
