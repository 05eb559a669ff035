//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod access;
mod auction_day;
mod bids;
mod console;
mod console_access;
mod crowd;
mod deliveries;
mod hygiene;
mod killed;
mod offline;
mod payments;
mod refusals;
mod scene;
mod sockets;
mod tidy;
mod verify_log;
