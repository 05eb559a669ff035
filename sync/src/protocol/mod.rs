//! The wire protocol: bodies, answers, frames, limits. JSON; times are Unix microseconds, money is
//! tyiyn, enums are externally tagged, unknown fields of a request are rejected.

pub mod bid;
pub mod catalogue;
pub mod contract;
pub mod deposit;
pub mod eid;
pub mod identity;
pub mod limits;
pub mod live;
pub mod operations;
pub mod passkeys;
pub mod problem;
pub mod pull;
pub mod push_hint;
pub mod revocation;
pub mod signature;
pub mod web_push;
