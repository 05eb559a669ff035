//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod access;
mod auction_day;
mod bids;
mod console;
mod console_access;
mod deliveries;
mod hygiene;
mod killed;
mod offline;
mod outages;
mod payments;
mod refusals;
mod scene;
mod suspension;
mod tidy;
