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
mod least_privilege;
mod live;
mod offline;
mod outages;
mod payments;
mod proof;
mod pull;
mod refusals;
mod scene;
mod severed;
mod sockets;
mod suspension;
mod tidy;
mod two_nodes;
mod verify_log;
