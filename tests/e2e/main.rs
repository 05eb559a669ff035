//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod console;
mod tidy;
