//! The system as outsiders meet it: a real server, real phones' cores, a real browser.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

mod access;
mod app_crash;
mod architecture;
mod auction_day;
mod bid_signatures;
mod bids;
mod caller_limits;
mod concurrent_bids;
mod console;
mod console_access;
mod console_cookies;
mod db_reconnect;
mod deliveries;
mod first_offers;
mod glossary;
mod hang_ups;
mod hygiene;
mod kill_server;
mod least_privilege;
mod live;
mod lost_records;
mod offline;
mod operators;
mod outages;
mod papers;
mod payments;
mod portal;
mod proof;
mod pull;
mod push_check;
mod pushes;
mod quarantine;
mod references;
mod refusals;
mod sim;
mod slow_clients;
mod strangers;
mod support;
mod suspension;
mod terminal;
mod two_nodes;
mod uploads;
mod verify_log;
