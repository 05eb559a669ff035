//! Synchronisation: drafts beside other CRDTs.

pub mod drafts;
mod median;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod script;
