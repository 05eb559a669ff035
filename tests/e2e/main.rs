//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod access;
mod auction_day;
mod bids;
mod console;
mod console_access;
mod deliveries;
mod hygiene;
mod killed;
mod live;
mod offline;
mod payments;
mod refusals;
mod scene;
mod tidy;
