//! Auctions: bidding, awards, officials' actions and outages.

mod award;
mod bidding;
mod conflict;
mod contract;
mod corrections;
mod error;
mod evidence;
mod growth;
mod heartbeat;
mod losses;
mod notices;
mod number;
mod officials;
mod outage;
pub mod proposals;
mod result;
mod roster;
pub mod routes;
pub mod service;
mod store;
mod trail;
mod winner;

pub use bidding::decide::BidDecider;
pub use bidding::places::QueueSlot;
pub use bidding::queue::QueueLane;
pub use contract::ContractFile;
pub use corrections::Correction;
pub use error::Error;
pub use evidence::SignedAct;
pub use growth::LogGrowth;
pub use heartbeat::BEAT;
pub use losses::LogLoss;
pub use notices::NOTICES_AT_ONCE;
pub use officials::OfficialAction;
pub use service::Service;
pub use winner::{KNOW_WINNERS, Winner};
