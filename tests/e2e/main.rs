//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod bids;
mod deliveries;
mod killed;
mod payments;
mod tidy;
