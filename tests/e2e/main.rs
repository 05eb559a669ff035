//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

mod auction_day;
mod offline;
mod tidy;
